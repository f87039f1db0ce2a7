"""Who may be somebody else's twin, the searches for them, and the names a merged record was known by."""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from portevoix.people.types import Reason


class Alias(models.Model):
    """What a record that was merged into ``person`` was called: links in letters and files still say it."""

    person = models.ForeignKey("people.Person", models.CASCADE, related_name="aliases", verbose_name=_("person"))
    ref = models.UUIDField(unique=True)
    external_ref = models.CharField(_("reference elsewhere"), max_length=80, null=True, blank=True, unique=True)

    class Meta:
        verbose_name = _("former reference")
        verbose_name_plural = _("former references")

    def __str__(self) -> str:
        return str(self.ref)


class CandidateQuerySet(models.QuerySet["Candidate"]):
    def undecided(self) -> Self:
        """Keep the pairs on which nobody has said anything yet."""
        return self.filter(told_apart_at=None)

    def between(self, one: int, other: int) -> Self:
        return self.filter(first_id=min(one, other), second_id=max(one, other))


class Candidate(models.Model):
    """Two records that may be one person; a pair told apart stays, so that nobody is asked again."""

    first = models.ForeignKey("people.Person", models.CASCADE, related_name="+", verbose_name=_("person"))
    second = models.ForeignKey("people.Person", models.CASCADE, related_name="+", verbose_name=_("other person"))
    score = models.PositiveSmallIntegerField(_("likeness"))
    reasons = ArrayField(models.CharField(max_length=20, choices=Reason), verbose_name=_("reasons"))
    #: The search that found the pair last: what a whole search no longer finds goes.
    search = models.BigIntegerField(null=True)
    told_apart_at = models.DateTimeField(_("told apart"), null=True, blank=True)

    objects = CandidateQuerySet.as_manager()

    class Meta:
        verbose_name = _("possible duplicate")
        verbose_name_plural = _("possible duplicates")
        ordering = ["-score", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="candidate_in_order"),
            models.CheckConstraint(condition=Q(score__lte=100), name="candidate_score"),
            models.UniqueConstraint(fields=["first", "second"], name="candidate_once"),
        ]
        indexes = [
            models.Index(fields=["-score", "id"], condition=Q(told_apart_at=None), name="candidate_undecided"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} ~ {self.second_id}"

    @property
    def reason_labels(self) -> list[str]:
        return [str(Reason(reason).label) for reason in self.reasons]


class DuplicateSearch(models.Model):
    """One search through everybody, and how far it is."""

    asked_by = models.CharField(_("asked by"), max_length=200)
    pairs = models.PositiveBigIntegerField(null=True)
    compared = models.PositiveBigIntegerField(default=0)
    found = models.PositiveBigIntegerField(_("found"), default=0)
    created_at = models.DateTimeField(_("date"), db_default=Now())
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("search for duplicates")
        verbose_name_plural = _("searches for duplicates")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M}"

    @property
    def progress(self) -> int:
        """How far it is, in hundredths; the blocks themselves take the first few."""
        if self.ended_at:
            return 100
        return 0 if self.pairs is None else 5 + 94 * self.compared // max(self.pairs, 1)
