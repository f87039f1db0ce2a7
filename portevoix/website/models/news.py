"""News and press releases, their lists and their feeds, and the press room."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.routable_page.models import RoutablePageMixin, path
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index

from portevoix.kernel import clock
from portevoix.kernel.pages import LINKED
from portevoix.website.blocks import StoryBlock
from portevoix.website.models.feeds import atom, json_feed, rss
from portevoix.website.models.site_page import SitePage, with_foreign

FEED_LENGTH = 30


class WithFeeds(RoutablePageMixin):
    """A list that can be followed without giving an address to anybody: RSS, Atom and JSON Feed."""

    def articles(self) -> models.QuerySet[ArticlePage]:
        raise NotImplementedError

    @path("")
    def index_route(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer with the list itself; Wagtail comes here by no page's own ``serve``."""
        return with_foreign(self, super().index_route(request, *args, **kwargs))

    @path("flux/rss/")
    def as_rss(self, request: HttpRequest) -> HttpResponse:
        return rss(self, self.articles()[:FEED_LENGTH], request)

    @path("flux/atom/")
    def as_atom(self, request: HttpRequest) -> HttpResponse:
        return atom(self, self.articles()[:FEED_LENGTH], request)

    @path("flux/json/")
    def as_json(self, request: HttpRequest) -> HttpResponse:
        return json_feed(self, self.articles()[:FEED_LENGTH], request)


class IndexPage(WithFeeds, SitePage):
    """The list of the news."""

    page_description = _("News and press releases, with their feeds")

    subpage_types: ClassVar[list[str]] = ["website.ArticlePage"]
    template = "website/index_page.html"
    per_page = 12

    class Meta:
        verbose_name = _("list of news")
        verbose_name_plural = _("lists of news")

    def articles(self) -> models.QuerySet[ArticlePage]:
        return ArticlePage.latest_under(self)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        articles = Paginator(self.articles(), self.per_page)
        context["listing"] = articles.get_page(request.GET.get("page"))
        return context


class ArticlePage(SitePage):
    """One piece of news, or a press release."""

    page_description = _("A piece of news or a press release")

    class Kind(models.TextChoices):
        NEWS = "news", _("news")
        RELEASE = "release", _("press release")

    kind_for_machines = "NewsArticle"
    kind_for_sharing = "article"

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.NEWS)
    departement = models.ForeignKey(
        "territory.Departement",
        verbose_name=_("département"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Also shown on the page of this département."),
    )
    published_on = models.DateField(_("date"), default=clock.today)
    body = StreamField(StoryBlock(), verbose_name=_("content"), blank=True)

    content_panels: ClassVar[list[Any]] = [
        *Page.content_panels,
        MultiFieldPanel([FieldPanel("kind"), FieldPanel("published_on"), FieldPanel("departement")], _("What it is")),
        FieldPanel("lead"),
        FieldPanel("picture"),
        FieldPanel("body"),
    ]
    promote_panels: ClassVar[list[Any]] = Page.promote_panels
    search_fields: ClassVar[list[Any]] = [
        *SitePage.search_fields,
        index.SearchField("body"),
        index.FilterField("published_on"),
        index.FilterField("kind"),
    ]
    parent_page_types: ClassVar[list[str]] = ["website.IndexPage"]
    subpage_types: ClassVar[list[str]] = []
    template = "website/article_page.html"

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")

    @property
    def is_release(self) -> bool:
        return self.kind == self.Kind.RELEASE

    def for_machines(self) -> dict[str, Any]:
        return {"headline": self.title, "datePublished": self.published_on.isoformat()}

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


class PressRoomPage(WithFeeds, SitePage):
    """For journalists: whom to call, what to download, and every press release of the site."""

    page_description = _("Whom to telephone, and all press releases")

    contact_name = models.CharField(_("who answers the press"), max_length=120, blank=True)
    contact_email = models.EmailField(_("their e-mail address"), blank=True)
    contact_phone = models.CharField(_("their telephone number"), max_length=30, blank=True)
    body = StreamField(StoryBlock(), verbose_name=_("content"), blank=True)

    content_panels: ClassVar[list[Any]] = [
        *Page.content_panels,
        FieldPanel("lead"),
        MultiFieldPanel(
            [FieldPanel("contact_name"), FieldPanel("contact_email"), FieldPanel("contact_phone")], _("Contact")
        ),
        FieldPanel("body"),
    ]
    search_fields: ClassVar[list[Any]] = [*SitePage.search_fields, index.SearchField("body")]
    subpage_types: ClassVar[list[str]] = []
    template = "website/press_room_page.html"

    class Meta:
        verbose_name = _("press room")
        verbose_name_plural = _("press rooms")

    def articles(self) -> models.QuerySet[ArticlePage]:
        """Return the press releases of the site in this page's language."""
        home = self.get_ancestors().filter(depth=2).only(*LINKED).first() or self
        return ArticlePage.latest_under(home).filter(kind=ArticlePage.Kind.RELEASE)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        context["releases"] = self.articles()[:50]
        return context
