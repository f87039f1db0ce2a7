"""Where participants came from: figures that name nobody, and links of one's own to pass on."""

from __future__ import annotations

import secrets
import uuid
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from portevoix.actions.models.taking_part import Participation
from portevoix.actions.types import Stage
from portevoix.kernel import clock
from portevoix.people.models import Person

#: Signs that are not taken for one another, as in passwords of exports.
ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
#: 50 bits: nobody meets a code by trying, and it still fits in a text message.
LENGTH = 10


class OriginMark(models.Model):
    """That a form came as far as a stage, on a day, by a link. Nobody is in it, so it outlives who sent the form.

    Its key is drawn and it has no hour: neither leads to a person's own row. The database lets nobody change one.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    page = models.ForeignKey(Page, models.CASCADE, related_name="+", verbose_name=_("page"))
    day = models.DateField(_("day"), default=clock.today)
    stage = models.CharField(_("stage"), max_length=10, choices=Stage)
    source = models.CharField(_("source"), max_length=60, blank=True)
    medium = models.CharField(_("medium"), max_length=60, blank=True)
    campaign = models.CharField(_("campaign"), max_length=60, blank=True)
    referrer = models.CharField(_("site they came from"), max_length=253, blank=True)
    is_recruited = models.BooleanField(_("by a personal link"), default=False)

    class Meta:
        verbose_name = _("mark of origin")
        verbose_name_plural = _("marks of origin")
        indexes = [models.Index(fields=["page", "day"], name="origin_page")]

    def __str__(self) -> str:
        return f"{self.page_id} {self.day} {self.stage}"


class ShareCodeQuerySet(models.QuerySet["ShareCode"]):
    def in_force(self) -> Self:
        """Keep those whose owner's own part in the action counts: who takes it back recruits nobody any more."""
        counted = Participation.objects.counted().filter(page=OuterRef("page"), person=OuterRef("person"))
        return self.filter(Exists(counted))

    def abandoned(self) -> Self:
        """Keep those whose owner has no part in the action any more."""
        taken = Participation.objects.filter(page=OuterRef("page"), person=OuterRef("person"))
        return self.filter(~Exists(taken))


def new_code() -> str:
    """Draw the code of a link."""
    return "".join(secrets.choice(ALPHABET) for _sign in range(LENGTH))


class ShareCode(models.Model):
    """The code in the link that one participant passes on. It says nothing of them to who reads it."""

    page = models.ForeignKey(Page, models.CASCADE, related_name="+", verbose_name=_("page"))
    person = models.ForeignKey(Person, models.CASCADE, related_name="share_codes", verbose_name=_("person"))
    code = models.CharField(_("personal link"), max_length=12, unique=True, default=new_code)
    created_at = models.DateTimeField(_("made on"), db_default=Now())

    objects = ShareCodeQuerySet.as_manager()

    class Meta:
        verbose_name = _("share code")
        verbose_name_plural = _("share codes")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["page", "person"], name="share_code_once")]

    def __str__(self) -> str:
        return str(self.pk)
