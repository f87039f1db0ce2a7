"""What a path is: its steps, in order."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Deferrable
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from portevoix.people.types import RoleKind


class PathQuerySet(models.QuerySet["Path"]):
    def in_use(self) -> Self:
        """Keep the paths that people are still put on."""
        return self.filter(shelved_at=None)


class Path(models.Model):
    """A way along which the campaign leads people. ``version`` counts its changes, so that none is overwritten."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    purpose = models.CharField(_("what for"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(_("made on"), db_default=Now())
    shelved_at = models.DateTimeField(_("put away on"), null=True, blank=True)

    objects = PathQuerySet.as_manager()

    class Meta:
        verbose_name = _("path")
        verbose_name_plural = _("paths")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Step(models.Model):
    """A step of a path. A step that somebody stands on cannot be removed: the key of the places holds it."""

    path = models.ForeignKey(Path, models.CASCADE, related_name="steps", db_index=False, verbose_name=_("path"))
    position = models.PositiveSmallIntegerField(_("order"))
    name = models.CharField(_("name"), max_length=80)
    expected = models.CharField(_("what is expected"), max_length=300, blank=True)
    days = models.PositiveSmallIntegerField(_("days until it is due"), null=True, blank=True)
    role = models.CharField(_("role given on reaching it"), max_length=12, choices=RoleKind, blank=True)

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["path", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["path", "position"], deferrable=Deferrable.DEFERRED, name="one_step_a_position"
            ),
            models.UniqueConstraint(fields=["id", "path"], name="step_of_its_path"),
        ]

    def __str__(self) -> str:
        return self.name
