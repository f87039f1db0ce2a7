"""Who is on an automation, what was done for them, and how far the spine has been read."""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portevoix.accounts.types import Actor
from portevoix.journeys.models.plan import Journey, Step, Version
from portevoix.journeys.types import Standing, Why
from portevoix.people.models import Person


class TripQuerySet(models.QuerySet["Trip"]):
    def visible_to(self, actor: Actor) -> Self:
        """Keep those of whom the actor may see."""
        if actor.departements is None and actor.kind != "visitor":
            return self
        return self.filter(person__in=Person.objects.visible_to(actor).order_by().values("pk"))

    def under_way(self) -> Self:
        return self.filter(state=Standing.UNDER_WAY)


class Trip(models.Model):
    """One entry of a person into an automation: at which step they are, or were when it ended, and what is next when.

    A person is on an automation once at a time: the database sees to it.
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="trips", verbose_name=_("person"))
    journey = models.ForeignKey(
        Journey, models.PROTECT, related_name="trips", db_index=False, verbose_name=_("automation")
    )
    version = models.ForeignKey(Version, models.PROTECT, related_name="trips", verbose_name=_("version"))
    step = models.ForeignKey(Step, models.PROTECT, related_name="trips", db_index=False, verbose_name=_("step"))
    state = models.CharField(_("state"), max_length=10, choices=Standing, default=Standing.UNDER_WAY)
    why = models.CharField(_("reason"), max_length=12, choices=Why, blank=True)
    entered_at = models.DateTimeField(_("since"))
    since = models.DateTimeField(_("at this step since"))
    due_at = models.DateTimeField(_("goes on at"))
    ended_at = models.DateTimeField(_("ended on"), null=True)

    objects = TripQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("of a person", "run of an automation")
        verbose_name_plural = pgettext_lazy("of people", "runs of automations")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["journey", "person"], condition=Q(state=Standing.UNDER_WAY), name="once_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(state=Standing.UNDER_WAY, ended_at=None)
                | (~Q(state=Standing.UNDER_WAY) & Q(ended_at__isnull=False)),
                name="trip_ends_when_it_says",
            ),
        ]
        indexes = [
            models.Index(fields=["step", "due_at"], condition=Q(state=Standing.UNDER_WAY), name="trip_due"),
            models.Index(fields=["step", "state"], name="trip_at_step"),
            models.Index(fields=["journey", "person", "entered_at"], name="trip_before"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Mark(models.Model):
    """That a step was done for somebody, once and for ever in this run of theirs, whatever the version.

    It is written in the transaction that does the act; ``key`` names the step in every version.
    """

    trip = models.ForeignKey(Trip, models.CASCADE, related_name="marks", db_index=False, verbose_name=_("run"))
    key = models.PositiveIntegerField(_("step"))
    kind = models.CharField(pgettext_lazy("step of an automation", "kind"), max_length=20)
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("step done by an automation")
        verbose_name_plural = _("steps done by automations")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["trip", "key"], name="done_once")]

    def __str__(self) -> str:
        return f"{self.trip_id}.{self.key}"


class Seen(models.Model):
    """That a person was there when an automation last looked: in the segment, with the tag, silent.

    Who is there and was not, enters; who was and is not, left.
    """

    journey = models.ForeignKey(
        Journey, models.CASCADE, related_name="seen", db_index=False, verbose_name=_("automation")
    )
    person = models.ForeignKey(Person, models.CASCADE, related_name="+", verbose_name=_("person"))

    class Meta:
        verbose_name = _("presence noted by an automation")
        verbose_name_plural = _("presences noted by automations")
        constraints = [models.UniqueConstraint(fields=["journey", "person"], name="seen_once")]

    def __str__(self) -> str:
        return str(self.person_id)


class Horizon(models.Model):
    """Up to where the spine is complete: lines get their numbers before they are seen.

    Whoever had taken a number up to ``ahead`` and was still writing is in ``writers``; when none of them writes any
    more, all up to ``ahead`` can be seen, and ``settled`` moves there. There is one row.
    """

    settled = models.BigIntegerField(default=0)
    ahead = models.BigIntegerField(default=0)
    writers = ArrayField(models.CharField(max_length=40), default=list)

    class Meta:
        verbose_name = _("how far the spine is complete")
        verbose_name_plural = _("how far the spine is complete")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_horizon")]

    def __str__(self) -> str:
        return str(self.settled)
