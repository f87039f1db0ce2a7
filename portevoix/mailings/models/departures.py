"""When something to many is to leave, and what was confirmed then."""

from __future__ import annotations

from datetime import datetime
from typing import Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portevoix.mailings.models.mailings import Mailing
from portevoix.mailings.models.texts import ShortMessage
from portevoix.mailings.types import Confirmation, State

H = TypeVar("H", bound="Hour")


class HourQuerySet(models.QuerySet[H]):
    """The vocabulary of reads about hours of departure."""

    def ahead(self) -> Self:
        """Keep what waits for its hour."""
        return self.filter(mailing__state=State.SCHEDULED)

    def due(self, at: datetime) -> Self:
        return self.ahead().filter(at__lte=at).order_by("at", "pk")

    def held_up(self) -> Self:
        """Keep what should have left, and could not as it was confirmed."""
        return self.filter(mailing__state=State.DRAFT).exclude(fault="")


class Hour(models.Model):
    """The hour of something to many, with what its sender saw and agreed to.

    It leaves as that, or stays and says why. ``mailing`` is what leaves.
    """

    at = models.DateTimeField(_("leaves on"))
    digest = models.CharField(max_length=64)
    count = models.PositiveIntegerField(_("people it was planned for"))
    planned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("planned by")
    )
    planned_at = models.DateTimeField(_("planned on"))
    #: Why it stayed here, in words for its author.
    fault = models.CharField(_("why it did not leave"), max_length=400, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"

    @property
    def confirmation(self) -> Confirmation:
        return Confirmation(self.digest, self.count)


class DepartureQuerySet(HourQuerySet["Departure"]):
    """Of letters."""


class Departure(Hour):
    """The hour of a letter."""

    mailing = models.OneToOneField(
        Mailing, models.CASCADE, related_name="departure", primary_key=True, verbose_name=_("message")
    )

    objects = DepartureQuerySet.as_manager()

    class Meta:
        verbose_name = _("departure of a message")
        verbose_name_plural = _("departures of messages")
        ordering = ["at"]
        indexes = [models.Index(fields=["at"], condition=Q(fault=""), name="departure_at")]


class TextDepartureQuerySet(HourQuerySet["TextDeparture"]):
    """Of text messages."""


class TextDeparture(Hour):
    """The hour of a text message; quiet hours of its readers still hold."""

    mailing = models.OneToOneField(
        ShortMessage, models.CASCADE, related_name="departure", primary_key=True, verbose_name=_("text message")
    )

    objects = TextDepartureQuerySet.as_manager()

    class Meta:
        verbose_name = _("departure of a text message")
        verbose_name_plural = _("departures of text messages")
        ordering = ["at"]
        indexes = [models.Index(fields=["at"], condition=Q(fault=""), name="text_departure_at")]
