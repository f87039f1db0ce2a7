"""Commands on tasks: given, changed, done, done no more, taken away."""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor
from portevoix.kernel import clock
from portevoix.paths import selectors
from portevoix.paths.exceptions import MovedMeanwhile, NotPossible
from portevoix.paths.models import Task
from portevoix.paths.types import WORKERS, TaskDraft
from portevoix.people.exceptions import OutOfSight
from portevoix.people.models import Person
from portevoix.people.selectors import refuse_restricted
from portevoix.rights.selectors import hold


@command("paths.write_task", label=_("Give or change a task"), roles=WORKERS)
def write(task: Task | None, draft: TaskDraft, *, seen: int | None = None, actor: Actor) -> Task:
    """Give somebody something to do, or change it; whom it is about stays.

    Raises OutOfSight for a person or a task the actor may not see; Restricted for whose data is only kept;
    MovedMeanwhile when somebody changed it since; NotPossible when who should do it may not see the person, or may
    do no task.
    """
    kept = _held(task, actor) if task else Task(created_at=clock.now(), author_name=actor.label[:200])
    if task is None:
        kept.author_id = int(actor.ident) if actor.kind == "staff" else None
        kept.person = _person(draft, actor)
    elif seen is not None and seen != kept.version:
        raise MovedMeanwhile(kept.title)
    if draft.assignee_id and draft.assignee_id != kept.assignee_id:
        if not selectors.workers().filter(pk=draft.assignee_id).exists():
            raise NotPossible(gettext("This member of staff only reads, or is not of the team any more."))
        if kept.person and not selectors.staff_who_see(kept.person).filter(pk=draft.assignee_id).exists():
            raise NotPossible(gettext("This member of staff may not see this person."))
    kept.title, kept.note, kept.due_on, kept.due_at = draft.title, draft.note, draft.due_on, draft.due_at
    kept.assignee_id, kept.step_id, kept.version = draft.assignee_id, draft.step_id, kept.version + 1
    kept.save()
    note(about=kept, count=1, made=task is None)
    return kept


@command("paths.tick_task", label=_("Say that a task is done, or not"), roles=WORKERS)
def tick(task: Task, *, is_done: bool, actor: Actor) -> bool:
    """Say that a task is done, or take that back; return whether anything changed. Raises OutOfSight, Restricted."""
    kept = _held(task, actor)
    if kept.is_done == is_done:
        note(about=kept, count=0, is_done=is_done)
        return False
    kept.done_at, kept.done_by = (clock.now(), actor.label[:200]) if is_done else (None, "")
    kept.version += 1
    kept.save(update_fields=["done_at", "done_by", "version"])
    note(about=kept, count=1, is_done=is_done)
    return True


@command("paths.remove_task", label=_("Take a task away"), roles=WORKERS)
def remove(task: Task, *, actor: Actor) -> None:
    """Take a task away that was none. Raises OutOfSight, Restricted."""
    kept = _held(task, actor)
    note(about=kept, count=1)
    kept.delete()


def _person(draft: TaskDraft, actor: Actor) -> Person | None:
    if draft.person_id is None:
        return None
    hold(Person(pk=draft.person_id), actor)
    refuse_restricted([draft.person_id], actor)
    return Person.objects.select_related("commune").filter(pk=draft.person_id).first()


def _held(task: Task, actor: Actor) -> Task:
    """Return the task as it is now; whom it is about is held before it."""
    if task.person_id:
        hold(Person(pk=task.person_id), actor)
        refuse_restricted([task.person_id], actor)
    found = Task.objects.visible_to(actor).select_for_update(of=("self",)).filter(pk=task.pk).first()
    if found is None or found.person_id != task.person_id:
        raise OutOfSight
    return found
