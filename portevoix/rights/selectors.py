"""Reads about grounds: the words in use, and everything held about a person."""

from __future__ import annotations

from typing import Any

from portevoix.people.models import Person
from portevoix.rights.models import Wording
from portevoix.rights.purposes import WORDINGS, Purpose
from portevoix.rights.types import HANDLERS


def current_wording(purpose: Purpose, language: str) -> Wording:
    """Return the words now in use for a purpose, making a new version when the text has changed."""
    texts = WORDINGS[purpose]
    language = language if language in texts else "fr"
    latest = Wording.objects.filter(purpose=purpose, language=language).order_by("-version").first()
    if latest is not None and latest.text == texts[language]:
        return latest
    wording, _made = Wording.objects.get_or_create(
        purpose=purpose,
        language=language,
        version=latest.version + 1 if latest else 1,
        defaults={"text": texts[language]},
    )
    return wording


def everything_about(person: Person) -> dict[str, list[dict[str, Any]]]:
    """Return what the campaign holds on a person, by table (RGPD art. 15)."""
    return {name: handler.export(person.pk) for name, handler in HANDLERS.items()}


def counts_about(person: Person) -> list[tuple[str, int]]:
    """Return how many rows the campaign holds on a person, by the name of the table, empty tables apart."""
    counts = [
        (str(handler.model._meta.verbose_name_plural), handler.rows(person.pk).count())
        for _name, handler in HANDLERS.items()
    ]
    return [(name, count) for name, count in counts if count]
