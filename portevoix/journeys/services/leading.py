"""The command that leads people on, step by step, a portion a transaction: the act and its mark are one."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor
from portevoix.journeys import selectors
from portevoix.journeys.exceptions import CannotAct
from portevoix.journeys.models import Journey, Step, Trip
from portevoix.journeys.rules import moments
from portevoix.journeys.types import ACTIONS, CONDITION, LEAVE, WAIT, Standing, Why
from portevoix.kernel import clock
from portevoix.segments.exceptions import InvalidTree

logger = logging.getLogger(__name__)
#: People led on by one transaction.
PORTION = 5_000

# Each statement takes the numbers that the one before gave: a wave has just come in, the planner's statistics still say
# that nobody is there, and it would read a list of thousands once for each of another.
DUE = """
SELECT id, person_id FROM journeys_trip
WHERE step_id = %s AND state = 'under_way' AND due_at <= %s ORDER BY due_at LIMIT %s
"""
# The person first, as merging and erasing do; whoever is held by another is left for the next time.
HOLD = """
SELECT id, restricted_at IS NOT NULL FROM people_person WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
"""
CLAIM = """
SELECT trip.id, trip.person_id FROM unnest(%s::bigint[]) AS due (id) JOIN journeys_trip trip ON trip.id = due.id
WHERE trip.step_id = %s AND trip.state = 'under_way' FOR UPDATE OF trip SKIP LOCKED
"""
# What was done once in this run is never done again, whoever died in the middle of it.
MARK = """
INSERT INTO journeys_mark (trip_id, key, kind, at) SELECT trip, %s, %s, %s FROM unnest(%s::bigint[]) AS trip
ON CONFLICT DO NOTHING RETURNING trip_id
"""


@dataclass
class _Portion:
    """The people of one step whose turn it is: runs by person."""

    step: Step
    trips: dict[int, int]
    #: Whose data is kept and not used (RGPD art. 18).
    restricted: list[int]

    def ids(self, people: Sequence[int] | set[int]) -> list[int]:
        return [self.trips[person] for person in people if person in self.trips]

    def without(self, people: Sequence[int] | set[int]) -> None:
        gone = set(people)
        self.trips = {person: trip for person, trip in self.trips.items() if person not in gone}


@command("journeys.advance", label=_("Lead people on in an automation"))
def advance(step: Step, *, portion: int = PORTION, actor: Actor) -> int:
    """Do a step for those whose turn it is, a portion of them, and lead them to the next; return how many it was.

    What is done for somebody is marked in the same transaction, so that it is done once. Whoever is restricted, or
    has reached the goal, leaves first. Where a question asks about what is gone, people stop, and can be led on when
    that is mended.
    """
    version = step.version
    now = clock.now()
    note(about=version.journey, count=0, step=step.key)
    action = ACTIONS.get(step.kind)
    is_quiet = moments.is_quiet(now, version.quiet_from, version.quiet_until)
    if (action and action.keeps_quiet and is_quiet) or not Journey.objects.live().filter(pk=version.journey_id):
        return 0
    taken = _claim(step, portion, now)
    number = len(taken.trips)
    if number:
        try:
            _let_leave(taken)
            _do(taken, actor)
        except InvalidTree:
            _stop(taken)
    note(count=number)
    return number


def _claim(step: Step, portion: int, now: datetime) -> _Portion:
    """Take those whose turn it is, and whom nobody else holds."""
    with connection.cursor() as cursor:
        cursor.execute(DUE, [step.pk, now, portion])
        due = cursor.fetchall()
        cursor.execute(HOLD, [[person for _trip, person in due]])
        held = dict(cursor.fetchall())
        # Read again: whoever held a person until now may have moved or ended their run, or given it to another.
        cursor.execute(CLAIM, [[trip for trip, person in due if person in held], step.pk])
        taken = {person: trip for trip, person in cursor.fetchall() if person in held}
    return _Portion(step, taken, [person for person in taken if held[person]])


def _let_leave(taken: _Portion) -> None:
    """End the runs of whom the platform may lead no further, and of whom it need not."""
    _end(taken, taken.restricted, Standing.LEFT, Why.RESTRICTED)
    if taken.step.version.goal and taken.trips:
        arrived = selectors.people_who(taken.step.version.goal).filter(pk__in=list(taken.trips))
        _end(taken, list(arrived.order_by().values_list("pk", flat=True)), Standing.LEFT, Why.GOAL)


def _do(taken: _Portion, actor: Actor) -> None:
    step = taken.step
    if not taken.trips:
        return
    if step.kind == LEAVE:
        _end(taken, list(taken.trips), Standing.LEFT, Why.STEP)
    elif step.kind == CONDITION:
        found = selectors.people_who(step.said.get("tree")).filter(pk__in=list(taken.trips))
        holds = set(found.order_by().values_list("pk", flat=True))
        _go_on(taken, holds, step.next)
        _go_on(taken, set(taken.trips) - holds, step.otherwise)
    else:
        if step.kind != WAIT:
            _act(taken, actor)
        _go_on(taken, set(taken.trips), step.next)


def _act(taken: _Portion, actor: Actor) -> None:
    """Do what the step does for whom it was never done; whoever it cannot be done for stops here, and can be seen."""
    step = taken.step
    try:
        with transaction.atomic():
            action = ACTIONS.get(step.kind)
            if action is None:
                raise CannotAct(step.kind)
            with connection.cursor() as cursor:
                cursor.execute(MARK, [step.key, step.kind, clock.now(), sorted(taken.trips.values())])
                fresh = {trip for (trip,) in cursor.fetchall()}
            people = sorted(person for person, trip in taken.trips.items() if trip in fresh)
            did = action.do(step, people, actor=actor) if people else None
    except CannotAct:
        _stop(taken)
        return
    for why, gone in did.left.items() if did else ():
        _end(taken, list(gone), Standing.LEFT, why)


def _stop(taken: _Portion) -> None:
    step = taken.step
    logger.exception("step %d of the automation %d cannot be done", step.key, step.version.journey_id)
    _end(taken, list(taken.trips), Standing.FAILED, Why.FAULT)


def _go_on(taken: _Portion, people: set[int], following: Step | None) -> None:
    ids, now = taken.ids(people), clock.now()
    if not ids:
        return
    runs = Trip.objects.filter(pk__in=ids)
    if following is None:
        runs.update(state=Standing.DONE, ended_at=now)
    else:
        runs.update(step=following, since=now, due_at=selectors.due_at(following, taken.step.version, now))
    Step.objects.filter(pk=taken.step.pk).update(passed=F("passed") + len(ids))


def _end(taken: _Portion, people: list[int], state: Standing, why: Why) -> None:
    if people:
        Trip.objects.filter(pk__in=taken.ids(people)).update(state=state, why=why, ended_at=clock.now())
        taken.without(people)
