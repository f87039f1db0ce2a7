"""What became of text messages after they left, and what their readers answered."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portevoix.delivery.models.outbox import Batch, Message
from portevoix.people.models import Person, PhoneNumber


class ReceiptState(models.TextChoices):
    """What the operators said of a text message."""

    PENDING = "pending", pgettext_lazy("text message", "no receipt yet")
    DELIVERED = "delivered", pgettext_lazy("text message", "delivered")
    UNDELIVERED = "undelivered", pgettext_lazy("text message", "not delivered")


class TextReceipt(models.Model):
    """A text message that a provider took: its name there, how many parts it made, and what was said of it since.

    An erased person leaves a row that counts and says nothing.
    """

    message = models.OneToOneField(Message, models.CASCADE, related_name="receipt", verbose_name=_("message"))
    batch = models.ForeignKey(Batch, models.CASCADE, related_name="receipts", verbose_name=_("batch of messages"))
    person = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+", verbose_name=_("person"))
    phone = models.ForeignKey(
        PhoneNumber, models.SET_NULL, null=True, related_name="+", verbose_name=_("telephone number")
    )
    #: The provider's own name for it, by which receipts name it.
    reference = models.CharField(_("reference at the provider"), max_length=60, blank=True)
    parts = models.PositiveSmallIntegerField(_("parts"), default=1)
    state = models.CharField(_("state"), max_length=12, choices=ReceiptState, default=ReceiptState.PENDING)
    code = models.CharField(_("status code"), max_length=11, blank=True)
    at = models.DateTimeField(_("date"), db_default=Now())

    class Meta:
        verbose_name = _("receipt of a text message")
        verbose_name_plural = _("receipts of text messages")
        constraints = [
            models.UniqueConstraint(fields=["reference"], condition=~Q(reference=""), name="text_reference_once")
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.get_state_display()}".strip()


class TextReply(models.Model):
    """What somebody answered by text message. The words are theirs, and go with their record."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="text_replies", verbose_name=_("person"))
    #: The last message they had, which they most likely answer to.
    batch = models.ForeignKey(
        Batch, models.SET_NULL, null=True, related_name="replies", verbose_name=_("batch of messages")
    )
    #: The provider's own name for it: told twice, it is written once.
    reference = models.CharField(_("reference at the provider"), max_length=64)
    text = models.CharField(_("text"), max_length=1600, blank=True)
    is_stop = models.BooleanField(_("asks for no more"), default=False)
    at = models.DateTimeField(_("date"), db_default=Now())
    read_at = models.DateTimeField(_("read on"), null=True, blank=True)

    class Meta:
        verbose_name = _("reply by text message")
        verbose_name_plural = _("replies by text message")
        ordering = ["-at", "-id"]
        constraints = [models.UniqueConstraint(fields=["reference", "person"], name="text_reply_once")]
        indexes = [models.Index(fields=["-at", "-id"], name="text_reply_latest")]

    def __str__(self) -> str:
        return f"{self.pk} ({self.at:%Y-%m-%d %H:%M})"
