"""The pages that a site begins with: made as drafts, with words to begin from, and published together."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page, Site

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Role
from portevoix.actions.models import SignUpPage
from portevoix.rights.rules.imprint import missing
from portevoix.rights.selectors.imprint import legal_facts
from portevoix.website.exceptions import NoHomePageYet, NotLawfulYet
from portevoix.website.models import HomePage, Identity, IndexPage
from portevoix.website.selectors.starting import drafts, home_page, present
from portevoix.website.selectors.starting_words import Start, home_blocks, home_words, starts
from portevoix.website.types import REQUIRED_PAGES, StartingPage

KEEPERS = {Role.DIRECTOR, Role.COMMUNICATIONS}


@command("website.make_pages", label=_("Make the first pages"), roles=KEEPERS, nationwide=True)
def make_pages(wanted: Collection[StartingPage], *, actor: Actor) -> list[Page]:
    """Make the home page, the legal pages and those that are wanted, as drafts; what is there already is left alone.

    The site leads to the new home page at once: until that one is published, visitors are told that it is being made.
    """
    home = home_page()
    is_new = home is None
    with translation.override(settings.LANGUAGE_CODE):
        facts = legal_facts()
        if home is None:
            home = _make_home(HomePage(slug="accueil", live=False, **home_words(facts, Identity.load())))
        there = present(home)
        lacking = {*wanted, *REQUIRED_PAGES} - there
        made = [page for one in starts(facts) if one.kind in lacking for page in _make(home, one)]
        if is_new:
            _fill_home(home, made)
        _lead_to_joining(made)
    note(about=home, count=len(made) + is_new, kinds=sorted(wanted))
    return made


@command("website.open_site", label=_("Open the site"), roles=KEEPERS, nationwide=True)
def open_site(wanted: Collection[int], *, actor: Actor) -> list[Page]:
    """Publish the home page, the legal pages and those that are wanted, but for what still has words to complete.

    A page under one that stays a draft stays a draft. Raises NotLawfulYet where a fact that the law wants is missing,
    NoHomePageYet where there is none that can be shown.
    """
    if faults := missing(legal_facts()):
        raise NotLawfulYet(faults)
    opened: list[Page] = []
    closed: set[str] = set()
    for draft in drafts():
        page = draft.page
        chosen = draft.is_required or page.pk in wanted
        if chosen and not draft.waits and page.path[: -Page.steplen] not in closed:
            (page.get_latest_revision() or page.save_revision()).publish()
            opened.append(page)
        else:
            closed.add(page.path)
    if (home := home_page()) is None or not home.live:
        raise NoHomePageYet
    note(about=home, count=len(opened))
    return opened


def _make_home(home: HomePage) -> HomePage:
    root = Page.get_first_root_node()
    root.add_child(instance=home)
    home.save_revision()
    site = Site.objects.filter(is_default_site=True).first() or Site(is_default_site=True, hostname="localhost")
    site.root_page = home
    site.save()
    # The page that Wagtail's first migration made has no content of anybody's; nothing leads to it any more.
    for page in Page.objects.filter(depth=2, slug="home", content_type__model="page", numchild=0):
        page.delete()
    return home


def _fill_home(home: HomePage, made: Collection[Page]) -> None:
    """Give a new home page its way to the pages that were made with it."""
    sign_up = next((page for page in made if isinstance(page, SignUpPage)), None)
    blocks = home_blocks(sign_up, has_news=any(isinstance(page, IndexPage) for page in made))
    fresh = HomePage.objects.get(pk=home.pk)  # its count of children has changed
    _set_streams(fresh, blocks)
    fresh.save()
    fresh.save_revision()


def _lead_to_joining(made: Collection[Page]) -> None:
    """Lead to a new sign-up page by the button at the top, unless it leads elsewhere."""
    identity: Identity = Identity.load()
    sign_up = next((page for page in made if isinstance(page, SignUpPage)), None)
    if sign_up and identity.join_page is None:
        identity.join_page, identity.join_label = sign_up.page_ptr, gettext("Join")
        identity.save()


def _set_streams(page: Page, streams: dict[str, list[dict[str, Any]]]) -> None:
    for name, blocks in streams.items():
        setattr(page, name, page._meta.get_field(name).stream_block.to_python(blocks))


def _make(parent: Page, start: Start) -> list[Page]:
    page = start.model(live=False, locale_id=parent.locale_id, **start.fields)
    _set_streams(page, start.streams)
    Page.objects.get(pk=parent.pk).add_child(instance=page)
    page.save_revision()
    made = [page]
    for child in start.children:
        made += _make(page, child)
    return made
