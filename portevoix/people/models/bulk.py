"""Acts on many people at once: what was asked, how far it is, and what it changed so that it can be undone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.types import Actor, Role
from portevoix.kernel import clock
from portevoix.people.models.persons import Person
from portevoix.people.types import RunEnd, RunState

#: Who answers for the file sees every act, and may undo it; the others see theirs.
OVERSEERS = frozenset({Role.DIRECTOR, Role.DATA_OFFICER})
#: What an act changed is kept so long, to be undone.
UNDOABLE = timedelta(days=30)
AT_WORK = (RunState.RUNNING, RunState.UNDOING)
ENDED = (RunState.DONE, RunState.CANCELLED, RunState.STOPPED)


class BulkRunQuerySet(models.QuerySet["BulkRun"]):
    def visible_to(self, actor: Actor) -> Self:
        """Keep what the actor asked for; everything for who answers for it over all of the campaign."""
        answering = actor.within(OVERSEERS)
        if actor.kind == "system" or (answering.roles and answering.departements is None):
            return self
        return self.filter(asker_kind=actor.kind, asker_id=actor.ident)

    def at_work(self) -> Self:
        """Keep those that a process advances, or should."""
        return self.filter(state__in=AT_WORK)


class BulkRun(models.Model):
    """One act on many people. Whom it is about is settled when it is prepared, by number.

    ``said`` is what the act was told (which tag, which language); ``cursor`` the number of the next portion: it moves
    in the transaction that does the portion, so that nobody is done twice. Who asked is kept without a key.
    """

    act = models.CharField(_("act"), max_length=60)
    said = models.JSONField(default=dict)
    state = models.CharField(_("state"), max_length=10, choices=RunState, default=RunState.DRAFT, db_index=True)
    end = models.CharField(_("why it ended"), max_length=10, choices=RunEnd, blank=True)
    asker_kind = models.CharField(max_length=10)
    asker_id = models.CharField(max_length=60)
    asker = models.CharField(_("asked by"), max_length=200)
    undoer_kind = models.CharField(max_length=10, blank=True)
    undoer_id = models.CharField(max_length=60, blank=True)
    undoer = models.CharField(_("undone by"), max_length=200, blank=True)
    chosen = models.PositiveIntegerField(_("people"), default=0)
    cursor = models.PositiveIntegerField(default=0)
    seen = models.PositiveIntegerField(default=0)
    touched = models.PositiveIntegerField(_("changed"), default=0)
    left_out = models.JSONField(_("left out"), default=dict)
    undone = models.PositiveIntegerField(default=0)
    kept = models.PositiveIntegerField(default=0)
    failures = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(_("asked on"), db_default=Now())
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    undone_at = models.DateTimeField(_("undone on"), null=True, blank=True)

    objects = BulkRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("act on many people")
        verbose_name_plural = _("acts on many people")
        ordering = ["-id"]
        indexes = [models.Index(fields=["asker_kind", "asker_id"], name="bulk_run_asker")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=[RunState.CANCELLED, RunState.STOPPED]) | ~Q(end=""), name="bulk_run_says_why"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=ENDED) | Q(ended_at__isnull=False), name="bulk_run_ended_some_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.pk}"

    @property
    def is_working(self) -> bool:
        return self.state in AT_WORK

    @property
    def progress(self) -> int:
        """How far it is, in hundredths."""
        if self.state == RunState.UNDOING:
            return min(99, 100 * (self.undone + self.kept) // max(self.touched, 1))
        return min(99, 100 * self.seen // max(self.chosen, 1)) if self.state == RunState.RUNNING else 100

    @property
    def undoable_until(self) -> datetime | None:
        return self.ended_at + UNDOABLE if self.ended_at else None

    @property
    def is_undoable(self) -> bool:
        """Whether there is something to undo, and time left for it."""
        until = self.undoable_until
        return bool(self.state in ENDED and self.touched and until and until > clock.now())

    def was_asked_by(self, actor: Actor) -> bool:
        return (self.asker_kind, self.asker_id) == (actor.kind, actor.ident)


class BulkPortion(models.Model):
    """Some of those whom an act is about, by number; goes when the act has ended."""

    run = models.ForeignKey(BulkRun, models.CASCADE, related_name="portions", verbose_name=_("act"))
    number = models.PositiveIntegerField()
    person_ids = ArrayField(models.BigIntegerField())

    class Meta:
        verbose_name = _("portion of an act")
        verbose_name_plural = _("portions of acts")
        ordering = ["run", "number"]
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="bulk_portion_once")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.number}"


class BulkChange(models.Model):
    """What an act changed of one person, for as long as it can be undone."""

    run = models.ForeignKey(BulkRun, models.CASCADE, related_name="changes", verbose_name=_("act"))
    person = models.ForeignKey(Person, models.CASCADE, related_name="+", verbose_name=_("person"))
    row_id = models.BigIntegerField(null=True)
    before = models.JSONField(_("before"), null=True)

    class Meta:
        verbose_name = _("change by an act on many people")
        verbose_name_plural = _("changes by acts on many people")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["run", "person"], name="changed_once_by_an_act")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.person_id}"
