"""Political advertisements: what the campaign says of one, and the public notices, which are only added to.

Letters and texts, and what rooms above write to people, share the shape of a declaration, not its table.
"""

from __future__ import annotations

import secrets
from typing import Any

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from portevoix.mailings.models.mailings import Mailing
from portevoix.mailings.models.texts import ShortMessage
from portevoix.mailings.types import Origin, Place

ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
LENGTH = 10


def new_code() -> str:
    """Return a name for a notice's address that nobody guesses."""
    return "".join(secrets.choice(ALPHABET) for _sign in range(LENGTH))


class Declared(models.Model):
    """What the campaign declares of a political advertisement (regulation (EU) 2024/900).

    It is written with the draft; the notice takes it over when that leaves.
    """

    #: Names the notice in its address, from the label on: it says nothing about when or how many.
    code = models.CharField(max_length=12, unique=True, editable=False)
    sponsor = models.CharField(_("sponsor"), max_length=200)
    sponsor_email = models.EmailField(_("sponsor’s e-mail address"))
    sponsor_address = models.CharField(_("sponsor’s postal address"), max_length=300)
    controller = models.CharField(_("who controls the sponsor"), max_length=200, blank=True)
    payer = models.CharField(_("who pays, when it is somebody else"), max_length=300, blank=True)
    election = models.ForeignKey(
        "territory.Election",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("election"),
    )
    process = models.CharField(_("law or rule it is about"), max_length=200, blank=True)
    begins_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    amount = models.DecimalField(
        _("amount spent, in euros"), max_digits=12, decimal_places=2, validators=[MinValueValidator(0)]
    )
    benefits = models.CharField(_("other benefits, and their value"), max_length=300, blank=True)
    method = models.CharField(_("how the amount was reckoned"), max_length=500)
    origin = models.CharField(_("origin of the money"), max_length=10, choices=Origin)
    place = models.CharField(_("where it comes from"), max_length=10, choices=Place)
    logic = models.TextField(_("how the readers were chosen"), blank=True)
    complaints = models.EmailField(_("complaints go to"))
    suspended = models.CharField(_("earlier suspension of the same advertisement"), max_length=500, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("begins_on")), name="%(class)s_ends_after_it_begins"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="%(class)s_costs_nothing_or_more"),
        ]

    def __str__(self) -> str:
        return self.code


class Advert(Declared):
    """That a letter is a political advertisement."""

    mailing = models.OneToOneField(Mailing, models.CASCADE, primary_key=True, related_name="advert", editable=False)

    class Meta(Declared.Meta):
        verbose_name = _("political advertisement")
        verbose_name_plural = _("political advertisements")


class TextAdvert(Declared):
    """That a text message is a political advertisement."""

    mailing = models.OneToOneField(
        ShortMessage, models.CASCADE, primary_key=True, related_name="advert", editable=False
    )

    class Meta(Declared.Meta):
        verbose_name = _("political advertisement by text message")
        verbose_name_plural = _("political advertisements by text message")


AnyAdvert = Advert | TextAdvert


class NoticeQuerySet(models.QuerySet["Notice"]):
    def latest_versions(self) -> NoticeQuerySet:
        """Keep the last version of each notice, the newest advertisement first."""
        newer = Notice.objects.filter(code=models.OuterRef("code"), version__gt=models.OuterRef("version"))
        return self.filter(~models.Exists(newer)).order_by("-first_at", "-pk")


class Notice(models.Model):
    """One version of the public notice of a political advertisement, kept for seven years after the last one.

    It leads to no mailing, so that it outlives it. The database refuses that a version is changed, or goes before its
    time (migration 0007): what was wrong is said right by another version.
    """

    code = models.CharField(_("number of the notice"), max_length=12)
    version = models.PositiveSmallIntegerField(_("version"))
    #: When the advertisement was first told of.
    first_at = models.DateTimeField(_("published"), db_default=Now())
    at = models.DateTimeField(_("date of this version"), db_default=Now())
    #: The facts, by names that do not change: the page, the register and its file are three readings of it.
    content: Any = models.JSONField(_("facts"))
    reason = models.CharField(_("why it was corrected"), max_length=300, blank=True)
    kept_until = models.DateField(_("kept until"))

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("transparency notice")
        verbose_name_plural = _("transparency notices")
        ordering = ["code", "-version"]
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="notice_version")]

    def __str__(self) -> str:
        return f"{self.code} v{self.version}"
