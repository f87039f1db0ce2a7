"""Commands that put many on a path at once, from a segment, portion by portion, and take them out again."""

from __future__ import annotations

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import acting, command, note
from portevoix.accounts.models import User
from portevoix.accounts.types import Actor, Staff
from portevoix.kernel import clock, jobs
from portevoix.paths import rules, selectors
from portevoix.paths.exceptions import NotPossible
from portevoix.paths.models import Enrolment, Path, Place, Step
from portevoix.paths.types import LEADERS, Act, Putting
from portevoix.people.types import Kind
from portevoix.segments.exceptions import InvalidTree
from portevoix.segments.models import Segment

#: People put on a path by one statement.
PORTION = 20_000
#: So many are put there while the screen waits; more are the worker's.
AT_ONCE = 2_000
JOB = "paths.advance_enrolment"

# Found, kept still, put there, written in the history, told on the timeline and given the step's role: one statement.
# Whoever is on the path already, also since a moment ago, is passed over by the key that allows one live place.
PUT = """
WITH found AS MATERIALIZED (
    SELECT id FROM people_person WHERE id IN ({found}) AND id > %s ORDER BY id LIMIT %s FOR NO KEY UPDATE
), placed AS (
    INSERT INTO paths_place (person_id, path_id, step_id, state, point_person_id, due_on, reason, enrolment_id,
        version, began_at, since)
    SELECT id, %s, %s, 'under_way', %s, %s, '', %s, 0, %s, %s FROM found ORDER BY id
    ON CONFLICT (person_id, path_id) WHERE state = 'under_way' DO NOTHING
    RETURNING id, person_id
), history AS (
    INSERT INTO paths_passage (place_id, act, step_id, step_name, at, by)
    SELECT id, %s, %s, %s, %s, %s FROM placed
), story AS (
    INSERT INTO people_interaction (person_id, kind, at, about_kind, about_id, source, by, detail)
    SELECT person_id, %s, %s, 'paths.place', id, %s, %s, jsonb_build_object('act', %s::text) FROM placed
), role AS (
    INSERT INTO people_personrole (person_id, kind, detail, since, source)
    SELECT person_id, %s, '', %s, 'staff' FROM placed WHERE %s <> '' AND NOT EXISTS (
        SELECT FROM people_personrole held
        WHERE held.person_id = placed.person_id AND held.kind = %s AND (held.until IS NULL OR held.until >= %s)
    ) ON CONFLICT DO NOTHING RETURNING person_id
), played AS (
    INSERT INTO people_interaction (person_id, kind, at, about_kind, about_id, source, by, detail)
    SELECT person_id, %s, %s, '', NULL, 'staff', %s, jsonb_build_object('role', %s::text) FROM role
)
SELECT (SELECT max(id) FROM found), (SELECT count(*) FROM found), (SELECT count(*) FROM placed)
"""

# Only who was not touched since: not moved, not given another day or point person. The person is held first.
# The role goes with them if the act gave it, as the timeline says at the very moment of the act, if it is as it was
# given, and if nobody gave it again meanwhile nor another path leads there.
TAKE_OUT = """
WITH held AS MATERIALIZED (
    SELECT person.id FROM people_person person
    WHERE person.id IN (
        SELECT person_id FROM paths_place
        WHERE enrolment_id = %s AND version = 0 AND state = 'under_way' AND person_id IN ({seen})
        ORDER BY person_id LIMIT %s
    ) ORDER BY person.id FOR NO KEY UPDATE
), gone AS (
    SELECT place.id, place.person_id, place.began_at FROM paths_place place JOIN held ON held.id = place.person_id
    WHERE place.enrolment_id = %s AND place.version = 0 AND place.state = 'under_way' FOR UPDATE OF place
), lent AS (
    SELECT role.id, role.person_id, role.kind FROM gone
    JOIN people_interaction told ON told.person_id = gone.person_id AND told.at = gone.began_at AND told.kind = %s
    JOIN people_personrole role ON role.person_id = gone.person_id AND role.kind = told.detail ->> 'role'
    WHERE role.detail = '' AND role.source = 'staff' AND role.since = (gone.began_at AT TIME ZONE 'Europe/Paris')::date
        AND role.until IS NULL AND role.dues_paid_on IS NULL AND role.dues_until IS NULL
        AND NOT EXISTS (
            SELECT FROM people_interaction since WHERE since.person_id = role.person_id AND since.kind = %s
                AND since.at > gone.began_at AND since.detail ->> 'role' = role.kind
        ) AND NOT EXISTS (
            SELECT FROM paths_place other JOIN paths_passage passage ON passage.place_id = other.id
            JOIN paths_step step ON step.id = passage.step_id
            WHERE other.person_id = role.person_id AND other.id <> gone.id AND step.role = role.kind
                AND passage.at >= gone.began_at
        )
), handed_back AS (
    DELETE FROM people_personrole USING lent WHERE people_personrole.id = lent.id
), played AS (
    INSERT INTO people_interaction (person_id, kind, at, about_kind, about_id, source, by, detail)
    SELECT person_id, %s, %s, '', NULL, 'staff', %s, jsonb_build_object('removed', kind) FROM lent
), history AS (
    DELETE FROM paths_passage USING gone WHERE paths_passage.place_id = gone.id
), places AS (
    DELETE FROM paths_place USING gone WHERE paths_place.id = gone.id
), story AS (
    INSERT INTO people_interaction (person_id, kind, at, about_kind, about_id, source, by, detail)
    SELECT person_id, %s, %s, 'paths.place', id, %s, %s, jsonb_build_object('act', 'taken_back') FROM gone
)
SELECT (SELECT count(*) FROM held), (SELECT count(*) FROM gone)
"""


@command("paths.enrol", label=_("Put the people of a segment on a path"), roles=LEADERS)
def enrol(segment: Segment, step: Step, *, expected: int, point_person: User | None = None, actor: Actor) -> Enrolment:
    """Put on a path whom a segment finds now, among those whom ``actor`` may see and who are not on it.

    Few are put there at once, more by the worker; ``expected`` is the number that was shown. Raises InvalidTree;
    NotPossible for a path that was put away, or a point person who may not see everybody concerned.
    """
    path = Path.objects.get(pk=step.path_id)
    if path.shelved_at:
        raise NotPossible(gettext("This path was put away: nobody is put on it any more."))
    if point_person is not None and not selectors.staff_who_see_all(actor).filter(pk=point_person.pk).exists():
        raise NotPossible(gettext("This member of staff may not see all of these people."))
    selectors.to_enrol(segment, path, actor)
    enrolment = Enrolment.objects.create(
        path=path,
        step=step,
        segment=segment,
        segment_name=segment.name,
        point_person=point_person,
        asked_by_id=int(actor.ident) if actor.kind == "staff" else None,
        by=actor.label[:200],
        expected=expected,
        created_at=clock.now(),
    )
    note(about=enrolment, count=expected, path=path.pk, segment=segment.pk)
    if expected <= AT_ONCE:
        _put(enrolment, actor, AT_ONCE)
    if enrolment.is_at_work:
        jobs.defer(JOB, once=True, enrolment_id=enrolment.pk)
    return enrolment


@command("paths.advance_enrolment", label=_("Put the next portion of a segment on a path"))
def advance(enrolment_id: int, *, portion: int = PORTION, actor: Actor) -> Enrolment:
    """Put the next portion on the path, or take the next one out; what was done is never done again.

    Goes as far as whoever asked for it sees now: a mandate that was withdrawn meanwhile ends the work.
    """
    enrolment = (
        Enrolment.objects.select_for_update(of=("self",)).select_related("path", "step", "segment").get(pk=enrolment_id)
    )
    before = enrolment.done
    asking = _asking(enrolment, actor)
    if enrolment.state == Putting.UNDER_WAY:
        _put(enrolment, asking, portion)
    elif enrolment.state == Putting.UNDOING:
        _take_out(enrolment, asking, portion)
    note(about=enrolment, count=enrolment.done - before if enrolment.is_at_work else None, state=enrolment.state)
    return enrolment


@command("paths.undo_enrolment", label=_("Take out those whom a segment put on a path"), roles=LEADERS)
def undo(enrolment: Enrolment, *, actor: Actor) -> Enrolment:
    """Take out whom the act put on the path and nobody has touched since, among those whom ``actor`` may see.

    Raises NotPossible for what is under way or was undone, or when somebody else, of another territory, asked for it.
    """
    kept = Enrolment.objects.select_for_update(of=("self",)).select_related("path", "step").get(pk=enrolment.pk)
    if kept.state not in {Putting.DONE, Putting.STOPPED}:
        raise NotPossible(gettext("This is under way, or undone already."))
    if actor.departements is not None and str(kept.asked_by_id) != actor.ident:
        raise NotPossible(gettext("Only who asked for it, or somebody over all of France, may undo it."))
    kept.state, kept.ended_at, kept.taken_back = Putting.UNDOING, None, 0
    # What is left of the work is done as far as whoever undoes sees.
    kept.asked_by_id = int(actor.ident) if actor.kind == "staff" else None
    kept.save(update_fields=["state", "ended_at", "taken_back", "asked_by"])
    note(about=kept, count=kept.count)
    _take_out(kept, actor, AT_ONCE)
    if kept.is_at_work:
        jobs.defer(JOB, once=True, enrolment_id=kept.pk)
    return kept


def _asking(enrolment: Enrolment, actor: Actor) -> Actor:
    """Return who the work is done for, as far as their mandates reach now."""
    if enrolment.asked_by_id is None:
        return actor
    user = User.objects.prefetch_related("mandates").get(pk=enrolment.asked_by_id)
    return acting(Staff(user), "paths.enrol")


def _put(enrolment: Enrolment, actor: Actor, portion: int) -> None:
    step, segment = enrolment.step, enrolment.segment
    found = None
    try:
        if step is not None and segment is not None and enrolment.path.shelved_at is None:
            found = selectors.to_enrol(segment, enrolment.path, actor).order_by().values("pk")
            sql, values = found.query.sql_with_params()
    except InvalidTree:
        found = None
    except EmptyResultSet:
        _finish(enrolment, Putting.DONE)
        return
    if found is None or step is None:
        _finish(enrolment, Putting.STOPPED)
        return
    now, today = clock.now(), clock.today()
    by = actor.label[:200] if actor.kind == "staff" else ""
    parameters = [
        *(*values, enrolment.mark, portion),
        *(
            enrolment.path_id,
            step.pk,
            enrolment.point_person_id,
            rules.due_day(today, step.days),
            enrolment.pk,
            now,
            now,
        ),
        *(Act.JOINED.value, step.pk, step.name, now, by),
        *(Kind.STEPPED.value, now, f"{enrolment.path.name} : {step.name}"[:200], by, Act.JOINED.value),
        *(step.role, today, step.role, step.role, today),
        *(Kind.PLAYED.value, now, by, step.role),
    ]
    with connection.cursor() as cursor:
        cursor.execute(PUT.format(found=sql), parameters)
        last, looked_at, placed = cursor.fetchone()
    enrolment.count += placed
    enrolment.mark = last or enrolment.mark
    enrolment.save(update_fields=["count", "mark"])
    if looked_at < portion:
        _finish(enrolment, Putting.DONE)


def _take_out(enrolment: Enrolment, actor: Actor, portion: int) -> None:
    name = enrolment.step.name if enrolment.step else ""
    by = actor.label[:200] if actor.kind == "staff" else ""
    # Whose data is only kept stays where they are (RGPD art. 18).
    seen = Place.objects.visible_to(actor).filter(enrolment=enrolment, person__restricted_at=None)
    try:
        sql, values = seen.order_by().values("person").query.sql_with_params()
    except EmptyResultSet:
        _finish(enrolment, Putting.UNDONE)
        return
    source = f"{enrolment.path.name} : {name}"[:200]
    played, now = Kind.PLAYED.value, clock.now()
    parameters = [
        *(enrolment.pk, *values, portion, enrolment.pk),
        *(played, played, played, now, by),
        *(Kind.STEPPED.value, now, source, by),
    ]
    with connection.cursor() as cursor:
        cursor.execute(TAKE_OUT.format(seen=sql), parameters)
        looked_at, gone = cursor.fetchone()
    enrolment.taken_back += gone
    enrolment.save(update_fields=["taken_back"])
    if looked_at < portion:
        _finish(enrolment, Putting.UNDONE)


def _finish(enrolment: Enrolment, state: Putting) -> None:
    enrolment.state, enrolment.ended_at = state, clock.now()
    enrolment.save(update_fields=["state", "ended_at"])
