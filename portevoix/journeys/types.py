"""Words of the automations: what starts them, what they are made of, how somebody leaves."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portevoix.accounts.types import Actor, Role
from portevoix.kernel.registry import Registry

#: Who draws automations and lets them run: they write to people all over France.
DESIGNERS = frozenset({Role.DIRECTOR, Role.COMMUNICATIONS})
#: Who may see what runs, and how many are where.
VIEWERS = DESIGNERS | {Role.ORGANISER, Role.DATA_OFFICER}


class State(models.TextChoices):
    """Whether an automation runs."""

    DRAFT = "draft", pgettext_lazy("automation", "draft")
    LIVE = "live", pgettext_lazy("automation", "under way")
    PAUSED = "paused", pgettext_lazy("automation", "paused")
    ARCHIVED = "archived", pgettext_lazy("automation", "archived")


class Trigger(models.TextChoices):
    """What makes somebody enter. Never renamed: versions name it for ever."""

    HAPPENED = "happened", _("something happens to the person")
    ACTION = "action", _("they take part in an action of the site")
    STEP = "step", _("they reach a step of a path")
    TAG = "tag", _("they get a tag")
    ROLE = "role", _("they become a donor (by a first gift, not by each one), a member, a volunteer…")
    SEGMENT_IN = "segment_in", _("they enter a segment")
    SEGMENT_OUT = "segment_out", _("they leave a segment")
    INACTIVE = "inactive", _("nothing comes from them for some time")
    DAY = "day", _("a day comes")
    BIRTHDAY = "birthday", _("it is their birthday")
    DUES = "dues", _("their membership ends")


#: Triggers that read the spine from where they stopped; that compare with who was there before; that look at the day.
OF_THE_SPINE = frozenset({Trigger.HAPPENED, Trigger.ACTION, Trigger.STEP})
OF_BECOMING = frozenset({Trigger.TAG, Trigger.ROLE, Trigger.SEGMENT_IN, Trigger.SEGMENT_OUT, Trigger.INACTIVE})
OF_A_DAY = frozenset({Trigger.DAY, Trigger.BIRTHDAY, Trigger.DUES})

#: Kinds of step that are no action. Never renamed.
WAIT, CONDITION, LEAVE = "wait", "condition", "leave"
MAIL, TEXT = "mail", "text"
#: Steps that write to people: what they write is read by a second person where the campaign asks for one.
WRITES = frozenset({MAIL, TEXT})
YES, NO = "yes", "no"


class Wait(models.TextChoices):
    """How long a step waits."""

    FOR = "for", _("for some time")
    DAY = "day", _("until a day")
    HOUR = "hour", _("until an hour")
    WEEKDAY = "weekday", _("until a day of the week")


class Unit(models.TextChoices):
    MINUTES = "minutes", _("minutes")
    HOURS = "hours", _("hours")
    DAYS = "days", _("days")
    WEEKS = "weeks", _("weeks")


class Standing(models.TextChoices):
    """Where somebody is in an automation as a whole."""

    UNDER_WAY = "under_way", pgettext_lazy("person in an automation", "under way")
    DONE = "done", pgettext_lazy("person in an automation", "came to the end")
    LEFT = "left", pgettext_lazy("person in an automation", "left before the end")
    FAILED = "failed", pgettext_lazy("person in an automation", "stopped by a fault")


class Why(models.TextChoices):
    """Why somebody did not come to the end."""

    GOAL = "goal", _("the goal was reached")
    STEP = "step", _("a step of the automation says so")
    UNREACHABLE = "unreachable", _("they may not, or cannot, be written to")
    RESTRICTED = "restricted", _("their data is restricted (GDPR art. 18)")
    TAKEN_OUT = "taken_out", _("somebody took them out")
    MERGED = "merged", _("two records of one person were both on it")
    ARCHIVED = "archived", _("the automation was archived")
    FAULT = "fault", _("the step could not do its work")


class CallState(models.TextChoices):
    """What became of a call to an address of the campaign."""

    WAITING = "waiting", _("to be told")
    TOLD = "told", _("told")
    FAILED = "failed", _("given up")


@dataclass(frozen=True)
class Settings:
    """What holds for a whole version: what starts it, whom it is for, how often, until when, at what hours."""

    trigger: str
    said: Mapping[str, Any]
    only: Mapping[str, Any] | None = None
    goal: Mapping[str, Any] | None = None
    again_days: int | None = None
    quiet_from: int | None = None
    quiet_until: int | None = None


@dataclass
class Did:
    """What a step did with those it was given: for whom it was done, and who leaves there and why."""

    done: Sequence[int] = ()
    left: dict[Why, Sequence[int]] = field(default_factory=dict)


class Action(ABC):
    """Something a step does. ``key`` is kept in the database for ever.

    ``do`` gets people who are held, unrestricted, and for whom this very step was never done; it works on the whole
    set in a few statements, in the transaction that also marks the step as done.
    """

    key: ClassVar[str]
    label: ClassVar[str | Promise]
    icon: ClassVar[str] = "cog"
    #: The order in which the editor offers it.
    rank: ClassVar[int] = 50
    #: Whether it makes a noise where the person is: then it waits for the end of the quiet hours.
    keeps_quiet: ClassVar[bool] = False

    @abstractmethod
    def fields(self, actor: Actor) -> dict[str, forms.Field]:
        """Return what the step must be told."""

    def settle(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        """Return what was told as JSON keeps it: chosen objects by their number."""
        return {name: value.pk if isinstance(value, models.Model) else value for name, value in cleaned.items()}

    @abstractmethod
    def sentence(self, step: Any) -> str:
        """Return what the step does, in the reader's language: what stands in its box."""

    @abstractmethod
    def faults(self, step: Any) -> list[str]:
        """Return what keeps the step from working, in sentences."""

    @abstractmethod
    def do(self, step: Any, people: Sequence[int], *, actor: Actor) -> Did:
        """Do it for all of them. Raises CannotAct when it can be done for nobody."""

    def foresee(self, step: Any, person_id: int, at: datetime) -> tuple[bool, str]:
        """Tell whether it would be done for a person as they are today, and in a sentence what would happen then."""
        return True, self.sentence(step)


#: What steps may do, by key; filled as the services are imported, also by rooms above.
ACTIONS: Registry[Action] = Registry("automation actions")


def offered() -> list[Action]:
    """Return the actions in the order in which the editor offers them."""
    return sorted((action for _key, action in ACTIONS.items()), key=lambda one: one.rank)


@dataclass(frozen=True)
class Foreseen:
    """One line of a dry run: when, at which step, what would happen, and whether it would."""

    at: datetime
    key: int
    label: str
    what: str
    happens: bool = True
