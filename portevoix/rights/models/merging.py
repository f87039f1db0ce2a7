"""Merges: which record went into which, and for thirty days what it takes to part them again."""

from __future__ import annotations

from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from portevoix.people.models import Person

#: Below this likeness no machine may merge: a family shares a name, a telephone and an address.
LEAST_THRESHOLD = 90


class MergeQuerySet(models.QuerySet["Merge"]):
    def standing(self) -> Self:
        """Keep the merges that were not undone."""
        return self.filter(undone_at=None)

    def undoable(self) -> Self:
        """Keep those whose snapshot is still there."""
        return self.standing().filter(snapshot__isnull=False)


class Merge(models.Model):
    """That one record was merged into another.

    ``snapshot`` holds the absorbed record, the kept one's former values and, by table, which rows moved, changed or
    were dropped: everything that undoing takes, destroyed after thirty days (RGPD art. 5(1)(e)).
    """

    kept = models.ForeignKey(Person, models.CASCADE, related_name="merges", verbose_name=_("kept person"))
    #: No key: the record is gone, and comes back under the same number if the merge is undone.
    absorbed_number = models.BigIntegerField(_("absorbed record"), db_index=True)
    by = models.CharField(_("by"), max_length=200)
    is_automatic = models.BooleanField(_("automatic"), default=False)
    snapshot = models.JSONField(null=True)
    at = models.DateTimeField(_("date"), db_default=Now())
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)

    objects = MergeQuerySet.as_manager()

    class Meta:
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["absorbed_number"], condition=Q(undone_at__isnull=True), name="absorbed_once"
            )
        ]
        indexes = [
            models.Index(fields=["at"], condition=Q(snapshot__isnull=False), name="merge_snapshots"),
        ]

    def __str__(self) -> str:
        return f"{self.absorbed_number} → {self.kept_id}"

    @property
    def absorbed_name(self) -> str:
        """The name of the absorbed record while the snapshot is kept."""
        person = (self.snapshot or {}).get("person", {})
        return f"{person.get('first_name', '')} {person.get('last_name', '')}".strip() or str(_("(no name)"))


class MergingRule(models.Model):
    """The campaign's rule on merges that nobody looks at; the only row there is."""

    threshold = models.PositiveSmallIntegerField(
        _("merge by itself from this likeness"),
        null=True,
        blank=True,
        validators=[MinValueValidator(LEAST_THRESHOLD), MaxValueValidator(100)],
    )

    class Meta:
        verbose_name = _("rule on merging")
        verbose_name_plural = _("rules on merging")
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="merging_rule_is_one"),
            models.CheckConstraint(
                condition=Q(threshold__isnull=True) | Q(threshold__gte=LEAST_THRESHOLD, threshold__lte=100),
                name="merging_rule_is_careful",
            ),
        ]

    def __str__(self) -> str:
        return str(self.threshold)
