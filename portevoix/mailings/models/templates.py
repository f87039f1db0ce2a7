"""Letters to begin from, which the campaign saved."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from wagtail.fields import StreamField

from portevoix.mailings.blocks import LetterBlock


class Template(models.Model):
    """The words of a draft under a name; a new draft begins as a copy of them and owes them nothing after."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    purpose = models.CharField(_("what for"), max_length=200, blank=True)
    subject = models.CharField(_("subject"), max_length=200)
    preheader = models.CharField(_("preview line"), max_length=200, blank=True)
    sender_name = models.CharField(_("sender’s name"), max_length=100, blank=True)
    body = StreamField(LetterBlock(), verbose_name=_("letter"))
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("saved by"),
    )
    saved_at = models.DateTimeField(_("saved on"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("template of messages")
        verbose_name_plural = _("templates of messages")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
