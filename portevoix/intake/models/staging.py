"""What comes in by a file: the file, how far it is in, and the rows left aside."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from portevoix.intake.types import Reason


class Arrival(models.Model):
    """A file of persons coming in. The marks say how far the work is, so that it goes on after a sudden death.

    ``staged`` is the last row put into the staging table (0: none); ``is_grouped`` tells that rows of one person
    have found each other; ``merged`` is the last group that became persons.
    """

    name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(_("fingerprint"), max_length=64, db_index=True)
    declares_grounds = models.BooleanField(_("consents of the file are taken over"), default=True)
    declares_opinions = models.BooleanField(
        _("the people of the file agreed that their opinions are recorded"), default=False, db_default=False
    )
    staged = models.PositiveIntegerField(default=0)
    is_read = models.BooleanField(default=False)
    is_grouped = models.BooleanField(default=False)
    merged = models.PositiveIntegerField(default=0)
    closed_at = models.DateTimeField(_("finished"), null=True, blank=True)
    #: Key, label and kind of each custom field the file brings.
    extras = models.JSONField(default=list)
    counts = models.JSONField(_("figures"), default=dict, encoder=DjangoJSONEncoder)
    created_at = models.DateTimeField(_("date"), db_default=Now())

    class Meta:
        verbose_name = _("arrival of a file")
        verbose_name_plural = _("arrivals of files")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name

    @property
    def table(self) -> str:
        """The staging table: no model, since it has no life of its own and no log."""
        return f"intake_staged_{self.pk:d}"

    @property
    def source(self) -> str:
        """What persons and contact points say of where they come from."""
        return self.name

    @property
    def evidence(self) -> dict[str, Any]:
        """What proves a consent declared by this file, together with the number of the row."""
        return {"file": self.name, "sha256": self.sha256}


class LeftAside(models.Model):
    """A row of which something, or everything, did not come in; kept until the campaign has seen to it.

    ``problems`` pairs a reason with a column's title, empty where the reason is the whole row's.
    """

    arrival = models.ForeignKey(Arrival, models.CASCADE, related_name="left_aside", verbose_name=_("file"))
    row_number = models.PositiveIntegerField(_("row"))
    is_rejected = models.BooleanField(_("rejected"))
    problems = models.JSONField(_("reasons"), default=list)
    cells = ArrayField(models.TextField(), verbose_name=_("cells"), default=list)

    class Meta:
        verbose_name = _("row left aside")
        verbose_name_plural = _("rows left aside")
        ordering = ["arrival", "row_number"]
        constraints = [models.UniqueConstraint(fields=["arrival", "row_number"], name="left_aside_once")]

    def __str__(self) -> str:
        return f"{self.arrival_id} {self.row_number}"

    @property
    def reasons(self) -> list[tuple[Reason, str]]:
        return [(Reason(reason), column) for reason, column in self.problems]
