"""The journal's one table."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from portevoix.journal.types import Outcome


class Entry(models.Model):
    """One act. Holds no foreign key and no personal value, so it outlives its subjects and needs no erasure."""

    at = models.DateTimeField(_("date"), db_index=True)
    actor_kind = models.CharField(_("kind of actor"), max_length=10)
    actor_id = models.CharField(_("actor"), max_length=60, blank=True)
    actor_label = models.CharField(_("who"), max_length=200)
    command = models.CharField(_("act"), max_length=80, db_index=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome)
    about_kind = models.CharField(_("kind of object"), max_length=60, blank=True)
    about_id = models.CharField(_("object"), max_length=60, blank=True)
    count = models.BigIntegerField(_("how many"), null=True, blank=True)
    detail = models.JSONField(_("detail"), default=dict, blank=True)

    class Meta:
        verbose_name = _("journal entry")
        verbose_name_plural = _("journal")
        ordering = ["-id"]
        indexes = [models.Index(fields=["about_kind", "about_id"], name="entry_about")]

    def __str__(self) -> str:
        return f"{self.command} ({self.outcome})"
