"""Commands that follow what happens: up to where the spine is complete, who enters, who leaves by themselves.

Whatever the number of people, each is a few statements; the platform alone does them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor
from portevoix.journeys import selectors
from portevoix.journeys.models import Horizon, Journey, Trip, Version
from portevoix.journeys.rules import moments
from portevoix.journeys.types import OF_A_DAY, OF_BECOMING, OF_THE_SPINE, Standing, Trigger, Why
from portevoix.kernel import clock
from portevoix.people.models import Person

#: Lines of the spine read by one statement.
WINDOW = 50_000
# Whoever took a number holds this lock until the line can be seen, or never will be.
WRITING = """
SELECT DISTINCT virtualtransaction FROM pg_locks
WHERE locktype = 'relation' AND relation = 'people_interaction'::regclass AND mode = 'RowExclusiveLock'
    AND pid <> pg_backend_pid() AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
ENTER = """
INSERT INTO journeys_trip (person_id, journey_id, version_id, step_id, state, why, entered_at, since, due_at)
SELECT id, %s, %s, %s, 'under_way', '', %s, %s, %s FROM ({allowed}) AS allowed (id) WHERE id IN ({found}) ORDER BY id
ON CONFLICT (journey_id, person_id) WHERE state = 'under_way' DO NOTHING
"""
# Who is there and was not; who was and is not.
COMPARE = """
WITH present AS MATERIALIZED (SELECT id FROM ({present}) AS present (id)),
fresh AS (
    INSERT INTO journeys_seen (journey_id, person_id) SELECT %s, id FROM present
    WHERE NOT EXISTS (SELECT FROM journeys_seen seen WHERE seen.journey_id = %s AND seen.person_id = present.id)
    ON CONFLICT DO NOTHING RETURNING person_id
), gone AS (
    DELETE FROM journeys_seen seen WHERE seen.journey_id = %s
    AND NOT EXISTS (SELECT FROM present WHERE present.id = seen.person_id) RETURNING person_id
)
"""


@command("journeys.settle", label=_("See how far the spine can be read"))
def settle(*, actor: Actor) -> int:
    """Return up to which number every line of the spine that will ever be there can be seen.

    Numbers are given before lines can be seen: reading simply on from the last one would pass over whoever was slow.
    """
    horizon, _made = Horizon.objects.select_for_update().get_or_create(pk=1)
    with connection.cursor() as cursor:
        if not _writing(cursor).intersection(horizon.writers):
            horizon.settled = horizon.ahead
            horizon.ahead = selectors.last_line()
            # Asked after the number: whoever took a smaller one and still writes is among them.
            horizon.writers = sorted(_writing(cursor))
            if not horizon.writers:
                horizon.settled = horizon.ahead
    horizon.save()
    note(count=horizon.settled)
    return int(horizon.settled)


def _writing(cursor: Any) -> set[str]:
    cursor.execute(WRITING)
    return {name for (name,) in cursor.fetchall()}


@command("journeys.take_in", label=_("Take people into an automation"))
def take_in(journey_id: int, *, until: int, window: int = WINDOW, actor: Actor) -> bool:
    """Let enter to whom what starts an automation happened; return whether there is more to read.

    ``until`` is how far the spine can be read. Raises InvalidTree when a segment asks about what is gone.
    """
    journey = Journey.objects.locked(journey_id)
    version = journey.live
    note(about=journey, count=0)
    if not journey.is_running or version is None or not selectors.wants_a_look(journey, until):
        return False
    if version.trigger in OF_THE_SPINE:
        return _read_on(journey, version, until, window)
    if version.trigger in OF_BECOMING:
        _compare(journey, version)
    elif version.trigger in OF_A_DAY:
        _look_at_the_day(journey, version)
    return False


def _read_on(journey: Journey, version: Version, until: int, window: int) -> bool:
    end = min(until, journey.cursor + window)
    note(count=_enter(version, "", [], *_sql(selectors.of_the_spine(version, journey.cursor, end))))
    journey.cursor = end
    journey.save(update_fields=["cursor"])
    return end < until


def _compare(journey: Journey, version: Version) -> None:
    sql, values = _sql(selectors.there_now(version).order_by().values("pk"))
    known = COMPARE.format(present=sql)
    moved = "gone" if version.trigger == Trigger.SEGMENT_OUT else "fresh"
    found = f"SELECT person_id FROM {moved}"  # noqa: S608  # one of two words above
    note(count=_enter(version, known, [*values, journey.pk, journey.pk, journey.pk], found, []))
    journey.looked_at = clock.now()
    journey.save(update_fields=["looked_at"])


def _look_at_the_day(journey: Journey, version: Version) -> None:
    now = clock.now()
    if version.trigger == Trigger.DAY:
        days = [selectors.fixed_moment(version).astimezone(clock.PARIS).date()]
    else:
        days = moments.days_to_look_at(journey.looked_on, now, version.said.get("hour", 0))
    note(count=_enter(version, "", [], *_sql(selectors.on_days(version, days).order_by().values("pk"))))
    journey.looked_on = days[-1]
    journey.save(update_fields=["looked_on"])


def _enter(version: Version, known: str, known_values: Sequence[Any], found: str, values: Sequence[Any]) -> int:
    """Let ``found`` enter a version, those apart who may not; ``known`` comes first in the statement."""
    first = version.steps.filter(parent=None).order_by("position", "key").first()
    if first is None:
        return 0
    now = clock.now()
    allowed, allowed_values = _sql(_allowed(version, now).order_by().values("pk"))
    due = selectors.due_at(first, version, now)
    with connection.cursor() as cursor:
        cursor.execute(
            known + ENTER.format(allowed=allowed, found=found),
            [
                *known_values,
                *(version.journey_id, version.pk, first.pk, now, now, due),
                *allowed_values,
                *values,
            ],
        )
        return int(cursor.rowcount)


def _allowed(version: Version, now: datetime) -> QuerySet[Person]:
    """Return who may enter now: not restricted, meant, and not on it, nor before as the version says."""
    before = selectors.earlier(version, now).filter(person=OuterRef("pk"))
    return selectors.people_who(version.only).filter(~Exists(before), restricted_at=None)


def _sql(found: QuerySet[Any, Any]) -> tuple[str, tuple[Any, ...]]:
    try:
        sql, values = found.query.sql_with_params()
    except EmptyResultSet:
        return "SELECT id FROM people_person WHERE false", ()
    return str(sql), tuple(values)


@command("journeys.note_fault", label=_("Note what an automation met at its last pass"))
def note_fault(journey_id: int, fault: str, *, actor: Actor) -> None:
    """Write down what an automation met that nobody foresaw, for its page; an empty word when it is over.

    ``fault`` names a kind of fault and a place in the code, never anybody's data.
    """
    journey = Journey.objects.locked(journey_id)
    journey.faulty_since = (journey.faulty_since or clock.now()) if fault else None
    journey.fault = fault[:200]
    journey.save(update_fields=["fault", "faulty_since"])
    note(about=journey, fault=journey.fault)


@command("journeys.let_go", label=_("Let restricted people leave the automations"))
def let_go(*, portion: int = 5_000, actor: Actor) -> int:
    """End the runs of those whose data is kept and not used (RGPD art. 18); return how many."""
    restricted = Trip.objects.under_way().filter(person__in=Person.objects.restricted().values("pk"))
    ids = list(restricted.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)[:portion])
    ended = Trip.objects.filter(pk__in=ids).update(state=Standing.LEFT, why=Why.RESTRICTED, ended_at=clock.now())
    note(count=ended)
    return ended
