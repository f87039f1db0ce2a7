"""A text message to many, as its authors write it, and what became of it in totals."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from portevoix.mailings.exceptions import NotADraft
from portevoix.mailings.types import State
from portevoix.rights.purposes import Purpose


class ShortMessageQuerySet(models.QuerySet["ShortMessage"]):
    """The vocabulary of reads about text messages."""

    def to_be_closed(self) -> Self:
        """Keep what has left to the last message and whose totals are not written yet."""
        return self.filter(finished_at=None, batch__finished_at__isnull=False)

    def gone(self) -> Self:
        """Keep what has left, wholly or in part, or is leaving."""
        return self.exclude(state=State.DRAFT)

    def locked_draft(self, pk: int) -> ShortMessage:
        """Return a draft that nobody else changes or sends until the transaction ends. Raises NotADraft."""
        text = self.select_for_update().get(pk=pk)
        if not text.is_draft:
            raise NotADraft
        return text


class ShortMessage(models.Model):
    """A text message to a segment. Once it is sent it is evidence: it is never changed (docs/decisions/0018)."""

    title = models.CharField(_("title"), max_length=120, help_text=_("For the team only; readers do not see it."))
    words = models.TextField(_("message"), max_length=1600)
    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose, default=Purpose.TEXTS, editable=False)
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
    sent = models.PositiveIntegerField(_("messages accepted"), default=0, editable=False)
    #: What it was foreseen to cost when it was sent, in cents.
    foreseen_cents = models.PositiveBigIntegerField(_("foreseen cost in cents"), default=0, editable=False)

    objects = ShortMessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("text message")
        verbose_name_plural = _("text messages")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=State.DRAFT, batch=None, sent_at=None)
                | (~Q(state=State.DRAFT) & Q(batch__isnull=False, sent_at__isnull=False)),
                name="short_message_sent_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[State.DRAFT, State.SENDING], finished_at=None)
                | Q(state__in=[State.SENT, State.STOPPED]),
                name="short_message_finished_after_sent",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_draft(self) -> bool:
        return self.state == State.DRAFT
