"""Reads about grounds: the words in use, and everything held about a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from portevoix.journal.models import Entry
from portevoix.journal.types import Outcome
from portevoix.people.models import Person
from portevoix.rights.models import Ground, Wording
from portevoix.rights.purposes import OPTIONAL, WORDINGS, Purpose
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
        for _label, handler in HANDLERS.items()
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


@dataclass(frozen=True)
class Choice:
    """Something a person chose, as they are told of it."""

    at: datetime
    purpose: str
    said: str
    is_given: bool
    wording: str


def choices_of(person: Person) -> list[Choice]:
    """Return what a person gave, refused and took back, the latest first (RGPD art. 15)."""
    found: list[Choice] = []
    for ground in Ground.objects.filter(person=person, purpose__in=OPTIONAL).select_related("wording"):
        name = ground.get_purpose_display()
        if ground.given_at != ground.withdrawn_at:
            words = ground.wording.text if ground.wording else ""
            found.append(Choice(ground.given_at, name, ground.get_basis_display(), is_given=True, wording=words))
        if ground.withdrawn_at is not None:
            said = _("refused") if ground.given_at == ground.withdrawn_at else _("withdrawn")
            found.append(Choice(ground.withdrawn_at, name, said, is_given=False, wording=""))
    return sorted(found, key=lambda choice: choice.at, reverse=True)
