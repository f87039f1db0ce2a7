"""A letter to many, as its authors write it, and what became of it in totals."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from wagtail.fields import StreamField
from wagtail.models import PreviewableMixin

from portevoix.mailings.blocks import LetterBlock
from portevoix.mailings.models.to_many import ToMany, ToManyQuerySet
from portevoix.mailings.types import STILL_HERE, UNDER_WAY, State
from portevoix.rights.purposes import Purpose


class MailingQuerySet(ToManyQuerySet["Mailing"]):
    """The vocabulary of reads about mailings."""


class Mailing(PreviewableMixin, ToMany):
    """A letter to a segment.

    The totals are written when the last message has left or was held back; clicks and departures go on
    being counted by the outbox. Nothing here leads to a person.
    """

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

    @property
    def preview_modes(self) -> list[tuple[str, str | Promise]]:
        """The ways in which a message is shown."""
        return [("html", _("E-mail")), ("dark", _("In the dark")), ("text", _("Plain text"))]
