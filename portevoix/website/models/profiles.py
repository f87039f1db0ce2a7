"""Who leads the campaign: the candidate, the team, each with a page of their own."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index

from portevoix.website.blocks import StoryBlock
from portevoix.website.models.site_page import SitePage


class TeamPage(SitePage):
    """The people of the campaign, in the editor's order."""

    page_description = _("Who makes the campaign, one page each")

    headline = models.CharField(_("headline"), max_length=80, blank=True)
    body = StreamField(StoryBlock(), verbose_name=_("content under the portraits"), blank=True)

    content_panels: ClassVar[list[Any]] = [
        *Page.content_panels,
        FieldPanel("headline"),
        FieldPanel("lead"),
        FieldPanel("body"),
    ]
    search_fields: ClassVar[list[Any]] = [*SitePage.search_fields, index.SearchField("body")]
    subpage_types: ClassVar[list[str]] = ["website.ProfilePage"]
    template = "website/team_page.html"

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        profiles = ProfilePage.objects.child_of(self).live().public().order_by("path")
        context["profiles"] = profiles.select_related("picture").prefetch_related("picture__renditions")
        return context


class ProfilePage(SitePage):
    """One person: candidate, campaign director, spokesperson."""

    page_description = _("The candidate, or somebody of the team")

    kind_for_machines = "ProfilePage"
    kind_for_sharing = "profile"

    role = models.CharField(_("role"), max_length=160)
    words = models.TextField(_("their words, quoted"), blank=True, max_length=300)
    body = StreamField(StoryBlock(), verbose_name=_("content"), blank=True)
    links = StreamField(
        [
            (
                "link",
                blocks.StructBlock(
                    [
                        ("label", blocks.CharBlock(label=_("words of the link"), max_length=60)),
                        ("address", blocks.URLBlock(label=_("address"))),
                    ],
                    label=_("Link"),
                    icon="link",
                ),
            )
        ],
        verbose_name=_("elsewhere on the web"),
        blank=True,
    )

    content_panels: ClassVar[list[Any]] = [
        *Page.content_panels,
        FieldPanel("role"),
        FieldPanel("lead"),
        FieldPanel("picture", heading=capfirst(_("portrait"))),
        FieldPanel("words"),
        FieldPanel("body"),
        FieldPanel("links"),
    ]
    promote_panels: ClassVar[list[Any]] = Page.promote_panels
    search_fields: ClassVar[list[Any]] = [*SitePage.search_fields, index.SearchField("role"), index.SearchField("body")]
    subpage_types: ClassVar[list[str]] = []
    template = "website/profile_page.html"

    class Meta:
        verbose_name = _("person's page")
        verbose_name_plural = _("people's pages")

    def for_machines(self) -> dict[str, Any]:
        elsewhere = [link.value["address"] for link in self.links]
        return {
            "mainEntity": {
                "@type": "Person",
                "name": self.title,
                "jobTitle": self.role,
                **({"sameAs": elsewhere} if elsewhere else {}),
            }
        }
