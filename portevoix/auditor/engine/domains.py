"""Which names belong together: the registrable domain, by Mozilla's public suffix list."""

from __future__ import annotations

import ipaddress
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList


@cache
def _suffixes() -> PublicSuffixList:
    # Imported when asked: reports are read where the packages that make them are not installed.
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()


@cache
def registrable(host: str) -> str:
    """Return ``example.org`` for ``www.example.org``; an address or a bare suffix stays as it is."""
    host = host.strip(".").lower()
    try:
        return str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        return _suffixes().privatesuffix(host) or host


def is_this_machine(host: str) -> bool:
    """Tell whether a host is the very machine that looks: what goes there travels nowhere."""
    name = host.strip(".[]").lower()
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def full_address(typed: str) -> str:
    """Return an address with its scheme; what has none is asked for by HTTPS."""
    return typed if urlsplit(typed).scheme in {"http", "https"} else f"https://{typed}"
