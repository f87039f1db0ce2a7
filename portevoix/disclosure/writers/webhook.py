"""Telling an address outside: signed, by TLS, never on the host’s own networks, and following no redirection.

The name is looked up once, and the very address that was looked at is connected to: a name that leads elsewhere the
second time leads nowhere.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import ipaddress
import socket
import ssl
from collections.abc import Sequence
from contextlib import closing
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext

from portevoix.disclosure.exceptions import NotReached

#: How long the other side may take, in all its parts.
SECONDS = 8
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def signature(secret: bytes, moment: int, body: bytes) -> str:
    """Return what proves to the other side who tells, and when: an HMAC over both (as others sign webhooks)."""
    proof = hmac.new(secret, b"%d." % moment + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={proof}"


def idempotency_key(secret: bytes, *parts: object) -> str:
    """Return a word that is the same each time the same thing is told, and that says nothing about it."""
    return hmac.new(secret, " ".join(str(part) for part in parts).encode(), hashlib.sha256).hexdigest()[:40]


def looked_up(url: str) -> tuple[SplitResult, Address]:
    """Return an address in its parts, and where it leads. Raises NotReached for what may not be told."""
    try:
        parts = urlsplit(url)
        port = parts.port or 443
    except ValueError as error:
        raise NotReached(gettext("This is no web address.")) from error
    if not parts.hostname or parts.username or parts.password or parts.fragment:
        raise NotReached(gettext("This is no web address, or it holds a password."))
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise NotReached(gettext("The name of this address is not known.")) from error
    addresses = [ipaddress.ip_address(one[4][0]) for one in found]
    if not addresses or not all(may_be_told(address) for address in addresses):
        raise NotReached(gettext("This address is on a private network: nothing is told there."))
    if parts.scheme != "https" and not (parts.scheme == "http" and all(map(_is_granted, addresses))):
        raise NotReached(gettext("The address begins with https://."))
    return parts, addresses[0]


def may_be_told(address: Address) -> bool:
    """Tell whether an address is one of the public internet, or of a network that the host granted."""
    if _is_granted(address):
        return True
    within = getattr(address, "ipv4_mapped", None) or address
    return bool(within.is_global and not within.is_multicast and not within.is_reserved)


def _is_granted(address: Address) -> bool:
    networks: Sequence[Network] = [ipaddress.ip_network(one) for one in settings.WEBHOOK_NETWORKS]
    return any(address in network for network in networks if network.version == address.version)


def tell(url: str, body: bytes, headers: dict[str, str]) -> int:
    """Post ``body`` and return the answer’s number. Raises NotReached when there is none."""
    parts, address = looked_up(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        with closing(_line(parts, address)) as line:
            line.request("POST", path, body, headers)
            return line.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise NotReached(gettext("The address did not answer.")) from error


def _line(parts: SplitResult, address: Address) -> http.client.HTTPConnection:
    host = parts.hostname or ""
    if parts.scheme == "http":
        line = http.client.HTTPConnection(host, parts.port or 80, timeout=SECONDS)
        line.sock = socket.create_connection((str(address), parts.port or 80), SECONDS)
        return line
    secured = http.client.HTTPSConnection(host, parts.port or 443, timeout=SECONDS)
    plain = socket.create_connection((str(address), parts.port or 443), SECONDS)
    secured.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=host)
    return secured
