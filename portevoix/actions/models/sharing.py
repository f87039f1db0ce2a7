"""A page that asks its readers to pass something on."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, PageChooserPanel
from wagtail.fields import RichTextField
from wagtail.models import Page
from wagtail.search import index

from portevoix.actions.models.action_page import FEATURES, Answered
from portevoix.kernel.pages import PublicPage


class SharePage(Answered, PublicPage, Page):
    """Words to pass on, ready for each network: plain links, nothing is loaded before a click."""

    page_description = _("All the ways to pass a page on")

    introduction = RichTextField(_("introduction"), features=FEATURES, blank=True)
    target = models.ForeignKey(
        Page,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("page to share"),
        help_text=_("Left empty: the home page of the site."),
    )
    share_text = models.CharField(_("text to share"), max_length=240)

    content_panels: ClassVar[list[Any]] = [
        *Page.content_panels,
        FieldPanel("introduction"),
        MultiFieldPanel([PageChooserPanel("target"), FieldPanel("share_text")], _("What is shared")),
    ]
    search_fields: ClassVar[list[Any]] = [*Page.search_fields, index.SearchField("introduction")]
    subpage_types: ClassVar[list[str]] = []
    template = "actions/share_page.html"

    class Meta:
        verbose_name = _("share page")
        verbose_name_plural = _("share pages")

    @property
    def description(self) -> str:
        """What search engines and shared links say of the page."""
        return self.search_description or ""
