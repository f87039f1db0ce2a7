"""Reads that shape the screens about persons."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils.formats import date_format
from django.utils.translation import gettext

from portevoix.accounts.types import READERS, Actor
from portevoix.kernel import clock, normalise
from portevoix.kernel.charts import Bar
from portevoix.people.exceptions import OutOfSight, Restricted
from portevoix.people.models import CustomField, Interaction, Person, Relationship
from portevoix.people.types import (
    FORMER_TIES,
    INVERSE,
    KNOWN_COLUMNS,
    POINT_FIELDS,
    Gender,
    Identity,
    Kind,
    RelationKind,
)

#: Lists say « more than » beyond: nobody turns two hundred pages, and counting a million takes a second.
MOST_COUNTED = 10_000
#: The columns of a person that the edit form may change.
IDENTITY = (
    *("first_name", "last_name", "gender", "born_on", "occupation", "postcode", "commune_id", "language"),
    "polling_station",
)
#: Interactions shown at a time.
TIMELINE = 30
#: Notes shown on a record.
NOTES = 100
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def genders_in_use() -> list[str]:
    """Return the words of people's own for their gender, as far as one alone does not bear them, most used first."""
    own = Person.objects.exclude(gender__in=["", *Gender]).values("gender").annotate(number=Count("pk"))
    words = own.filter(number__gte=2).order_by("-number", "gender").values_list("gender", flat=True)
    return [str(gender.label) for gender in Gender] + list(words[:40])


def locked(person: Person, actor: Actor) -> Person:
    """Return the row as it is now, held until the act ends. Raises OutOfSight; Restricted (RGPD art. 18)."""
    try:
        kept = Person.objects.visible_to(actor).select_for_update(of=("self",)).get(pk=person.pk)
    except Person.DoesNotExist:
        raise OutOfSight from None
    if kept.restricted_at and not may_change_restricted(over(actor, kept)):
        raise Restricted
    return kept


def over(actor: Actor, person: Person) -> Actor:
    """Return ``actor`` with no more than the mandates that cover somebody: by the others nothing is theirs to do here.

    For what a screen about one person offers and tells.
    """
    return actor.over((person.commune.departement_id if person.commune else None) or "")


def may_change_restricted(actor: Actor) -> bool:
    """Whether what is only kept (RGPD art. 18) may be written to: by who answers for it there, and by the person."""
    return actor.kind != "staff" or bool(actor.roles & READERS)


def refuse_restricted(person_ids: Iterable[int], actor: Actor) -> None:
    """Raise Restricted where the data of one of these persons is only kept; for acts that hold the rows themselves."""
    if actor.kind != "staff":
        return
    answered_for = Person.objects.visible_to(actor.within(READERS)).order_by().values("pk")
    if Person.objects.restricted().filter(pk__in=list(person_ids)).exclude(pk__in=answered_for).exists():
        raise Restricted


def identity_of(person: Person) -> Identity:
    """Return what the edit form may change of a person, as they are."""
    named = {name: getattr(person, name) for name in IDENTITY}
    return Identity(**named, other_languages=tuple(person.other_languages), custom=dict(person.custom))


def version_of(person: Person) -> str:
    """Return what names the state of a record, the same for whoever reads it: another after each change of it."""
    return hashlib.sha256(f"{person.ref} {person.updated_at.isoformat()}".encode()).hexdigest()[:16]


def point_of(kind: str, row: Any) -> dict[str, Any]:
    """Return what is said of a way to reach somebody: an e-mail address, a number, a postal address."""
    return {name: getattr(row, name) for name in POINT_FIELDS[kind]}


def point_version(kind: str, row: Any) -> str:
    """Return what names the state of a way to reach somebody: another after each change of it."""
    said = json.dumps([row.pk, *point_of(kind, row).values()])
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def timeline(
    person: Person,
    before: int | None,
    *,
    kind: str = "",
    who: str = "",
    since: date | None = None,
    until: date | None = None,
) -> tuple[list[Interaction], int | None]:
    """Return the latest interactions, and where the older ones begin if there are any.

    ``before`` is an interaction: those that follow it on the timeline are returned. ``kind``, ``who`` (part of the
    name of who did it, or of where it comes from) and the days (Paris, both included) narrow them. Read by index from
    a mark: the last page costs what the first does.
    """
    told = person.interactions.all()
    if before is not None and (mark := told.filter(pk=before).first()):
        told = told.filter(at__lte=mark.at).exclude(at=mark.at, pk__gte=mark.pk)
    if kind:
        told = told.filter(kind=kind)
    if who:
        told = told.filter(Q(by__icontains=who) | Q(source__icontains=who))
    if since:
        told = told.filter(at__gte=datetime.combine(since, time.min, clock.PARIS))
    if until:
        told = told.filter(at__lt=datetime.combine(until + timedelta(days=1), time.min, clock.PARIS))
    found = list(told[: TIMELINE + 1])
    return found[:TIMELINE], found[TIMELINE - 1].pk if len(found) > TIMELINE else None


@dataclass(frozen=True)
class Tie:
    """A relationship as it reads from one person's record."""

    pk: int
    said: str
    other: Person


def ties(person: Person, actor: Actor) -> list[Tie]:
    """Return what ties a person to those whom ``actor`` may see, both ways."""
    found = Relationship.objects.about(person).select_related("person", "other")
    seen = set(
        Person.objects.visible_to(actor)
        .filter(pk__in=[pk for tie in found for pk in (tie.person_id, tie.other_id)])
        .values_list("pk", flat=True)
    )
    told = []
    for tie in found:
        is_outward = tie.person_id == person.pk
        other = tie.other if is_outward else tie.person
        if other.pk in seen:
            told.append(Tie(tie.pk, _said(tie.kind, is_outward=is_outward), other))
    return told


def _said(kind: str, *, is_outward: bool) -> str:
    if kind in FORMER_TIES:
        return str(FORMER_TIES[kind])
    return str(RelationKind(kind).label if is_outward else INVERSE[kind])


def own_fields(person: Person) -> list[tuple[str, list[tuple[str, Any]]]]:
    """Return the campaign's own fields that are filled, by group, as labels and values to read."""
    if not person.custom:
        return []
    known = {field.key: field for field in CustomField.objects.filter(key__in=list(person.custom))}
    groups: dict[str, list[tuple[str, Any]]] = {}
    for key, value in person.custom.items():
        field = known.get(key)
        if field is None or field.retired_at is None:
            told = (field.shown_label if field else str(KNOWN_COLUMNS.get(key, key)), spoken(value))
            groups.setdefault(field.group if field else "", []).append(told)
    return [(group, sorted(told, key=lambda one: normalise.sort_key(one[0]))) for group, told in sorted(groups.items())]


def spoken(value: Any) -> Any:
    """Return a value of one of the campaign's own fields as it is read aloud."""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    if isinstance(value, str) and DAY.fullmatch(value):
        with contextlib.suppress(ValueError):
            return date_format(date.fromisoformat(value), "DATE_FORMAT")
    return value


def capped_count(people: QuerySet[Any]) -> int:
    """Count no further than one beyond the most that a list shows."""
    return people.order_by()[: MOST_COUNTED + 1].count()


def signups_per_day(actor: Actor, number: int) -> list[Bar]:
    """Return how many filled the sign-up form in on each of the last days (Paris), of those whom ``actor`` may see."""
    first = clock.today() - timedelta(days=number - 1)
    since = datetime.combine(first, time.min, clock.PARIS)
    signed = Interaction.objects.filter(kind=Kind.SIGNED_UP, at__gte=since)
    if actor.departements is not None:
        signed = signed.filter(person__in=Person.objects.visible_to(actor))
    found = signed.order_by().values_list(TruncDate("at", tzinfo=clock.PARIS)).annotate(Count("pk"))
    counts = dict(found)
    days = [first + timedelta(days=step) for step in range(number)]
    return [Bar(date_format(day, "j F"), counts.get(day, 0)) for day in days]
