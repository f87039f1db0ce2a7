"""All that is known, behind one object: a question whose list is missing is answered by « unknown »."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from importlib import metadata
from typing import Any, Protocol
from urllib.parse import urlsplit

from portevoix.auditor.engine.knowledge.cookies import CookieDatabase
from portevoix.auditor.engine.knowledge.law import Law, Owner
from portevoix.auditor.engine.knowledge.lists import ADGUARD, COOKIES, COUNTRIES, DEBIAN, Lists
from portevoix.auditor.engine.knowledge.ranges import Network

#: Trades that follow people. Social widgets and chats are told of as third parties: the lists name their trackers.
TRACKING = {"ad", "analytics", "marketing"}
KINDS = {"xhr": "xmlhttprequest", "fetch": "xmlhttprequest", "beacon": "ping"}


class Engine(Protocol):
    """The part of adblock that is used."""

    def check_network_urls(self, url: str, source_url: str, request_type: str) -> Any: ...


#: Names of cookies come from a table of our own, then from an open database: reports say of which day and version.
OWN_COOKIES, OPEN_COOKIES = "cookie-names", "open-cookie-database"


@dataclass(frozen=True, slots=True)
class Entity:
    """Who a host belongs to, by third-party-web."""

    name: str
    categories: tuple[str, ...]


@dataclass
class Knowledge:
    """The lists that are there, and the tables."""

    lists: Lists
    law: Law = field(default_factory=Law.read)

    # ---- which lists

    @cached_property
    def versions(self) -> dict[str, str]:
        """Return the lists in use with their version or date."""
        told = {
            name: self.lists.npm_version(name)
            for name in ("third-party-web", "@duckduckgo/autoconsent", "@ip-location-db/asn")
        }
        told["publicsuffixlist"] = metadata.version("publicsuffixlist")
        told["adblock"] = _version("adblock")
        told |= self._of_debian() | self._elsewhere()
        told["tables"] = str(self.law.adequacy["checked_on"])
        own = {OWN_COOKIES: str(self.law.cookies["checked_on"])}
        if self.lists.cookies():
            own[OPEN_COOKIES] = f"{COOKIES} {self.lists.npm_version(COOKIES)}"
        return {name: version for name, version in told.items() if version} | own

    def _of_debian(self) -> dict[str, str]:
        """Return the day of each list of Debian's: the package keeps the one on which its authors made it."""
        files = {path.name: path for package in DEBIAN for path in self.lists.of_debian(package)}
        days = {name: datetime.fromtimestamp(path.stat().st_mtime, UTC).date() for name, path in files.items()}
        return {{"geoip": "tor-geoipdb"}.get(name, name): str(day) for name, day in days.items() if name != "geoip6"}

    def _elsewhere(self) -> dict[str, str]:
        """Return the version of what stands in for them."""
        told: dict[str, str] = {}
        if not self.lists.of_debian("webext-ublock-origin-chromium") and self.lists.trackers():
            told[ADGUARD] = self.lists.npm_version(ADGUARD)
        if len(self.lists.countries()) > 1:
            told |= {name: self.lists.npm_version(name) for name in COUNTRIES}
        return told

    @cached_property
    def missing(self) -> dict[str, str]:
        """Return the lists that are not there, with what is unknown without them."""
        needs = {
            "third-party-web": "companies",
            "@duckduckgo/autoconsent": "banners",
            "@ip-location-db/asn": "networks",
        }
        told = {name: what for name, what in needs.items() if name not in self.versions}
        if not self.lists.trackers():
            told |= {"easylist.txt": "trackers", "easyprivacy.txt": "trackers"}
        elif self.engine is None:
            told["adblock"] = "trackers"
        if not self.lists.countries():
            told["tor-geoipdb"] = "countries"
        if not self.open_cookies.rows:
            told[OPEN_COOKIES] = "cookies"
        return told

    @property
    def knows_trackers(self) -> bool:
        return self.engine is not None

    # ---- trackers

    @cached_property
    def engine(self) -> Engine | None:
        """Load the lists of filters into the engine; None without them, or without it."""
        files = self.lists.trackers()
        try:
            import adblock
        except ImportError:
            return None
        if not files:
            return None
        filters = adblock.FilterSet(debug=True)
        for path in files:
            filters.add_filter_list(path.read_text("utf-8"), rule_types="networkonly")
        engine: Engine = adblock.Engine(filters)
        return engine

    def filter_for(self, url: str, page: str, kind: str) -> str:
        """Return the lists' filter that matches a request, empty when none does."""
        if self.engine is None or not url.startswith(("http", "ws")):
            return ""
        found = self.engine.check_network_urls(url, page or url, KINDS.get(kind, kind))
        return (str(found.filter or "") or "filter") if found.matched else ""

    @cached_property
    def _entities(self) -> dict[str, Entity]:
        folder = self.lists.npm("third-party-web")
        path = next((one for one in sorted(folder.rglob("entities-nostats.json"))), None) if folder else None
        rows: Iterable[dict[str, Any]] = json.loads(path.read_text("utf-8")) if path else ()
        return {
            domain.removeprefix("*."): Entity(row["name"], tuple(filter(None, (row.get("category"),))))
            for row in rows
            for domain in row.get("domains", ())
        }

    def entity(self, host: str) -> Entity | None:
        """Return the entity of a host: its own row, else that of the domain above."""
        parts = host.lower().split(".")
        for at in range(len(parts) - 1):
            if found := self._entities.get(".".join(parts[at:])):
                return found
        return None

    @cached_property
    def open_cookies(self) -> CookieDatabase:
        """Return what the open database says of cookies' names; nothing without it."""
        return CookieDatabase.read(self.lists.cookies())

    # ---- companies and places

    def owner(self, host: str, *, address: str = "") -> Owner | None:
        """Return who runs a host: by its name, by the lists' name for it, by its network."""
        if found := self.law.owner_of_host(host):
            return found
        entity = self.entity(host)
        if entity is not None and (named := self.law.owner_called(entity.name)):
            return named
        asn, _name = self.network(address)
        return self.law.owner_of_network(asn) if asn else None

    @cached_property
    def _countries(self) -> tuple[Network, ...]:
        return tuple(Network(four, six) for four, six in self.lists.countries())

    @cached_property
    def _networks(self) -> Network | None:
        found = self.lists.ranges("@ip-location-db/asn")
        return Network(*found) if found else None

    def country(self, address: str) -> str:
        """Return the country of an address; empty where it is none (« EU », anycast), or where two lists disagree."""
        rows = [one.find(address) for one in self._countries] if address else []
        told = {row[2] if row else "" for row in rows}
        code = told.pop() if len(told) == 1 else ""
        return "" if code in {"", "??", "EU", "AP", "A1", "A2", "T1", "ZZ"} else code

    def network(self, address: str) -> tuple[int, str]:
        """Return the autonomous system of an address and what it is called."""
        if not address or self._networks is None:
            return 0, ""
        row = self._networks.find(address)
        return (int(row[2]), row[3] if len(row) > 3 else "") if row else (0, "")

    def kind(self, url: str) -> str:
        """Return what a receiver is for: our own table first, then third-party-web."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        if told := self.law.host_kind(host, parts.path):
            return told
        entity = self.entity(host)
        return entity.categories[0] if entity and entity.categories else ""

    def follows(self, host: str) -> bool:
        """Tell whether third-party-web puts a host among those that advertise, count or follow."""
        entity = self.entity(host)
        return entity is not None and bool(TRACKING & set(entity.categories))


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
