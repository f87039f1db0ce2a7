"""A letter to many, as its authors write it, and what became of it in totals."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from wagtail.fields import StreamField
from wagtail.models import PreviewableMixin

from portevoix.mailings.blocks import LetterBlock
from portevoix.mailings.exceptions import NotADraft
from portevoix.mailings.types import STILL_HERE, UNDER_WAY, State
from portevoix.rights.purposes import Purpose


class MailingQuerySet(models.QuerySet["Mailing"]):
    """The vocabulary of reads about mailings."""

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

    def locked_here(self, pk: int) -> Mailing:
        """Return what has not left, drafted or scheduled, locked until the transaction ends. Raises NotADraft."""
        mailing = self.select_for_update().get(pk=pk)
        if not mailing.is_here:
            raise NotADraft
        return mailing

    def locked_draft(self, pk: int) -> Mailing:
        """Return a draft that nobody else changes or sends until the transaction ends. Raises NotADraft."""
        mailing = self.select_for_update().get(pk=pk)
        if not mailing.is_draft:
            raise NotADraft
        return mailing


class Mailing(PreviewableMixin, models.Model):
    """A letter to a segment. Once it is sent it is evidence: it is copied, never changed.

    The totals are written when the last message has left or was held back; clicks and departures go on
    being counted by the outbox. Nothing here leads to a person.
    """

    title = models.CharField(_("title"), max_length=120, help_text=_("For the team only; readers do not see it."))
    subject = models.CharField(_("subject"), max_length=200)
    preheader = models.CharField(
        _("preview line"),
        max_length=200,
        blank=True,
        help_text=_("Shown after the subject in the list of messages, before the letter is opened."),
    )
    sender_name = models.CharField(
        _("sender’s name"), max_length=100, blank=True, help_text=_("Empty: the name of the campaign.")
    )
    reply_to = models.EmailField(
        _("replies go to"), blank=True, help_text=_("Empty: the address that messages are sent from.")
    )
    body = StreamField(LetterBlock(), verbose_name=_("letter"))
    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose, default=Purpose.NEWSLETTER, editable=False)
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
    sent = models.PositiveIntegerField(_("letters accepted"), default=0, editable=False)
    failed = models.PositiveIntegerField(_("letters refused"), default=0, editable=False)
    suppressed = models.PositiveIntegerField(_("letters held back"), default=0, editable=False)
    uncertain = models.PositiveIntegerField(_("letters uncertain"), default=0, editable=False)

    objects = MailingQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=STILL_HERE, batch=None, sent_at=None)
                | (~Q(state__in=STILL_HERE) & Q(batch__isnull=False, sent_at__isnull=False)),
                name="mailing_sent_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[*STILL_HERE, *UNDER_WAY], finished_at=None)
                | Q(state__in=[State.SENT, State.STOPPED]),
                name="mailing_finished_after_sent",
            ),
        ]
        indexes = [models.Index(fields=["state", "-sent_at"], name="mailing_by_state")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_draft(self) -> bool:
        return self.state == State.DRAFT

    @property
    def is_here(self) -> bool:
        """Whether nothing of it has left."""
        return self.state in STILL_HERE

    @property
    def preview_modes(self) -> list[tuple[str, str | Promise]]:
        """The ways in which a message is shown."""
        return [("html", _("E-mail")), ("dark", _("In the dark")), ("text", _("Plain text"))]
