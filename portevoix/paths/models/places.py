"""Where people stand on paths, how they came there, and the acts that put many there at once."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.models import User
from portevoix.accounts.types import Actor
from portevoix.kernel import clock
from portevoix.paths import rules
from portevoix.paths.models.plan import Path, Step
from portevoix.paths.types import Act, Putting, State
from portevoix.people.models import Person
from portevoix.segments.models import Segment


class Enrolment(models.Model):
    """That many were put on a path by one act, from a segment: how far it is, and whether it was undone.

    ``mark`` is the number of the last person looked at, so that work cut short goes on from there.
    """

    path = models.ForeignKey(Path, models.CASCADE, related_name="enrolments", verbose_name=_("path"))
    step = models.ForeignKey(Step, models.SET_NULL, null=True, related_name="+", verbose_name=_("step"))
    segment = models.ForeignKey(Segment, models.SET_NULL, null=True, related_name="+", verbose_name=_("segment"))
    segment_name = models.CharField(_("segment"), max_length=120)
    point_person = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("point person")
    )
    asked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("asked by"))
    by = models.CharField(_("asked by"), max_length=200)
    state = models.CharField(_("state"), max_length=12, choices=Putting, default=Putting.UNDER_WAY)
    expected = models.PositiveIntegerField(_("people expected"), default=0)
    count = models.PositiveIntegerField(_("people put on the path"), default=0)
    taken_back = models.PositiveIntegerField(_("people taken out again"), default=0)
    mark = models.BigIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(_("asked on"))
    ended_at = models.DateTimeField(_("ended on"), null=True)

    class Meta:
        verbose_name = _("putting on a path")
        verbose_name_plural = _("puttings on paths")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.segment_name} → {self.path_id}"

    @property
    def is_at_work(self) -> bool:
        return self.state in {Putting.UNDER_WAY, Putting.UNDOING}

    @property
    def done(self) -> int:
        """How many are done, of those it is about at this moment."""
        return self.taken_back if self.state == Putting.UNDOING else self.count

    @property
    def total(self) -> int:
        """How many it is about at this moment; never fewer than are done."""
        return self.count if self.state == Putting.UNDOING else max(self.expected, self.count)


class PlaceQuerySet(models.QuerySet["Place"]):
    def visible_to(self, actor: Actor) -> Self:
        """Keep the places of those whom the actor may see."""
        if actor.departements is None and actor.kind != "visitor":
            return self
        return self.filter(person__in=Person.objects.visible_to(actor).order_by().values("pk"))

    def under_way(self) -> Self:
        return self.filter(state=State.UNDER_WAY)

    def late(self) -> Self:
        """Keep those whose day has passed, in Paris."""
        return self.under_way().filter(due_on__lt=clock.today())

    def soonest_first(self) -> Self:
        """Order as the board does: what is due first, then what is due on no day."""
        return self.order_by(F("due_on").asc(nulls_last=True), "pk")


class Place(models.Model):
    """A person's journey on a path. A person has one place under way on a path: the database sees to it.

    A composite key (migration ``place_on_its_path``) keeps the step on the same path. ``version`` counts the changes:
    whoever writes says which one they saw.
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="places", verbose_name=_("person"))
    path = models.ForeignKey(Path, models.PROTECT, related_name="places", db_index=False, verbose_name=_("path"))
    step = models.ForeignKey(
        Step, models.PROTECT, related_name="places", db_constraint=False, db_index=False, verbose_name=_("step")
    )
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.UNDER_WAY)
    point_person = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("point person")
    )
    due_on = models.DateField(_("due on"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    enrolment = models.ForeignKey(Enrolment, models.SET_NULL, null=True, related_name="places", editable=False)
    version = models.PositiveIntegerField(default=0, editable=False)
    began_at = models.DateTimeField(_("on the path since"), db_default=Now())
    since = models.DateTimeField(_("at this step since"), db_default=Now())
    ended_at = models.DateTimeField(_("ended on"), null=True, blank=True)

    objects = PlaceQuerySet.as_manager()

    class Meta:
        verbose_name = _("place on a path")
        verbose_name_plural = _("places on paths")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "path"], condition=Q(state=State.UNDER_WAY), name="one_live_place_a_path"
            ),
            models.CheckConstraint(
                condition=Q(state=State.UNDER_WAY, ended_at=None)
                | (~Q(state=State.UNDER_WAY) & Q(ended_at__isnull=False)),
                name="place_ends_when_it_says",
            ),
            models.CheckConstraint(
                condition=Q(state=State.LEFT, reason__gt="") | (~Q(state=State.LEFT) & Q(reason="")),
                name="leaving_has_a_reason",
            ),
        ]
        indexes = [
            # A column of the board is read in this order, from a mark.
            models.Index(fields=["step", "state", "due_on", "id"], name="place_on_the_board"),
            models.Index(fields=["path", "state"], name="place_by_path"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_under_way(self) -> bool:
        return self.state == State.UNDER_WAY

    @property
    def is_late(self) -> bool:
        return self.is_under_way and rules.is_late(self.due_on, None, clock.now(), clock.PARIS)

    @property
    def days_late(self) -> int:
        """Whole days since it was due; none when it is not late."""
        return max(0, (clock.today() - (self.due_on or date.max)).days) if self.is_under_way else 0


class Passage(models.Model):
    """One line of a place's history: what happened, to which step it led, when, and by whom.

    The step's name is kept as it was: a step may be renamed, or removed.
    """

    place = models.ForeignKey(Place, models.CASCADE, related_name="passages", verbose_name=_("place"))
    act = models.CharField(_("what"), max_length=12, choices=Act)
    step = models.ForeignKey(Step, models.SET_NULL, null=True, related_name="+", verbose_name=_("step"))
    step_name = models.CharField(_("step"), max_length=80)
    at = models.DateTimeField(_("when"))
    by = models.CharField(_("by whom"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("step of a person’s path")
        verbose_name_plural = _("steps of people’s paths")
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return self.get_act_display()
