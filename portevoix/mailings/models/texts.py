"""A text message to many, as its authors write it, and what became of it in totals."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portevoix.mailings.models.to_many import ToMany, ToManyQuerySet
from portevoix.mailings.types import STILL_HERE, State
from portevoix.rights.purposes import Purpose


class ShortMessageQuerySet(ToManyQuerySet["ShortMessage"]):
    """The vocabulary of reads about text messages."""


class ShortMessage(ToMany):
    """A text message to a segment (docs/decisions/0018)."""

    words = models.TextField(_("message"), max_length=1600)
    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose, default=Purpose.TEXTS, editable=False)
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
                condition=Q(state__in=STILL_HERE, batch=None, sent_at=None)
                | (~Q(state__in=STILL_HERE) & Q(batch__isnull=False, sent_at__isnull=False)),
                name="short_message_sent_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[*STILL_HERE, State.SENDING], finished_at=None)
                | Q(state__in=[State.SENT, State.STOPPED]),
                name="short_message_finished_after_sent",
            ),
        ]
