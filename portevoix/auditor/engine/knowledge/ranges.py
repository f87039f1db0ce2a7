"""From an address to a country or a network: sorted text files, searched where they lie, never loaded."""

from __future__ import annotations

import ipaddress
import mmap
from collections.abc import Callable
from pathlib import Path


class Ranges:
    """A file of ``start,end,…`` lines in order. A look-up reads some twenty lines, whatever the size."""

    def __init__(self, path: Path, key: Callable[[str], int]) -> None:
        with path.open("rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._key = key
        self._first = self._start()

    def find(self, number: int) -> list[str] | None:
        """Return the fields of the line whose range holds ``number``."""
        low, high = self._first, len(self._map)
        best: list[str] | None = None
        while low < high:
            middle = (low + high) // 2
            at = self._map.rfind(b"\n", self._first, middle) + 1 or self._first
            end = self._map.find(b"\n", at)
            end = len(self._map) if end < 0 else end
            fields = _fields(self._map[at:end])
            if len(fields) >= 3 and self._key(fields[0]) <= number:
                best, low = fields, end + 1
            else:
                high = at
        return best if best is not None and number <= self._key(best[1]) else None

    def _start(self) -> int:
        at = 0
        while self._map[at : at + 1] == b"#":
            at = self._map.find(b"\n", at) + 1
        return at


def _fields(line: bytes) -> list[str]:
    text = line.decode("utf-8", "replace").strip()
    fields = text.split(",", 3)
    return [field.strip('"') for field in fields]


def plain_number(text: str) -> int:
    return int(text) if text.isdigit() else int(ipaddress.ip_address(text))


class Network:
    """The two families of one data set."""

    def __init__(self, four: Path, six: Path) -> None:
        self._four, self._six = Ranges(four, plain_number), Ranges(six, plain_number)

    def find(self, address: str) -> list[str] | None:
        """Return what the data set says of an address."""
        found = ipaddress.ip_address(address)
        return (self._four if found.version == 4 else self._six).find(int(found))
