"""Whether there is anything to do: asked before each act, so that the journal holds no line of nothing."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection

from portevoix.journeys.models import Call, Horizon, Journey, Step, Trip
from portevoix.journeys.rules import moments
from portevoix.journeys.selectors.people import fixed_moment
from portevoix.journeys.types import ACTIONS, OF_BECOMING, OF_THE_SPINE, CallState, State, Trigger
from portevoix.kernel import clock
from portevoix.people.models import Person

#: How often who is there is compared with who was.
LOOKS_EVERY = timedelta(minutes=5)
LAST_LINE = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM people_interaction_id_seq"


def last_line() -> int:
    """Return the last number that the spine gave out."""
    with connection.cursor() as cursor:
        cursor.execute(LAST_LINE)
        return int(cursor.fetchone()[0])


def settled() -> int | None:
    """Return how far the spine can be read when nothing came since it was last looked at; None when something did."""
    horizon = Horizon.objects.first()
    return horizon.settled if horizon and horizon.settled == horizon.ahead == last_line() else None


def wants_a_look(journey: Journey, until: int) -> bool:
    """Tell whether somebody could enter an automation now."""
    version = journey.live
    if version is None:
        return False
    now = clock.now()
    if version.trigger in OF_THE_SPINE:
        return journey.cursor < until
    if version.trigger in OF_BECOMING:
        return journey.looked_at is None or now - journey.looked_at >= LOOKS_EVERY
    if version.trigger == Trigger.DAY:
        day = fixed_moment(version)
        return now >= day and (journey.looked_on is None or journey.looked_on < day.astimezone(clock.PARIS).date())
    return bool(moments.days_to_look_at(journey.looked_on, now, version.said.get("hour", 0)))


def is_due(step: Step) -> bool:
    """Tell whether it is somebody's turn at a step; where the step makes a noise, not in the quiet hours."""
    action, version, now = ACTIONS.get(step.kind), step.version, clock.now()
    if action and action.keeps_quiet and moments.is_quiet(now, version.quiet_from, version.quiet_until):
        return False
    return Trip.objects.under_way().filter(step=step, due_at__lte=now).exists()


def must_leave() -> bool:
    """Tell whether somebody who is restricted is on an automation."""
    return Trip.objects.under_way().filter(person__in=Person.objects.restricted().values("pk")).exists()


def are_left_behind() -> bool:
    """Tell whether somebody is on an automation that was archived."""
    return Trip.objects.under_way().filter(journey__state=State.ARCHIVED).exists()


def waits_to_be_told() -> bool:
    """Tell whether an address is to be told something now."""
    return Call.objects.filter(state=CallState.WAITING, due_at__lte=clock.now(), address__ended_at=None).exists()
