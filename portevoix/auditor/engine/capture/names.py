"""Names to addresses, with the aliases on the way: a tracker behind a name of the site's own is told by them."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import dns.asyncresolver
import dns.exception
import dns.rdatatype
import dns.resolver

SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Answer:
    """Where a name leads. ``dial`` is where a rehearsal really connects, instead of ``addresses``."""

    addresses: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    dial: tuple[str, int] | None = None


class Unresolved(Exception):
    """A name that leads nowhere."""


class Resolver(Protocol):
    async def resolve(self, host: str) -> Answer: ...
    async def records(self, domain: str, kind: str) -> tuple[str, ...] | None: ...


def is_public(address: str) -> bool:
    """Tell whether an address is one of the open internet: not this machine, nor a private network, nor reserved."""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo or (None, None))[1]
        if inner is not None:
            return is_public(str(inner))
        if found in ipaddress.ip_network("64:ff9b::/96"):  # NAT64: the address inside is the one reached
            return is_public(str(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)))
    return found.is_global and not found.is_multicast


class SystemResolver:
    """The machine's own name servers."""

    def __init__(self) -> None:
        self._resolver = dns.asyncresolver.Resolver()
        self._resolver.lifetime = SECONDS
        self._kept: dict[str, Answer] = {}

    async def resolve(self, host: str) -> Answer:
        """Return the addresses of a host and the aliases followed; addresses are their own answer."""
        host = host.rstrip(".").lower()
        if (literal := _literal(host)) is not None:
            return Answer((literal,))
        if host not in self._kept:
            self._kept[host] = await self._asked(host)
        return self._kept[host]

    async def _asked(self, host: str) -> Answer:
        if host == "localhost" or host.endswith(".localhost"):
            return Answer(("127.0.0.1",))
        four, six = await asyncio.gather(self._one(host, "A"), self._one(host, "AAAA"))
        addresses = (*four.addresses, *six.addresses)
        if not addresses:
            raise Unresolved(host)
        return Answer(addresses, four.aliases or six.aliases)

    async def _one(self, host: str, kind: str) -> Answer:
        try:
            found = await self._resolver.resolve(host, kind)
        except dns.exception.DNSException:
            return Answer(())
        aliases = [
            str(row.target).rstrip(".").lower()
            for rrset in found.response.answer
            if rrset.rdtype == dns.rdatatype.CNAME
            for row in rrset
        ]
        return Answer(tuple(row.address for row in found), tuple(aliases))

    async def records(self, domain: str, kind: str) -> tuple[str, ...] | None:
        """Return NS, MX or TXT records; empty when there are none, None when nobody could tell."""
        try:
            found = await self._resolver.resolve(domain, kind)
        except (dns.resolver.NoAnswer, dns.resolver.NXDOMAIN):
            return ()
        except dns.exception.DNSException:
            return None
        return tuple(sorted(_plain(row) for row in found))


def _plain(row: Any) -> str:
    """Return a record in words; the strings of a TXT record follow one another without a gap (RFC 7208, 3.3)."""
    if (strings := getattr(row, "strings", None)) is not None:
        return b"".join(strings).decode("utf-8", "replace")
    return str(row.to_text()).rstrip(".")


class TableResolver:
    """Names from a table: for rehearsals, and for sites that are not published yet."""

    def __init__(self, table: dict[str, Answer], records: dict[tuple[str, str], tuple[str, ...]] | None = None) -> None:
        self.table = table
        self.texts = records or {}

    @classmethod
    def read(cls, path: Path) -> TableResolver:
        """Read ``{"host": {"addresses": […], "aliases": […], "dial": "127.0.0.1:8443"}}``; ``records`` by "NS name"."""
        told = json.loads(path.read_text("utf-8"))
        records = told.pop("records", {})
        table = {}
        for host, row in told.items():
            place, _colon, port = row.get("dial", "").rpartition(":")
            dial = (place, int(port)) if place else None
            table[host] = Answer(tuple(row["addresses"]), tuple(row.get("aliases", ())), dial)
        return cls(table, {(key.split()[1], key.split()[0]): tuple(rows) for key, rows in records.items()})

    async def resolve(self, host: str) -> Answer:
        host = host.rstrip(".").lower()
        with contextlib.suppress(KeyError):
            return self.table[host]
        if (literal := _literal(host)) is not None:
            return Answer((literal,))
        raise Unresolved(host)

    async def records(self, domain: str, kind: str) -> tuple[str, ...] | None:
        return self.texts.get((domain, kind))


def _literal(host: str) -> str | None:
    try:
        return str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        return None
