"""Reads that shape the screens about persons."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate
from django.utils.formats import date_format

from portevoix.accounts.types import Actor
from portevoix.kernel import clock
from portevoix.kernel.charts import Bar
from portevoix.people.models import Interaction, Person
from portevoix.people.types import Kind

#: Lists say « more than » beyond: nobody turns two hundred pages, and counting a million takes a second.
MOST_COUNTED = 10_000
#: Interactions shown at a time.
TIMELINE = 30


def timeline(person: Person, before: int | None) -> tuple[list[Interaction], int | None]:
    """Return the latest interactions, and where the older ones begin if there are any.

    ``before`` is an interaction: those that follow it on the timeline are returned.
    """
    told = person.interactions.all()
    if before is not None and (mark := told.filter(pk=before).first()):
        told = told.filter(at__lte=mark.at).exclude(at=mark.at, pk__gte=mark.pk)
    found = list(told[: TIMELINE + 1])
    return found[:TIMELINE], found[TIMELINE - 1].pk if len(found) > TIMELINE else None


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
