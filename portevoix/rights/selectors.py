"""Reads about grounds: the words in use, and everything held about a person."""

from __future__ import annotations

from typing import Any

from portevoix.journal.models import Entry
from portevoix.journal.types import Outcome
from portevoix.people.models import Person
from portevoix.rights.models import Wording
from portevoix.rights.purposes import WORDINGS, Purpose
from portevoix.rights.rules import Receipt
from portevoix.rights.types import HANDLERS, Break, Fault


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


def last_verification() -> Entry | None:
    """Return the journal's line of the last verification of the ledger."""
    return Entry.objects.filter(command="rights.verify", outcome=Outcome.DONE).order_by("-id").first()


def break_of(verification: Entry) -> Break | None:
    """Return the break that a verification found."""
    told = verification.detail
    return Break(told["broken"], Fault(told["why"])) if "broken" in told else None


def last_receipt() -> Receipt | None:
    """Return the last receipt that a verification found whole: the journal keeps them apart from the ledger."""
    lines = Entry.objects.filter(command="rights.verify", outcome=Outcome.DONE).exclude(detail__has_key="broken")
    line = lines.order_by("-id").first()
    return Receipt.read(line.detail["receipt"]) if line else None
