"""Which names belong together: the registrable domain, by Mozilla's public suffix list."""

from __future__ import annotations

import ipaddress
from functools import cache

from publicsuffixlist import PublicSuffixList


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


@cache
def registrable(host: str) -> str:
    """Return ``example.org`` for ``www.example.org``; an address or a bare suffix stays as it is."""
    host = host.strip(".").lower()
    try:
        return str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        return _suffixes().privatesuffix(host) or host
