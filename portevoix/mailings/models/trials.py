"""Trials: several versions, each to a few readers drawn by lot; the best one goes to all the others.

Of letters and of text messages alike: ``mailing`` is what a trial tries, and what a version is.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Self, TypeVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from portevoix.mailings.models.mailings import Mailing
from portevoix.mailings.models.texts import ShortMessage
from portevoix.mailings.types import Aspect, Measure, Totals, TrialPlan

#: More versions, and each has too few readers to tell anything.
MOST_VERSIONS = 4
LETTERS = "ABCD"
T = TypeVar("T", bound="TrialOfVersions")


def new_salt() -> str:
    return secrets.token_hex(8)


class TrialOfVersionsQuerySet(models.QuerySet[T]):
    """The vocabulary of reads about trials."""

    def under_way(self) -> Self:
        return self.filter(started_at__isnull=False, decided_at=None)

    def due(self, at: datetime) -> Self:
        """Keep those whose hours are over and that nothing keeps from being decided by totals."""
        return self._over(at).filter(is_automatic=True, fault="").order_by("pk")

    def waiting_for_somebody(self, at: datetime) -> Self:
        """Keep those that somebody must decide: their hours are over, or something keeps them from deciding alone."""
        return self._over(at).exclude(is_automatic=True, fault="").order_by("pk")

    def _over(self, at: datetime) -> Self:
        hour = Value(timedelta(hours=1), output_field=models.DurationField())
        over = models.ExpressionWrapper(F("started_at") + F("hours") * hour, output_field=models.DateTimeField())
        return self.under_way().annotate(is_over_at=over).filter(is_over_at__lte=at)


class TrialOfVersions(models.Model):
    """How versions are tried; ``mailing`` is version A, and its audience is everybody's.

    Who gets which is drawn by a hash of each person's random reference and ``salt``: for ever the same, and known
    without a list. Measured by totals alone.
    """

    measure = models.CharField(_("what decides"), max_length=10, choices=Measure, default=Measure.CLICKS)
    share = models.PositiveSmallIntegerField(
        _("share of the audience"), default=20, validators=[MinValueValidator(5), MaxValueValidator(90)]
    )
    hours = models.PositiveSmallIntegerField(
        _("hours to wait"), default=4, validators=[MinValueValidator(1), MaxValueValidator(168)]
    )
    is_automatic = models.BooleanField(_("the best version leaves by itself"), default=True)
    salt = models.CharField(max_length=16, default=new_salt, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    started_at = models.DateTimeField(_("began"), null=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("started by")
    )
    #: The audience that its sender confirmed, all of it.
    count = models.PositiveIntegerField(_("audience confirmed"), default=0)
    decided_at = models.DateTimeField(_("decided"), null=True)
    is_by_hand = models.BooleanField(_("chosen by hand"), default=False)
    #: Why the best version did not leave by itself.
    fault = models.CharField(_("why it waits"), max_length=400, blank=True)
    #: In what versions differ, where that may be chosen.
    aspect: str

    class Meta:
        abstract = True
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(share__gte=5, share__lte=90), name="%(class)s_leaves_a_rest"),
            models.CheckConstraint(
                condition=Q(winner=None) | Q(decided_at__isnull=False), name="%(class)s_winner_is_decided"
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None) | Q(started_at__isnull=False), name="%(class)s_decided_after_start"
            ),
        ]

    @property
    def is_under_way(self) -> bool:
        return self.started_at is not None and self.decided_at is None

    @property
    def over_at(self) -> datetime | None:
        return self.started_at + timedelta(hours=self.hours) if self.started_at else None

    @property
    def plan(self) -> TrialPlan:
        return TrialPlan(
            aspect=Aspect(self.aspect),
            measure=Measure(self.measure),
            share=self.share,
            hours=self.hours,
            is_automatic=self.is_automatic,
        )

    @plan.setter
    def plan(self, plan: TrialPlan) -> None:
        self.aspect, self.measure, self.share = plan.aspect, plan.measure, plan.share
        self.hours, self.is_automatic = plan.hours, plan.is_automatic


class VersionOfTrial(models.Model):
    """One of the messages of a trial, something to many by itself, and its totals when the trial was decided."""

    place = models.PositiveSmallIntegerField(_("place"))
    sent = models.PositiveIntegerField(_("letters accepted"), default=0)
    clicks = models.PositiveBigIntegerField(_("clicks"), default=0)
    unsubscribed = models.PositiveIntegerField(_("departures"), default=0)
    complained = models.PositiveIntegerField(_("complaints"), default=0)
    bounced = models.PositiveIntegerField(_("bounces"), default=0)

    class Meta:
        abstract = True
        ordering = ["trial", "place"]
        constraints = [
            models.UniqueConstraint(fields=["trial", "place"], name="%(class)s_place"),
            models.CheckConstraint(condition=Q(place__lt=MOST_VERSIONS), name="%(class)s_has_a_letter"),
        ]

    @property
    def letter(self) -> str:
        return LETTERS[self.place]

    @property
    def totals(self) -> Totals:
        """What became of it until the decision."""
        return Totals(self.sent, self.clicks, self.unsubscribed, self.complained, self.bounced)


class TrialQuerySet(TrialOfVersionsQuerySet["Trial"]):
    """Of letters."""


class Trial(TrialOfVersions):
    """A trial of versions of a letter."""

    mailing = models.OneToOneField(Mailing, models.CASCADE, related_name="trial", verbose_name=_("message"))
    aspect = models.CharField(_("what differs"), max_length=10, choices=Aspect, default=Aspect.SUBJECT)
    winner = models.ForeignKey(
        "Version", models.SET_NULL, null=True, related_name="+", verbose_name=_("version that was kept")
    )

    objects = TrialQuerySet.as_manager()

    class Meta(TrialOfVersions.Meta):
        verbose_name = _("trial of versions")
        verbose_name_plural = _("trials of versions")

    def __str__(self) -> str:
        return str(self.mailing)


class Version(VersionOfTrial):
    """One of the letters of a trial."""

    trial = models.ForeignKey(Trial, models.CASCADE, related_name="versions", verbose_name=_("trial"))
    mailing = models.OneToOneField(Mailing, models.CASCADE, related_name="version", verbose_name=_("message"))

    class Meta(VersionOfTrial.Meta):
        verbose_name = _("version of a message")
        verbose_name_plural = _("versions of messages")

    def __str__(self) -> str:
        return f"{self.letter} : {self.mailing}"


class TextTrialQuerySet(TrialOfVersionsQuerySet["TextTrial"]):
    """Of text messages."""


class TextTrial(TrialOfVersions):
    """A trial of versions of a text message: only its words may differ."""

    mailing = models.OneToOneField(ShortMessage, models.CASCADE, related_name="trial", verbose_name=_("text message"))
    winner = models.ForeignKey(
        "TextVersion", models.SET_NULL, null=True, related_name="+", verbose_name=_("version that was kept")
    )
    aspect = Aspect.CONTENT

    objects = TextTrialQuerySet.as_manager()

    class Meta(TrialOfVersions.Meta):
        verbose_name = _("trial of versions of a text message")
        verbose_name_plural = _("trials of versions of text messages")

    def __str__(self) -> str:
        return str(self.mailing)


class TextVersion(VersionOfTrial):
    """One of the text messages of a trial."""

    trial = models.ForeignKey(TextTrial, models.CASCADE, related_name="versions", verbose_name=_("trial"))
    mailing = models.OneToOneField(ShortMessage, models.CASCADE, related_name="version", verbose_name=_("text message"))

    class Meta(VersionOfTrial.Meta):
        verbose_name = _("version of a text message")
        verbose_name_plural = _("versions of text messages")

    def __str__(self) -> str:
        return f"{self.letter} : {self.mailing}"


#: What is tried by versions, or leaves at an hour.
AnyTrial = Trial | TextTrial
AnyVersion = Version | TextVersion
AnyMailing = Mailing | ShortMessage
