"""The dated files about countries: the auditor's own, so that a site and a register are judged alike."""

from __future__ import annotations

import tomllib
from functools import cache

from django.utils.translation import get_language

from portevoix.auditor.engine.knowledge.tables import TABLES
from portevoix.registers.types import Countries


@cache
def countries() -> Countries:
    """Read the files, once a process."""
    law = tomllib.loads((TABLES / "adequacy.toml").read_text("utf-8"))
    names = tomllib.loads((TABLES / "countries.toml").read_text("utf-8"))
    return Countries(
        checked_on=law["checked_on"],
        source=law["source"],
        names={code: (french, english) for code, (french, english) in names.items()},
        eea=frozenset(law["eea"]),
        adequate=law["adequate"],
        reach={code: about["law"] for code, about in law["reach"].items()},
    )


def name_of(code: str) -> str:
    """Return a country's name in the language now in use; an unknown code stays as it is."""
    both = countries().names.get(code.upper())
    if both is None:
        return code
    return both[0] if (get_language() or "fr").startswith("fr") else both[1]


def named() -> list[tuple[str, str]]:
    """Return every country to choose from, those of the European Economic Area first."""
    eea = countries().eea
    return sorted(((code, name_of(code)) for code in countries().names), key=lambda pair: (pair[0] not in eea, pair[1]))
