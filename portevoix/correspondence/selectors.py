"""Reads of standard letters: in whose words they are."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import translation

from portevoix.correspondence.models import OwnWords, TurnedOn
from portevoix.correspondence.types import LANGUAGES, STANDARDS, Standard, Words
from portevoix.kernel import normalise


@dataclass(frozen=True)
class Line:
    """A standard letter in the list; ``own`` are the languages in which the campaign changed its words."""

    key: str
    standard: Standard
    own: list[str]
    is_on: bool


def lines() -> list[Line]:
    """Return every standard letter, by its name: two queries."""
    own: dict[str, list[str]] = {}
    for key, language in OwnWords.objects.order_by("language").values_list("key", "language"):
        own.setdefault(key, []).append(language)
    on = set(TurnedOn.objects.values_list("key", flat=True))
    found = [
        Line(key, standard, own.get(key, []), key in on or not standard.is_optional)
        for key, standard in STANDARDS.items()
    ]
    return sorted(found, key=lambda line: normalise.sort_key(str(line.standard.label)))


def leaves(key: str) -> bool:
    """Tell whether a letter leaves: always, but for one that the campaign may do without."""
    return not STANDARDS[key].is_optional or TurnedOn.objects.filter(key=key).exists()


def default_words(key: str, language: str) -> Words:
    """Return the product's own words."""
    with translation.override(language):
        return STANDARDS[key].words()


def own_words(key: str, language: str) -> OwnWords | None:
    """Return the campaign's words, if it has some."""
    return OwnWords.objects.filter(key=key, language=spoken(language)).first()


def spoken(language: str) -> str:
    """Return the language in which somebody is written to: theirs, where the product speaks it."""
    base = language.partition("-")[0]
    return base if base in LANGUAGES else LANGUAGES[0]
