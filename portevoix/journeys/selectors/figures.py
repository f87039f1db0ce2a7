"""How many are where in an automation: counted within the territory of who looks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count as Counted
from django.db.models import Q, QuerySet

from portevoix.accounts.types import Actor
from portevoix.journeys.models import Journey, Trip
from portevoix.journeys.types import Standing, Why
from portevoix.people.models import Person


@dataclass
class Count:
    """Of one step: who is there now, who went on, who left there before the end, who was stopped by a fault.

    Who went on is known for all of France only; elsewhere it is not told.
    """

    here: int = 0
    passed: int | None = None
    done: int = 0
    left: int = 0
    failed: int = 0


@dataclass(frozen=True)
class Overview:
    """An automation in the list."""

    journey: Journey
    under_way: int
    done: int
    goal: int
    left: int
    failed: int


_TOLD = {
    "under_way": Q(state=Standing.UNDER_WAY),
    "done": Q(state=Standing.DONE),
    "goal": Q(state=Standing.LEFT, why=Why.GOAL),
    "left": Q(state=Standing.LEFT) & ~Q(why=Why.GOAL),
    "failed": Q(state=Standing.FAILED),
}


def overview(journeys: Iterable[Journey], actor: Actor) -> list[Overview]:
    """Return automations with their figures: one statement for all."""
    counted = Trip.objects.visible_to(actor).order_by().values("journey")
    rows = counted.annotate(**{name: Counted("pk", filter=which) for name, which in _TOLD.items()})
    known = {row[0]: dict(zip(_TOLD, row[1:], strict=True)) for row in rows.values_list("journey", *_TOLD)}
    nothing = dict.fromkeys(_TOLD, 0)
    return [Overview(journey, **known.get(journey.pk, nothing)) for journey in journeys]


def counts(version_id: int, actor: Actor) -> dict[int, Count]:
    """Return the figures of a version's steps, by the row of each."""
    found: dict[int, Count] = {}
    rows = Trip.objects.visible_to(actor).filter(version=version_id).order_by().values_list("step", "state")
    for step, state, number in rows.annotate(number=Counted("pk")):
        one = found.setdefault(step, Count())
        if state == Standing.UNDER_WAY:
            one.here = number
        else:
            setattr(one, Standing(state).value, number)
    return found


def trips_of(person: Person) -> QuerySet[Trip]:
    """Return the runs of a person, those under way first."""
    known = Trip.objects.filter(person=person).select_related("journey", "step__parent", "step__letter", "version")
    return known.order_by("ended_at", "-pk")


def under_way_by_version(journey: Journey, actor: Actor) -> dict[int, int]:
    """Return how many are under way on each version of an automation."""
    rows = Trip.objects.visible_to(actor).under_way().filter(journey=journey).order_by().values_list("version")
    return dict(rows.annotate(number=Counted("pk")))
