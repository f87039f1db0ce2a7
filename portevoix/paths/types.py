"""Words of the paths room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time

from django.db import models
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.types import Role

#: Who leads people along paths, each in their own territory.
LEADERS = frozenset({Role.DIRECTOR, Role.ORGANISER, Role.LOCAL_LEAD})
#: Who says what the paths are: they are the same for all of France.
DESIGNERS = frozenset({Role.DIRECTOR, Role.ORGANISER})
#: Who gives tasks and does them: everybody but those who only read.
WORKERS = frozenset(Role) - {Role.READER}
#: Who is told in a task about nobody, beside whoever wrote it and whoever has to do it.
OVERSEERS = frozenset({Role.DIRECTOR})


class State(models.TextChoices):
    """Where a person stands on a path as a whole."""

    UNDER_WAY = "under_way", _("under way")
    REACHED = "reached", _("reached the end")
    LEFT = "left", _("left the path")


class Act(models.TextChoices):
    """What happened to a place; kept for ever in the history."""

    JOINED = "joined", _("put on the path")
    MOVED = "moved", _("moved to")
    REACHED = "reached", _("reached the end")
    LEFT = "left", _("left the path")
    RESHAPED = "reshaped", _("moved because the step was removed")


class Putting(models.TextChoices):
    """How far the putting of many on a path is."""

    UNDER_WAY = "under_way", _("under way")
    DONE = "done", _("done")
    UNDOING = "undoing", _("being undone")
    UNDONE = "undone", _("undone")
    STOPPED = "stopped", _("stopped")


@dataclass(frozen=True)
class StepDraft:
    """A step as the form says it; without ``pk`` it is a new one."""

    name: str
    expected: str = ""
    days: int | None = None
    role: str = ""
    pk: int | None = None


@dataclass(frozen=True)
class TaskDraft:
    """A task as the form says it; the ids are of a member of staff, a person and a step."""

    title: str
    due_on: date
    due_at: time | None = None
    note: str = ""
    assignee_id: int | None = None
    person_id: int | None = None
    step_id: int | None = None
