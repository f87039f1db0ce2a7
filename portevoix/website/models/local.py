"""One page a département, made all at once, each then written by hand as far as somebody wants to."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index

from portevoix.kernel.pages import LINKED
from portevoix.territory.models import Commune, Departement
from portevoix.website.blocks import StoryBlock
from portevoix.website.models.news import ArticlePage
from portevoix.website.models.site_page import SitePage


class LocalPagesPage(SitePage):
    """Find one's département."""

    page_description = _("One page for each département")

    headline = models.CharField(_("headline"), max_length=80, blank=True)
    body = StreamField(StoryBlock(), verbose_name=_("content under the list"), blank=True)

    content_panels: ClassVar[list[Any]] = [
        *Page.content_panels,
        FieldPanel("headline"),
        FieldPanel("lead"),
        FieldPanel("body"),
    ]
    search_fields: ClassVar[list[Any]] = [*SitePage.search_fields, index.SearchField("body")]
    subpage_types: ClassVar[list[str]] = ["website.LocalPage"]
    template = "website/local_pages_page.html"

    class Meta:
        verbose_name = _("list of local pages")
        verbose_name_plural = _("lists of local pages")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        pages = LocalPage.objects.child_of(self).live().public().select_related("departement__region")
        regions: dict[str, list[LocalPage]] = {}
        for page in pages.order_by("departement__region__name", "departement__code"):
            regions.setdefault(page.departement.region.name, []).append(page)
        context["regions"] = regions
        return context


class LocalPage(SitePage):
    """The campaign in one département: who to meet, what happens there, its own news."""

    page_description = _("The campaign in one département")

    departement = models.ForeignKey(Departement, models.PROTECT, related_name="+", verbose_name=_("département"))
    contact_name = models.CharField(_("who leads the campaign there"), max_length=120, blank=True)
    contact_email = models.EmailField(_("their e-mail address"), blank=True)
    body = StreamField(StoryBlock(), verbose_name=_("content"), blank=True)

    content_panels: ClassVar[list[Any]] = [
        *Page.content_panels,
        FieldPanel("departement"),
        FieldPanel("lead"),
        MultiFieldPanel([FieldRowPanel([FieldPanel("contact_name"), FieldPanel("contact_email")])], _("Contact")),
        FieldPanel("body"),
    ]
    search_fields: ClassVar[list[Any]] = [*SitePage.search_fields, index.SearchField("body")]
    parent_page_types: ClassVar[list[str]] = ["website.LocalPagesPage"]
    subpage_types: ClassVar[list[str]] = []
    template = "website/local_page.html"

    class Meta:
        verbose_name = _("local page")
        verbose_name_plural = _("local pages")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        home = self.get_ancestors().filter(depth=2).only(*LINKED).first() or self
        context["articles"] = ArticlePage.latest_under(home).filter(departement=self.departement_id)[:3]
        context["towns"] = Commune.objects.whole().filter(departement=self.departement_id).order_by("-population")[:8]
        return context
