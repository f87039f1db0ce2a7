"""What the shell of every public page shows: brand, menus, theme. Read once a request, and only if asked for."""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe
from wagtail.models import Page, Site
from wagtail.rich_text import expand_db_html

from portevoix.kernel import clock
from portevoix.kernel.pages import LINKED
from portevoix.kernel.questions import Columns, looking_at
from portevoix.website.models import Banner, ForeignUse, HomePage, Identity, LegalPage, Picture
from portevoix.website.rules import ON_THE_WAY, ZERO_OR_NOT
from portevoix.website.rules.looks import FONT_FILES
from portevoix.website.selectors.menus import MenuReader
from portevoix.website.types import Aim, Announcement, Column, Link

ICON = "max-128x128|preserve-svg"
#: What the shell of every page shows where visitors are asked about other sites.
CONSENT = "website/_consent.html"
ADDRESSES = Columns(only=ON_THE_WAY, zero_or_not=ZERO_OR_NOT)
#: What every page says of itself to machines, and its other languages.
HEAD, LANGUAGES = "website/_head.html", "website/_languages.html"


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
        return self.identity.public_name

    @cached_property
    def slogan(self) -> str:
        """The campaign's slogan; on a translated site, the headline of its home page."""
        if self._is_translated and isinstance(self._own_home, HomePage):
            return self._own_home.headline
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

    @property
    def font_url(self) -> str:
        """The file of letters that every page needs first."""
        return static(FONT_FILES[self.identity.fonts])

    @cached_property
    def footer_text(self) -> SafeString:
        text = self.identity.footer_text
        if self._is_translated and isinstance(self._own_home, HomePage):
            text = self._own_home.footer_text
        with looking_at(ADDRESSES):  # of the pages that it links to
            return mark_safe(str(expand_db_html(text)))  # noqa: S308  # Wagtail's own filter cleaned it

    @cached_property
    def home(self) -> Page | None:
        """The home page in the language of the address."""
        site = Site.find_for_request(self.request)
        home = Page.objects.only(*LINKED).filter(pk=site.root_page_id).first() if site else None
        return home.localized if home else None

    @cached_property
    def banner(self) -> Announcement | None:
        """The line above every page, while it is up, in the language of the address."""
        banner: Banner = Banner.load(self.request)
        said = banner.said_in(translation.get_language() or "") if banner.is_up(clock.now()) else None
        if said is None:
            return None
        page = Page.objects.only(*LINKED).filter(pk=banner.page_id).first() if banner.page_id else None
        if page is None or not page.live:
            return Announcement(said[0])
        local = page.localized
        # A page that is not translated is better read in its own language than not at all; machines are told.
        language = page.locale.language_code if local.pk == page.pk and self._is_translated else ""
        return Announcement(said[0], Link(said[1], local.get_url(self.request) or ""), language)

    consent_template = CONSENT
    head_template = HEAD
    languages_template = LANGUAGES

    @cached_property
    def sources(self) -> list[ForeignUse]:
        """The other sites that published pages may show; visitors are asked about nothing while there is none."""
        return ForeignUse.sources(self.request)

    @property
    def sources_by_aim(self) -> list[tuple[Aim, list[ForeignUse]]]:
        grouped = [(aim, [source for source in self.sources if source.aim == aim]) for aim in Aim]
        return [(aim, found) for aim, found in grouped if found]

    @property
    def asked_hosts(self) -> str:
        """The hosts that visitors are asked about, as the page tells its script."""
        return " ".join(sorted({source.host for source in self.sources}))

    @property
    def is_cookieless(self) -> bool:
        """Whether this browser holds nothing of ours: no answer, no session of the team or behind a password."""
        return not self.sources and settings.SESSION_COOKIE_NAME not in self.request.COOKIES

    @property
    def search_url(self) -> str:
        return reverse("site_search")

    @property
    def manifest_url(self) -> str:
        return reverse("website:manifest")

    @property
    def touch_icon_url(self) -> str:
        return reverse("website:icon", args=[192])

    @property
    def choices_url(self) -> str:
        return reverse("site_choices")

    @cached_property
    def home_url(self) -> str:
        return (self.home.get_url(self.request) if self.home else None) or "/"

    @cached_property
    def menu(self) -> list[Link]:
        """The bar at the top, on two levels."""
        return self._menus.main()

    @cached_property
    def footer_menu(self) -> list[Column]:
        return self._menus.columns(self.menu)

    @cached_property
    def _menus(self) -> MenuReader:
        return MenuReader(self.request, self.home)

    @cached_property
    def legal_menu(self) -> list[Link]:
        return self._links(self._children.type(LegalPage))

    @cached_property
    def policy_url(self) -> str:
        """The whole address of the page that says what becomes of data, for forms that stand on other sites."""
        found = LegalPage.objects.child_of(self.home).live().public() if self.home else LegalPage.objects.none()
        page = found.filter(kind=LegalPage.Kind.PRIVACY).first()
        return (page.get_full_url(self.request) if page else None) or ""

    @cached_property
    def join(self) -> Link | None:
        page = Page.objects.only(*LINKED).filter(pk=self.identity.join_page_id).first()
        if page is None or not page.live:
            return None
        local = page.localized
        label = self.identity.join_label if local.pk == page.pk else local.title
        return Link(label or page.title, local.get_url(self.request) or "")

    @cached_property
    def _own_home(self) -> Page | None:
        return self.home.specific if self.home else None

    @property
    def _is_translated(self) -> bool:
        return translation.get_language() != settings.LANGUAGE_CODE

    @property
    def _children(self) -> Any:
        if self.home is None:
            return Page.objects.none()
        return self.home.get_children().live().public()

    def _links(self, pages: Any) -> list[Link]:
        here = self.request.path
        entries = [(page.title, page.get_url(self.request) or "") for page in pages.only(*LINKED)]
        return [Link(label, url, bool(url) and here.startswith(url)) for label, url in entries]

    @staticmethod
    def _address_of(picture: Picture | None, spec: str) -> str:
        return picture.get_rendition(spec).url if picture else ""
