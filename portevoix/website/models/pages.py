"""The home page, pages of text, and landing pages."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page
from wagtail.search import index

from portevoix.website.blocks import ButtonBlock, HomeBlock, StoryBlock
from portevoix.website.models.news import ArticlePage
from portevoix.website.models.site_page import SitePage


class HomePage(SitePage):
    """The door of the site: one sentence, one picture, one thing to do."""

    headline = models.CharField(_("headline"), max_length=80, help_text=_("A few words, shown as large as can be."))
    kicker = models.CharField(_("line above the headline"), max_length=80, blank=True)
    buttons = StreamField([("button", ButtonBlock())], verbose_name=_("buttons"), blank=True, max_num=2)
    body = StreamField(HomeBlock(), verbose_name=_("bands"), blank=True)
    footer_text = RichTextField(
        _("text of the footer in this language"),
        features=["bold", "italic", "link"],
        blank=True,
        help_text=_("Only for a translated site; the text of the main language is in the identity."),
    )

    content_panels: ClassVar[list[Any]] = [
        *Page.content_panels,
        MultiFieldPanel(
            [
                FieldPanel("kicker"),
                FieldPanel("headline"),
                FieldPanel("lead"),
                FieldPanel("picture"),
                FieldPanel("buttons"),
            ],
            _("Opening"),
        ),
        FieldPanel("body"),
        FieldPanel("footer_text"),
    ]
    promote_panels: ClassVar[list[Any]] = Page.promote_panels
    search_fields: ClassVar[list[Any]] = [*SitePage.search_fields, index.SearchField("body")]
    parent_page_types: ClassVar[list[str]] = ["wagtailcore.Page"]
    template = "website/home_page.html"

    class Meta:
        verbose_name = _("home page")
        verbose_name_plural = _("home pages")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        context["latest_articles"] = ArticlePage.latest_under(self)[:3]
        return context


class StandardPage(SitePage):
    """A page of text: programme, candidate, team, questions."""

    page_description = _("What has no kind of its own")

    headline = models.CharField(
        _("headline"), max_length=80, blank=True, help_text=_("Shown large; the title, shorter, stays in menus.")
    )
    body = StreamField(StoryBlock(), verbose_name=_("content"), blank=True)

    content_panels: ClassVar[list[Any]] = [
        *Page.content_panels,
        FieldPanel("headline"),
        FieldPanel("lead"),
        FieldPanel("body"),
    ]
    search_fields: ClassVar[list[Any]] = [*SitePage.search_fields, index.SearchField("body")]
    template = "website/standard_page.html"

    class Meta:
        verbose_name = _("page of text")
        verbose_name_plural = _("pages of text")


class LandingPage(SitePage):
    """A page with one thing to do, and nothing that leads away: no menu at the top."""

    page_description = _("One thing to do, no menu")

    headline = models.CharField(_("headline"), max_length=80)
    buttons = StreamField([("button", ButtonBlock())], verbose_name=_("buttons"), blank=True, max_num=2)
    body = StreamField(StoryBlock(), verbose_name=_("content"), blank=True)

    content_panels: ClassVar[list[Any]] = [
        *Page.content_panels,
        FieldPanel("headline"),
        FieldPanel("lead"),
        FieldPanel("picture"),
        FieldPanel("buttons"),
        FieldPanel("body"),
    ]
    promote_panels: ClassVar[list[Any]] = Page.promote_panels
    search_fields: ClassVar[list[Any]] = [*SitePage.search_fields, index.SearchField("body")]
    subpage_types: ClassVar[list[str]] = []
    template = "website/landing_page.html"

    class Meta:
        verbose_name = _("landing page")
        verbose_name_plural = _("landing pages")
