"""What every page of the site has, whatever its type."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.models import Page
from wagtail.search import index

from portevoix.kernel.pages import PublicPage
from portevoix.website.models.foreign import ForeignUse
from portevoix.website.rules.starting import address_after


class SitePage(PublicPage, Page):
    """An introduction, a picture for where the page is shared, and the only foreign hosts it may show."""

    slug: str  # Wagtail's, which does not say its types

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

    def full_clean(self, *args: Any, **kwargs: Any) -> None:
        """Give a page that the assistant made the address of its title, until it is published for the first time."""
        if self.pk and not self.live and self.first_published_at is None:
            taken = set(self.get_siblings(inclusive=False).values_list("slug", flat=True))
            self.slug = address_after(self.title, slug=self.slug, taken=taken)
        super().full_clean(*args, **kwargs)

    @property
    def description(self) -> str:
        """What search engines and shared links say of the page."""
        return self.search_description or self.lead

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer, with a policy that lets in the foreign content of this very page and no other."""
        return with_foreign(self, super().serve(request, *args, **kwargs))

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponseBase:
        """Show to its editor what the page will show."""
        return with_foreign(self, super().serve_preview(request, mode_name))


def with_foreign(page: Page, response: HttpResponseBase) -> HttpResponseBase:
    """Let in the foreign content of a page where it is shown."""
    if hosts := ForeignUse.hosts_of(page):
        response._csp_update = {"frame-src": [f"https://{host}" for host in hosts]}  # type: ignore[attr-defined]
    return response
