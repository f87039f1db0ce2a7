"""What letters and text messages to many have in common: to whom, where it stands, and what became of it."""

from __future__ import annotations

from typing import Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from portevoix.mailings.exceptions import NotADraft
from portevoix.mailings.types import STILL_HERE, State

M = TypeVar("M", bound="ToMany")


class ToManyQuerySet(models.QuerySet[M]):
    """The vocabulary of reads about what is sent to many."""

    def drafts(self) -> Self:
        return self.filter(state=State.DRAFT)

    def to_be_closed(self) -> Self:
        """Keep what has left to the last message and whose totals are not written yet; a trial is not over before it
        is decided."""
        left = self.filter(finished_at=None, batch__finished_at__isnull=False)
        return left.exclude(version__isnull=False, version__trial__decided_at=None)

    def gone(self) -> Self:
        """Keep what has left, wholly or in part, or is leaving."""
        return self.exclude(state__in=STILL_HERE)

    def locked_here(self, pk: int) -> M:
        """Return what has not left, drafted or scheduled, locked until the transaction ends. Raises NotADraft."""
        found = self.select_for_update(of=("self",)).get(pk=pk)
        if not found.is_here:
            raise NotADraft
        return found

    def locked_draft(self, pk: int) -> M:
        """Return a draft that nobody else changes or sends until the transaction ends. Raises NotADraft."""
        found = self.select_for_update(of=("self",)).get(pk=pk)
        if not found.is_draft:
            raise NotADraft
        return found


class ToMany(models.Model):
    """Something written to a segment. Once it is sent it is evidence: it is copied, never changed."""

    title = models.CharField(_("title"), max_length=120, help_text=_("For the team only; readers do not see it."))
    segment = models.ForeignKey(
        "segments.Segment",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("segment"),
        help_text=_("Who will receive it, among those who agreed to."),
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("written by"),
    )
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    updated_at = models.DateTimeField(_("last changed"), auto_now=True, db_default=Now())
    batch = models.OneToOneField(
        "delivery.Batch",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("batch of messages"),
    )
    #: The segment may be changed or deleted later; the results say to whom this went.
    segment_name = models.CharField(_("sent to the segment"), max_length=200, blank=True, editable=False)
    sent_at = models.DateTimeField(_("sent on"), null=True, editable=False)
    finished_at = models.DateTimeField(_("finished on"), null=True, editable=False)
    recipients = models.PositiveIntegerField(_("recipients"), default=0, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.title

    @property
    def is_draft(self) -> bool:
        return self.state == State.DRAFT

    @property
    def is_here(self) -> bool:
        """Whether nothing of it has left."""
        return self.state in STILL_HERE
