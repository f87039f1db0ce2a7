"""What the shell of every public page shows: brand, menus, theme. Read once a request, and only if asked for."""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from wagtail.models import Page, Site
from wagtail.rich_text import expand_db_html

from portevoix.website.models import Identity, LegalPage, Picture
from portevoix.website.types import Link

ICON = "max-128x128|preserve-svg"
SHARING = "fill-1200x630|preserve-svg"


class Shell:
    """The frame of a page for one request; templates read its properties, each at most one query."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def identity(self) -> Identity:
        identity: Identity = Identity.load(self.request)
        return identity

    @property
    def name(self) -> str:
        return self.identity.name

    @property
    def slogan(self) -> str:
        return self.identity.slogan

    @property
    def colour(self) -> str:
        return self.identity.brand

    @cached_property
    def theme_url(self) -> str:
        """The address of the theme changes with it, so that browsers may keep it for ever."""
        digest = hashlib.sha256(self.identity.theme.encode()).hexdigest()[:12]
        return reverse("website:theme", args=[digest])

    @cached_property
    def icon(self) -> str:
        return self._address_of(self.identity.logo, ICON)

    @cached_property
    def sharing_picture(self) -> str:
        """A whole address, since other sites read it."""
        address = self._address_of(self.identity.sharing_picture, SHARING)
        return self.request.build_absolute_uri(address) if address else ""

    @cached_property
    def footer_text(self) -> SafeString:
        return mark_safe(str(expand_db_html(self.identity.footer_text)))  # noqa: S308  # Wagtail's own filter cleaned it

    @cached_property
    def home(self) -> Page | None:
        site = Site.find_for_request(self.request)
        return site.root_page if site else None

    @cached_property
    def home_url(self) -> str:
        return (self.home.get_url(self.request) if self.home else None) or "/"

    @cached_property
    def menu(self) -> list[Link]:
        """The pages under the home page that are marked for menus, in the editor's order."""
        return self._links(self._children.in_menu().not_type(LegalPage))

    @cached_property
    def legal_menu(self) -> list[Link]:
        return self._links(self._children.type(LegalPage))

    @cached_property
    def join(self) -> Link | None:
        page = self.identity.join_page
        if page is None or not page.live:
            return None
        return Link(self.identity.join_label or page.title, page.get_url(self.request) or "")

    @property
    def _children(self) -> Any:
        if self.home is None:
            return Page.objects.none()
        return self.home.get_children().live().public()

    def _links(self, pages: Any) -> list[Link]:
        here = self.request.path
        entries = [(page.title, page.get_url(self.request) or "") for page in pages]
        return [Link(label, url, bool(url) and here.startswith(url)) for label, url in entries]

    @staticmethod
    def _address_of(picture: Picture | None, spec: str) -> str:
        return picture.get_rendition(spec).url if picture else ""
