"""What the menus show in one language: published pages that everybody may read, on two levels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language, gettext
from wagtail.models import Page

from portevoix.kernel.pages import LINKED
from portevoix.website.models import LegalPage, Menus
from portevoix.website.types import Column, Link


class MenuReader:
    """Turns pages and addresses into links, for one request and the home page of its language."""

    def __init__(self, request: HttpRequest, home: Page | None) -> None:
        self.request, self.home = request, home
        self.menus: Menus = Menus.load(request)
        #: Words of the menus are in the main language; elsewhere pages have their own titles.
        self.keeps_words = get_language() == settings.LANGUAGE_CODE

    def main(self) -> list[Link]:
        """Return the bar at the top: as editors arranged it, else from the pages ticked for menus."""
        if self.home is None:
            return []
        if not self.menus.main:
            return self._from_the_tree(self.home)
        return [entry for value in _values(self.menus.main.raw_data) if (entry := self._entry(value))]

    def columns(self, main: Iterable[Link]) -> list[Column]:
        """Return the columns at the foot: as editors arranged them, else what the bar at the top leads to."""
        if self.menus.footer and self.keeps_words:
            values = _values(self.menus.footer.raw_data)
            found = [(value["title"], self._links(value["links"])) for value in values]
            return [Column(title, links) for title, links in found if links]
        flat = tuple(link for entry in main for link in ([entry] if entry.url else entry.links))
        return [Column(gettext("The campaign"), flat)] if flat else []

    def _entry(self, value: dict[str, Any]) -> Link | None:
        link, links = self._link(value), self._links(value.get("links") or [])
        if not links:
            return link
        if link is None:  # words alone, which no other language has
            words = value["label"] if self.keeps_words else links[0].label
            return Link(words, "", any(one.is_current for one in links), links)
        return self._opening(link, links)

    @staticmethod
    def _opening(link: Link, links: tuple[Link, ...]) -> Link:
        """Return an entry that opens links; its own page comes first among them, since a click opens the list."""
        inside = any(one.is_current for one in links)
        own = Link(gettext("Overview"), link.url, link.is_current and not inside)
        return Link(link.label, link.url, link.is_current or inside, (own, *links))

    def _links(self, items: Any) -> tuple[Link, ...]:
        return tuple(link for value in _values(items) if (link := self._link(value)))

    def _link(self, value: dict[str, Any]) -> Link | None:
        label = value.get("label") or ""
        if number := value.get("page"):
            page = self._pages.get(number)
            return self._to(page, label if self.keeps_words else "") if page else None
        return Link(label, value["address"]) if value.get("address") else None

    def _to(self, page: Page, label: str = "") -> Link:
        url = page.get_url(self.request) or ""
        return Link(label or page.title, url, bool(url) and self.request.path.startswith(url))

    @cached_property
    def _pages(self) -> dict[int, Page]:
        """The pages that the menus name, by number: those that everybody may read, in this language."""
        named = set(_pages_of(self.menus.main.raw_data)) | set(_pages_of(self.menus.footer.raw_data))
        public = Page.objects.live().public().only(*LINKED)
        if self.keeps_words or self.home is None:
            return {page.pk: page for page in public.filter(pk__in=named)}
        keys = dict(Page.objects.filter(pk__in=named).values_list("translation_key", "pk"))
        there = public.filter(translation_key__in=keys, locale=self.home.locale_id)
        return {keys[page.translation_key]: page for page in there}

    def _from_the_tree(self, home: Page) -> list[Link]:
        pages = home.get_descendants().live().public().in_menu().not_type(LegalPage)
        under: dict[str, list[Page]] = {}
        for page in pages.filter(depth__lte=home.depth + 2).order_by("path").only(*LINKED):
            under.setdefault(page.path[: -Page.steplen], []).append(page)
        entries = []
        for page in under.get(home.path, []):
            links = tuple(self._to(child) for child in under.get(page.path, []))
            entries.append(self._opening(self._to(page), links) if links else self._to(page))
        return entries


def _values(items: Any) -> Iterator[dict[str, Any]]:
    """Go through blocks as they are kept, without asking the database for the pages that they name."""
    for item in items:
        yield item.get("value", item)


def _pages_of(items: Any) -> Iterator[int]:
    for value in _values(items):
        for one in (value, *_values(value.get("links") or [])):
            if number := one.get("page"):
                yield number
