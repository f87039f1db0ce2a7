"""The page types of the public site."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index

from portevoix.kernel import clock
from portevoix.registers.selectors import public
from portevoix.website.blocks import ButtonBlock, HomeBlock, StoryBlock


class SitePage(Page):
    """What every page of the site has: an introduction, and a picture for where it is shared."""

    lead = models.TextField(_("introduction"), blank=True, help_text=_("One or two sentences, shown large."))
    picture = models.ForeignKey(
        "website.Picture",
        verbose_name=_("picture"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    content_panels: ClassVar[list[Any]] = [*Page.content_panels, FieldPanel("lead")]
    promote_panels: ClassVar[list[Any]] = [*Page.promote_panels, FieldPanel("picture")]
    search_fields: ClassVar[list[Any]] = [*Page.search_fields, index.SearchField("lead")]

    class Meta:
        abstract = True

    @property
    def description(self) -> str:
        """What search engines and shared links say of the page."""
        return self.search_description or self.lead


class HomePage(SitePage):
    """The door of the site: one sentence, one picture, one thing to do."""

    headline = models.CharField(_("headline"), max_length=80, help_text=_("A few words, shown as large as can be."))
    kicker = models.CharField(_("line above the headline"), max_length=80, blank=True)
    buttons = StreamField([("button", ButtonBlock())], verbose_name=_("buttons"), blank=True, max_num=2)
    body = StreamField(HomeBlock(), verbose_name=_("bands"), blank=True)

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


class IndexPage(SitePage):
    """The list of the news."""

    subpage_types: ClassVar[list[str]] = ["website.ArticlePage"]
    template = "website/index_page.html"
    per_page = 12

    class Meta:
        verbose_name = _("list of news")
        verbose_name_plural = _("lists of news")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        articles = Paginator(ArticlePage.latest_under(self), self.per_page)
        context["listing"] = articles.get_page(request.GET.get("page"))
        return context


class ArticlePage(SitePage):
    """One piece of news."""

    published_on = models.DateField(_("date"), default=clock.today)
    body = StreamField(StoryBlock(), verbose_name=_("content"), blank=True)

    content_panels: ClassVar[list[Any]] = [
        *Page.content_panels,
        FieldPanel("published_on"),
        FieldPanel("lead"),
        FieldPanel("picture"),
        FieldPanel("body"),
    ]
    promote_panels: ClassVar[list[Any]] = Page.promote_panels
    search_fields: ClassVar[list[Any]] = [
        *SitePage.search_fields,
        index.SearchField("body"),
        index.FilterField("published_on"),
    ]
    parent_page_types: ClassVar[list[str]] = ["website.IndexPage"]
    subpage_types: ClassVar[list[str]] = []
    template = "website/article_page.html"

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")

    @classmethod
    def latest_under(cls, page: Page) -> models.QuerySet[ArticlePage]:
        """Return the published articles below a page, the latest first, with their pictures."""
        found: models.QuerySet[ArticlePage] = (
            cls.objects.live()
            .public()
            .descendant_of(page)
            .select_related("picture")
            .prefetch_related("picture__renditions")
            .order_by("-published_on", "-pk")
        )
        return found


class LegalPage(SitePage):
    """A page the law asks for, written from the facts that the instance declares."""

    class Kind(models.TextChoices):
        NOTICE = "notice", _("legal notice")
        PRIVACY = "privacy", _("privacy")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.NOTICE)
    body = StreamField(StoryBlock(), verbose_name=_("what the campaign adds"), blank=True)

    content_panels: ClassVar[list[Any]] = [
        *Page.content_panels,
        FieldPanel("kind"),
        FieldPanel("lead"),
        FieldPanel("body"),
    ]
    subpage_types: ClassVar[list[str]] = []
    template = "website/legal_page.html"

    class Meta:
        verbose_name = _("legal page")
        verbose_name_plural = _("legal pages")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        context["legal"] = settings.INSTANCE.legal
        context["facts"] = public.notice()
        return context
