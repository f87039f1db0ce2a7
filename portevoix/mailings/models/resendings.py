"""Letters that are sent again, to those whom they did not reach."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portevoix.mailings.models.mailings import Mailing
from portevoix.mailings.types import Again


class Resending(models.Model):
    """That a mailing goes to those whom another did not reach, and never to those who have it."""

    mailing = models.OneToOneField(
        Mailing, models.CASCADE, related_name="resending", primary_key=True, verbose_name=_("message")
    )
    #: The first of them all: what is sent again may be sent again.
    original = models.ForeignKey(
        Mailing, models.PROTECT, related_name="resendings", verbose_name=_("message that is sent again")
    )
    undelivered = models.BooleanField(_("those from whom it came back"), default=True)
    uncertain = models.BooleanField(_("those of whom nobody knows whether they have it"), default=False)
    newcomers = models.BooleanField(_("those who came since"), default=True)

    class Meta:
        verbose_name = _("message sent again")
        verbose_name_plural = _("messages sent again")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(mailing=models.F("original")), name="resending_of_another"),
            models.CheckConstraint(
                condition=Q(undelivered=True) | Q(uncertain=True) | Q(newcomers=True), name="resending_to_somebody"
            ),
        ]

    def __str__(self) -> str:
        return str(self.mailing)

    @property
    def again(self) -> Again:
        return Again(undelivered=self.undelivered, uncertain=self.uncertain, newcomers=self.newcomers)
