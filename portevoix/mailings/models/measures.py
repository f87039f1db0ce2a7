"""What a mailing counts of its readers besides clicks in all."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from portevoix.mailings.models.mailings import Mailing


class Measure(models.Model):
    """What was chosen for one mailing; without a row, clicks are counted link by link, and nothing else."""

    mailing = models.OneToOneField(Mailing, models.CASCADE, primary_key=True, related_name="measure", editable=False)
    opens = models.BooleanField(_("count openings"), default=False)
    people = models.BooleanField(_("measure those who agreed"), default=False)

    class Meta:
        verbose_name = _("measurement of a message")
        verbose_name_plural = _("measurement of messages")

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"
