"""Commands by which a room above leads many on and gives tasks about them: the platform alone does them.

Whoever calls them holds the people, and has seen to it that they may be led: nobody who is restricted is among them.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor
from portevoix.kernel import clock
from portevoix.paths import rules, selectors
from portevoix.paths.models import Step, Task
from portevoix.paths.services.enrolling import PUT
from portevoix.paths.types import Act, TaskDraft
from portevoix.people.types import Kind

# Whoever is at an earlier step of the path goes to this one; it is written in the history and on the timeline.
LEAD = """
WITH moved AS (
    UPDATE paths_place place SET step_id = %(step)s, since = %(now)s, due_on = %(due)s, version = place.version + 1
    FROM paths_step former
    WHERE place.person_id = ANY(%(people)s) AND place.path_id = %(path)s AND place.state = 'under_way'
        AND former.id = place.step_id AND former.position < %(position)s
    RETURNING place.id, place.person_id
), history AS (
    INSERT INTO paths_passage (place_id, act, step_id, step_name, at, by)
    SELECT id, %(act)s, %(step)s, %(name)s, %(now)s, '' FROM moved
)
INSERT INTO people_interaction (person_id, kind, at, about_kind, about_id, source, by, detail)
SELECT person_id, %(kind)s, %(now)s, 'paths.place', id, %(source)s, '', jsonb_build_object('act', %(act)s::text)
FROM moved
"""


@command("paths.lead", label=_("Put many at a step of a path"))
def lead(people: Sequence[int], step: Step, *, actor: Actor) -> int:
    """Put those who are not on the path at a step of it, and lead those on who are at an earlier one; return how many.

    Whoever stands at the step or further stays where they are.
    """
    now, source = clock.now(), f"{step.path.name} : {step.name}"[:200]
    due = rules.due_day(clock.today(), step.days)
    with connection.cursor() as cursor:
        cursor.execute(
            LEAD,
            {
                **{"step": step.pk, "now": now, "due": due, "people": list(people), "path": step.path_id},
                **{"position": step.position, "act": Act.MOVED.value, "name": step.name, "source": source},
                "kind": Kind.STEPPED.value,
            },
        )
        moved = cursor.rowcount
        cursor.execute(
            PUT.format(found="SELECT unnest(%s::bigint[])"),
            [
                *(list(people), 0, len(people)),
                *(step.path_id, step.pk, None, due, None, now, now),
                *(Act.JOINED.value, step.pk, step.name, now, ""),
                *(Kind.STEPPED.value, now, source, "", Act.JOINED.value),
                *(step.role, clock.today(), step.role, step.role, clock.today()),
                *(Kind.PLAYED.value, now, "", step.role),
            ],
        )
        _last, _looked_at, placed = cursor.fetchone()
    note(about=step.path, count=moved + placed, moved=moved, placed=placed, step=step.pk)
    return int(moved + placed)


@command("paths.give_tasks", label=_("Give a task about each of many"))
def give_tasks(people: Sequence[int], draft: TaskDraft, *, actor: Actor) -> int:
    """Give the same task about each of them, in one statement; return how many.

    Whoever has to do it must see whom the platform sees; when they do not, the tasks are anybody’s.
    """
    assignee = selectors.staff_who_see_all(actor).filter(pk=draft.assignee_id or 0).values_list("pk", flat=True).first()
    now = clock.now()
    Task.objects.bulk_create(
        Task(
            person_id=person,
            title=draft.title,
            note=draft.note,
            due_on=draft.due_on,
            due_at=draft.due_at,
            assignee_id=assignee,
            author_name=actor.label[:200],
            step_id=draft.step_id,
            created_at=now,
        )
        for person in people
    )
    note(count=len(people), assigned=assignee is not None)
    return len(people)
