"""The map of the site for search engines: every published page in every language, and what says the same elsewhere."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest
from wagtail.contrib.sitemaps import Sitemap
from wagtail.models import Page


class SiteMap(Sitemap):
    """Wagtail's own, which knows the main language only, over all of them."""

    def items(self) -> Any:
        """Return the published pages of each language, for everybody."""
        roots = self.get_wagtail_site().root_page.get_translations(inclusive=True).values_list("path", flat=True)
        under = Q(pk__in=[])
        for path in roots:
            under |= Q(path__startswith=path)
        pages = Page.objects.filter(under).live().public().order_by("path").defer_streamfields()
        return pages.specific()

    def _urls(self, page: int, protocol: str, domain: str | None) -> list[dict[str, Any]]:
        urls: list[dict[str, Any]] = super()._urls(page, protocol, domain)
        versions = _versions(self.request)
        for url in urls:
            if found := versions.get(url["location"]):
                url["alternates"] = found
        return urls


def _versions(request: HttpRequest) -> dict[str, list[dict[str, str]]]:
    """Return, for the address of each translated page, all its versions, itself included."""
    public = Page.objects.live().public()
    several = (
        public.order_by().values("translation_key").annotate(n=Count("pk")).filter(n__gt=1).values("translation_key")
    )
    by_key: dict[Any, list[Page]] = defaultdict(list)
    for page in public.filter(translation_key__in=several).select_related("locale").order_by("locale"):
        by_key[page.translation_key].append(page)
    found: dict[str, list[dict[str, str]]] = {}
    for pages in by_key.values():
        said = [{"lang_code": one.locale.language_code, "location": one.get_full_url(request)} for one in pages]
        said += [
            {"lang_code": "x-default", "location": one.get_full_url(request)} for one in pages if one.locale.is_default
        ]
        found |= {one.get_full_url(request): said for one in pages}
    return found
