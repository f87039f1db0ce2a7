"""To whom else a mailing goes, and to whom not: segments beside the one of its draft."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portevoix.mailings.models.mailings import Mailing


class Target(models.Model):
    """A segment that is added to a mailing's audience, or taken from it.

    It stays as long as the mailing: without it, a draft, or a copy of what was sent, would go to more people unseen.
    """

    mailing = models.ForeignKey(Mailing, models.CASCADE, related_name="targets", verbose_name=_("message"))
    segment = models.ForeignKey(
        "segments.Segment", models.PROTECT, related_name="+", verbose_name=pgettext_lazy("target", "segment")
    )
    is_excluded = models.BooleanField(_("is excluded"), default=False)

    class Meta:
        verbose_name = _("target of a message")
        verbose_name_plural = _("targets of messages")
        ordering = ["is_excluded", "segment__name", "pk"]
        constraints = [models.UniqueConstraint(fields=["mailing", "segment"], name="target_once")]

    def __str__(self) -> str:
        return f"{'−' if self.is_excluded else '+'} {self.segment}"
