"""Asks other sites whether an address of theirs answers: only what an author asked for, and never a machine of our own.

The name is looked up once and the connection made to that very address: no private, local or reserved one, whatever the
name says the second time (server-side request forgery). Nothing of the answer is read but its status.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urljoin, urlsplit

from portevoix.mailings.types import Asked

TIMEOUT = 6
MOST = 40
HOPS = 3
AT_ONCE = 8
PORTS = {"http": 80, "https": 443}
#: Who asks, so that their logs say it.
AGENT = "Portevoix link check"
GONE = {404, 410}


class _Refused(Exception):
    """The address is not one that a letter should lead to."""


def is_public(number: str) -> bool:
    """Tell whether an IP address is one of the public Internet."""
    return ipaddress.ip_address(number).is_global


def ask(addresses: Sequence[str], *, may_reach: Callable[[str], bool] = is_public) -> list[Asked]:
    """Ask each address once, the first of them; return what it answered, in order. `may_reach` judges IP addresses."""
    each = list(dict.fromkeys(addresses))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answered = list(pool.map(lambda address: _ask(address, may_reach), each[:MOST]))
    return answered + [Asked(address, 0, "unasked") for address in each[MOST:]]


def _ask(address: str, may_reach: Callable[[str], bool]) -> Asked:
    try:
        status = _follow(address, may_reach)
    except _Refused:
        return Asked(address, 0, "private")
    except (OSError, ssl.SSLError, http.client.HTTPException, ValueError):
        return Asked(address, 0, "silent")
    # Many sites refuse machines: only what says “gone” or fails is dead.
    return Asked(address, status, "gone" if status in GONE else "failing" if status >= 500 else "")


def _follow(address: str, may_reach: Callable[[str], bool]) -> int:
    for _hop in range(HOPS):
        status, onward = _head(address, may_reach)
        if not onward:
            return status
        address = urljoin(address, onward)
    return status


def _head(address: str, may_reach: Callable[[str], bool]) -> tuple[int, str]:
    parts = urlsplit(address)
    if parts.scheme not in PORTS or not parts.hostname:
        raise _Refused
    port = parts.port or PORTS[parts.scheme]
    number = _looked_up(parts.hostname, port)
    if not may_reach(number):
        raise _Refused
    connection = _connection(parts.scheme, parts.hostname, number, port)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("HEAD", target, headers={"User-Agent": AGENT, "Accept": "*/*"})
        answer = connection.getresponse()
        onward = answer.getheader("Location") or "" if answer.status in {301, 302, 303, 307, 308} else ""
        return answer.status, onward
    finally:
        connection.close()


def _looked_up(host: str, port: int) -> str:
    return str(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0])


def _connection(scheme: str, host: str, number: str, port: int) -> http.client.HTTPConnection:
    """Return an open connection to a host by the IP address that was judged. Raises OSError."""
    connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT)
    opened = socket.create_connection((number, port), timeout=TIMEOUT)
    if scheme == "https":
        opened = ssl.create_default_context().wrap_socket(opened, server_hostname=host)
    connection.sock = opened
    return connection
