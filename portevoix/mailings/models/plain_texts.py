"""The text part of a letter, where its author wrote it by hand."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from portevoix.mailings.models.mailings import Mailing


class OwnText(models.Model):
    """What readers of plain text get instead of what the blocks say; kept beside the blocks, never mixed with them."""

    mailing = models.OneToOneField(
        Mailing, models.CASCADE, related_name="own_text", editable=False, verbose_name=_("message")
    )
    words = models.TextField(_("plain text"), max_length=60_000)
    #: Of the text that the blocks said when this was written: when they say something else, this is stale.
    derived_digest = models.CharField(max_length=64, editable=False)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("written by"),
    )
    written_at = models.DateTimeField(_("written on"), editable=False)

    class Meta:
        verbose_name = _("plain text of a message")
        verbose_name_plural = _("plain texts of messages")

    def __str__(self) -> str:
        return str(self.mailing)
