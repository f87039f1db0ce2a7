"""What the public site adds to the back office: its colours, its logo, and room for what staff may write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import URLResolver, include, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.ui.components import Component
from wagtail.models import Page
from wagtail.rich_text import expand_db_html
from wagtail.snippets.models import register_snippet

from portevoix.accounts.commands import may
from portevoix.accounts.office import HomeTask, ScreenItem, actor_of
from portevoix.delivery.exceptions import LetterError
from portevoix.mailings import rules as rich_text
from portevoix.mailings.types import PageFacts
from portevoix.rights.rules.imprint import missing
from portevoix.rights.selectors.imprint import legal_facts
from portevoix.website import freshness
from portevoix.website.models import Identity
from portevoix.website.models.site_page import SitePage
from portevoix.website.rules.starting import holds_a_mark
from portevoix.website.selectors.starting import home_page
from portevoix.website.views import local, look, setting_up
from portevoix.website.views.recordings import RecordingScreens

#: Twice the size at which letters show it.
LETTER_LOGO = "fill-80x80"

register_snippet(RecordingScreens)


@hooks.register("insert_global_admin_css")
def product_colours() -> SafeString:
    """Dress Wagtail in the product's colours by its own variables."""
    return format_html('<link rel="stylesheet" href="{}">', static("website/admin.css"))


@hooks.register("describe_brand")
def brand_of_letters() -> dict[str, Any]:
    """Give letters the site's name, colours, logo and footer (`delivery.letters.Brand`)."""
    identity = Identity.load()
    colours = {name: getattr(identity, name) for name in ("brand", "deep", "accent", "spark", "calm")}
    # Mail programs do not show SVG.
    logo = identity.logo if identity.logo and not identity.logo.is_svg() else None
    address = settings.BASE_URL + logo.get_rendition(LETTER_LOGO).url if logo else ""
    footer, footer_text = footer_of_letters(identity.footer_text)
    return {"name": identity.public_name, "logo": address, "footer": footer, "footer_text": footer_text, **colours}


def footer_of_letters(source: str) -> tuple[tuple[SafeString, ...], tuple[str, ...]]:
    """Return the site's footer as paragraphs of a page and of plain text, without links that no letter may hold."""
    # Braces mean something in a letter.
    tree = rich_text.read(expand_db_html(source).replace("{{", "{ {"))
    try:
        page = tuple(rich_text.inside(part, base=settings.BASE_URL) for part in tree.children)
        return tuple(mark_safe(one) for one in page if one.strip()), tuple(  # noqa: S308 - written by rules, escaped
            rich_text.as_paragraphs(tree, base=settings.BASE_URL)
        )
    except LetterError:
        return (), tuple(rich_text.words_of(tree).split("\n"))


@hooks.register("page_shows_something_new")
def make_it_anew(page: Page) -> None:
    """Let the page of an action be made anew where it shows who takes part: a counter is not to lag."""
    freshness.announce_rows()


@hooks.register("people_are_shown_otherwise")
def make_names_anew() -> None:
    """Take off kept pages whoever takes their name back: at once, not when the page has had its time."""
    freshness.announce_rows()


@hooks.register("describe_page_for_letters")
def pages_in_letters(page: Page) -> PageFacts | None:
    """Tell letters what a page of the site says of itself."""
    if not isinstance(page, SitePage):
        return None
    return PageFacts(title=getattr(page, "headline", "") or page.title, lead=page.description, picture=page.picture)


@hooks.register("register_admin_urls")
def addresses() -> list[URLResolver]:
    screens = [
        path("apparence/", look.look, name="look"),
        path("apparence/essai/", look.trial, name="look_trial"),
        path("apparence/apercu/", look.preview, name="look_preview"),
        path("apparence/feuille.css", look.sheet, name="look_sheet"),
        path("pages-locales/", local.make, name="local_pages"),
        path("mise-en-route/", setting_up.begin, name="set_up"),
        path("mise-en-route/qui/", setting_up.who, name="set_up_who"),
        path("mise-en-route/apparence/", setting_up.look, name="set_up_look"),
        path("mise-en-route/pages/", setting_up.pages, name="set_up_pages"),
        path("mise-en-route/relecture/", setting_up.review, name="set_up_review"),
    ]
    return [path("", include((screens, "website_office")))]


@hooks.register("register_settings_menu_item")
def look_item() -> ScreenItem:
    return ScreenItem(
        _("Look"), reverse("website_office:look"), act="website.dress", name="look", icon_name="view", order=5
    )


@hooks.register("register_settings_menu_item")
def local_pages_item() -> ScreenItem:
    address = reverse("website_office:local_pages")
    return ScreenItem(
        _("Local pages in bulk"),
        address,
        act="website.make_local_pages",
        name="local-pages",
        icon_name="site",
        order=30,
    )


@hooks.register("register_settings_menu_item")
def set_up_item() -> ScreenItem:
    address = reverse("website_office:set_up")
    return ScreenItem(_("Setting up"), address, act=setting_up.ACT, name="set-up", icon_name="cogs", order=1)


class SetUpPanel(Component):
    """What is left to do before the site is open."""

    template_name = "website/office/set_up_panel.html"
    order = 0

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        steps = setting_up.steps()
        return {"steps": steps, "next": next((step for step in steps if not step.is_done), steps[-1])}


@hooks.register("construct_homepage_panels")
def not_open_yet(request: HttpRequest, panels: list[Component]) -> None:
    """Lead who may open the site to the assistant, for as long as there is no site."""
    if may(actor_of(request), setting_up.ACT) and not _is_open():
        panels.append(SetUpPanel())


@hooks.register("construct_home_tasks")
def facts_that_are_missing(request: HttpRequest, tasks: list[HomeTask]) -> None:
    """Tell that the legal notice of an open site has a gap."""
    if not may(actor_of(request), "rights.declare_imprint") or not _is_open():
        return
    if lacking := missing(legal_facts()):
        label = ngettext(
            "The law wants %(number)d more fact in the legal notice",
            "The law wants %(number)d more facts in the legal notice",
            len(lacking),
        ) % {"number": len(lacking)}
        tasks.append(HomeTask(label, reverse("website_office:set_up_who"), len(lacking)))


def _is_open() -> bool:
    home = home_page()
    return home is not None and home.live


@hooks.register("after_publish_page")
def words_to_complete(request: HttpRequest, page: Page) -> None:
    """Tell whoever publishes a page that passages of it are still to be completed."""
    if holds_a_mark(page.specific.serializable_data()):
        messages.warning(request, gettext("Visitors now read words to complete on this page: look for “[To complete”."))
