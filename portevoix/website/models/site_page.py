"""What every page of the site has, whatever its type."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.models import Page
from wagtail.search import index

from portevoix.website.models.foreign import ForeignUse

#: What links to a page show of it, and nothing else: whatever else changes in it leaves pages that link to it alone.
LINKED = ("title", "slug", "url_path", "path", "depth", "numchild", "live", "locale", "translation_key", "content_type")


class SitePage(Page):
    """An introduction, a picture for where the page is shared, and the only foreign hosts it may show."""

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

    #: Schema.org's name for pages of this type.
    kind_for_machines: ClassVar[str] = "WebPage"

    class Meta:
        abstract = True

    @property
    def description(self) -> str:
        """What search engines and shared links say of the page."""
        return self.search_description or self.lead

    @cached_property
    def versions(self) -> list[Page]:
        """The published pages that say the same in each language, this one included; empty where it is alone."""
        found = self.get_translations(inclusive=True).live().public().select_related("locale").order_by("locale")
        versions = list(found.only(*LINKED, "locale__language_code"))
        return versions if len(versions) > 1 else []

    def for_machines(self) -> dict[str, Any]:
        """Return what the page says of itself to machines, beyond its name and address (JSON-LD)."""
        return {}

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer, with a policy that lets in the foreign content of this very page and no other."""
        response: HttpResponseBase = super().serve(request, *args, **kwargs)
        if hosts := ForeignUse.hosts_of(self):
            response._csp_update = {"frame-src": [f"https://{host}" for host in hosts]}  # type: ignore[attr-defined]
        return response
