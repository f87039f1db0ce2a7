"""The pages on which citizens act, and the addresses that wait for a link."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Page

from portevoix.rights.purposes import Purpose

FEATURES = ["bold", "italic", "link", "ul", "ol"]


class SignUpPage(Page):
    """Joining the campaign: an address, and what it may be used for."""

    introduction = RichTextField(_("introduction"), features=FEATURES, blank=True)
    button = models.CharField(_("button"), max_length=60, default="Je rejoins la campagne")
    offers_texts = models.BooleanField(_("also ask about text messages"), default=True)
    offers_calls = models.BooleanField(_("also ask about calls"), default=False)
    thanks = RichTextField(_("thanks, shown once the form is sent"), features=FEATURES, blank=True)
    welcome = RichTextField(_("welcome, shown once the address is confirmed"), features=FEATURES, blank=True)

    content_panels = [
        *Page.content_panels,
        FieldPanel("introduction"),
        MultiFieldPanel([FieldPanel("button"), FieldPanel("offers_texts"), FieldPanel("offers_calls")], _("Form")),
        MultiFieldPanel([FieldPanel("thanks"), FieldPanel("welcome")], _("Answers")),
    ]
    subpage_types: list[str] = []

    class Meta:
        verbose_name = _("sign-up page")
        verbose_name_plural = _("sign-up pages")

    @property
    def purposes(self) -> list[Purpose]:
        """What the form asks about, the newsletter first."""
        offered = {Purpose.TEXTS: self.offers_texts, Purpose.CALLS: self.offers_calls}
        return [Purpose.NEWSLETTER, *(purpose for purpose, is_offered in offered.items() if is_offered)]


class LinkWanted(models.Model):
    """An address written on the page of one’s data, until somebody looks whose it is, a moment later."""

    address = models.CharField(_("e-mail address"), max_length=254)
    created_at = models.DateTimeField(_("asked on"), db_default=Now())

    class Meta:
        verbose_name = _("address that waits for a link")
        verbose_name_plural = _("addresses that wait for a link")
        ordering = ["id"]

    def __str__(self) -> str:
        return str(self.pk)
