"""The Open Cookie Database: whose cookie a name is, and whether it is said to count or to follow.

Its rows are strangers' word: one that names a domain is believed of that domain; a name alone makes doubt, no verdict.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLLOWS = {"Marketing", "Analytics"}
DOMAIN = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")
#: A shorter name alone, or one bare word, may be anybody's; one that speaks of a choice keeps it.
LONG, WORD = 6, re.compile(r"[a-z]+")
CHOICE = re.compile(r"consent|opt_?(?:in|out)|ignore|privacy|tc_?data", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """A cookie that counts or follows; without hosts, one that is set on any site."""

    name: str
    is_beginning: bool
    hosts: tuple[str, ...]
    whose: str

    @property
    def says_enough(self) -> bool:
        """Tell whether the name alone, on any site, makes one think of its owner."""
        bare = len(self.name) < LONG or WORD.fullmatch(self.name)
        return not (self.hosts or bare or CHOICE.search(self.name))

    def is_called(self, name: str) -> bool:
        return name.startswith(self.name) if self.is_beginning else name == self.name


@dataclass(frozen=True)
class CookieDatabase:
    """Its rows that count or follow."""

    rows: tuple[Row, ...] = ()

    @classmethod
    def read(cls, path: Path | None) -> CookieDatabase:
        """Read the file of the database; without one nothing is known."""
        return cls(tuple(_rows(path)) if path else ())

    def follower(self, name: str, host: str, *, is_own: bool) -> str:
        """Return whose cookie this is said to be, if it counts or follows: on the site itself, or at its owner’s."""
        found = (row for row in self.rows if row.is_called(name))
        if is_own:
            return next((row.whose for row in found if row.says_enough), "")
        return next((row.whose for row in found if any(f".{host}".endswith(f".{one}") for one in row.hosts)), "")


def _rows(path: Path) -> Iterator[Row]:
    for group, rows in json.loads(path.read_text("utf-8")).items():
        for row in rows:
            name, domain = str(row.get("cookie", "")), str(row.get("domain", "")).lower()
            if name and row.get("category") in FOLLOWS:
                hosts = () if "1st" in domain else tuple(DOMAIN.findall(domain))
                is_beginning = row.get("wildcardMatch") == "1" or name[-1] in "_-."
                yield Row(name, is_beginning, hosts, str(row.get("dataController") or group))
