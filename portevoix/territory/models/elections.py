"""The calendar of elections, and the hours of silence that follow from it, place by place."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from portevoix.territory.models.places import Departement
from portevoix.territory.types import ElectionKind


class ElectionQuerySet(models.QuerySet["Election"]):
    def not_over(self, at: datetime) -> Self:
        """Keep what has a round whose silence is not over, the next first."""
        return self.filter(silences__ends_at__gt=at).distinct().order_by("first_round_on", "pk")


class Election(models.Model):
    """An election: its rounds' days, and where one votes; without départements, everywhere."""

    kind = models.CharField(_("kind of election"), max_length=20, choices=ElectionKind)
    name = models.CharField(_("name"), max_length=120)
    first_round_on = models.DateField(_("day of the vote"))
    second_round_on = models.DateField(_("second round"), null=True, blank=True)
    departements = models.ManyToManyField(
        Departement, blank=True, related_name="elections", verbose_name=_("départements")
    )
    early = models.ManyToManyField(
        Departement, blank=True, related_name="+", verbose_name=_("départements that vote the day before")
    )

    objects = ElectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("election")
        verbose_name_plural = _("elections")
        ordering = ["-first_round_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(second_round_on=None) | Q(second_round_on__gt=F("first_round_on")),
                name="second_round_after_the_first",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def rounds(self) -> list[tuple[int, date]]:
        """The rounds, by number, with their main day."""
        days = [self.first_round_on, self.second_round_on]
        return [(number, day) for number, day in enumerate(days, 1) if day is not None]


class SilentHoursQuerySet(models.QuerySet["SilentHours"]):
    def running(self, at: datetime, ahead: timedelta = timedelta()) -> Self:
        """Keep the silences that hold at ``at``, or begin within ``ahead``, by this clock or by the database's.

        A clock that is slow or fast breaks no silence.
        """
        here = Q(begins_at__lte=at + ahead, ends_at__gt=at)
        return self.filter(here | Q(begins_at__lte=Now() + Value(ahead), ends_at__gt=Now()))

    def held(self, at: datetime) -> Self:
        """Keep the silences that held at a moment, whatever the hour is now: something was done then."""
        return self.filter(begins_at__lte=at, ends_at__gt=at)


class SilentHours(models.Model):
    """From when until when nothing of propaganda leaves for people of one département, or of none that is known.

    Written from the election by its command; read by the gate, the dispatcher and the outbox's own trigger.
    """

    election = models.ForeignKey(Election, models.CASCADE, related_name="silences", verbose_name=_("election"))
    round = models.PositiveSmallIntegerField(_("round"))
    #: Empty for people whose département is not known.
    departement = models.CharField(_("département"), max_length=3, blank=True)
    begins_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))

    objects = SilentHoursQuerySet.as_manager()

    class Meta:
        verbose_name = _("hours of electoral silence")
        verbose_name_plural = _("hours of electoral silence")
        ordering = ["begins_at", "departement"]
        constraints = [
            models.UniqueConstraint(fields=["election", "round", "departement"], name="one_silence_a_round_and_place"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("begins_at")), name="silence_ends_after_it_begins"),
        ]
        indexes = [models.Index(fields=["ends_at", "begins_at"], name="silence_running")]

    def __str__(self) -> str:
        return f"{self.election} ({self.departement or '…'})"
