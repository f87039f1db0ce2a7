"""A file on its way in, as the people who sent it see it."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from portevoix.exchange.types import AT_WORK, State
from portevoix.intake.models import Arrival
from portevoix.intake.types import Fault


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    def unfinished(self) -> Self:
        """Keep those that a process may have left halfway."""
        return self.filter(state__in=[*AT_WORK, State.STOPPED])

    def at_work(self) -> Self:
        """Keep those that a process works on, or should."""
        return self.filter(state__in=AT_WORK)

    def undecided(self) -> Self:
        """Keep those that wait for somebody's decision."""
        return self.filter(state__in=[State.READY, State.STOPPED])


class ImportRun(models.Model):
    """One file, from its sending to its report. The file itself goes as soon as the run has ended."""

    arrival = models.OneToOneField(Arrival, models.CASCADE, related_name="run", verbose_name=_("arrival of a file"))
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.RECEIVED, db_index=True)
    asked_by = models.CharField(_("sent by"), max_length=200)
    size = models.PositiveBigIntegerField(_("size"), default=0)
    #: Line ends in the file: what progress is measured against.
    lines = models.PositiveBigIntegerField(default=0)
    #: What becomes of each column.
    columns = models.JSONField(default=list)
    forecast = models.JSONField(default=dict)
    fault = models.CharField(max_length=20, choices=Fault, blank=True)
    fault_values = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    #: Unforeseen failures so far: too many stop the run.
    failures = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(_("sent"), db_default=Now())
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.arrival.name

    @property
    def path(self) -> Path:
        """Where the file is kept: outside the media folder, so that no address leads to it."""
        return Path(settings.DATA_DIR) / "imports" / f"{self.pk}.upload"

    @property
    def is_working(self) -> bool:
        return self.state in AT_WORK

    @property
    def progress(self) -> int:
        """How far the present stage is, in hundredths."""
        if self.state == State.MERGING:
            return 100 * self.arrival.merged // max(self.arrival.staged, 1)
        if self.state in {State.RECEIVED, State.READING}:
            return min(99, 100 * self.arrival.staged // max(self.lines, 1))
        return 100

    @property
    def explanation(self) -> str:
        """Why the file was refused, in the reader's language."""
        return Fault(self.fault).told(self.fault_values) if self.fault else ""
