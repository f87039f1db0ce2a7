"""How far the making of the site has come: what is said, what is made, what is still a draft."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from wagtail.models import Page

from portevoix.actions.models import SignUpPage
from portevoix.rights.rules.imprint import missing
from portevoix.rights.selectors.imprint import legal_facts
from portevoix.website.models import HomePage, Identity, IndexPage, LegalPage, ProfilePage, ProgrammePage, TeamPage
from portevoix.website.models.identity import UNNAMED
from portevoix.website.rules.starting import holds_a_mark
from portevoix.website.types import Look, StartingPage

KINDS: dict[StartingPage, type[Page]] = {
    StartingPage.PROGRAMME: ProgrammePage,
    StartingPage.CANDIDATE: ProfilePage,
    StartingPage.TEAM: TeamPage,
    StartingPage.NEWS: IndexPage,
    StartingPage.SIGN_UP: SignUpPage,
}
LEGAL = {
    LegalPage.Kind.NOTICE: StartingPage.NOTICE,
    LegalPage.Kind.PRIVACY: StartingPage.PRIVACY,
    LegalPage.Kind.COOKIES: StartingPage.COOKIES,
    LegalPage.Kind.ACCESSIBILITY: StartingPage.ACCESSIBILITY,
}


@dataclass(frozen=True)
class Draft:
    """A page that was never published; it waits while words of it are still to be completed."""

    page: Page
    waits: bool

    @property
    def is_original(self) -> bool:
        return bool(self.page.locale.language_code == settings.LANGUAGE_CODE)

    @property
    def is_required(self) -> bool:
        """Whether it opens with the site, chosen or not; a copy to translate waits for its translator."""
        return self.is_original and isinstance(self.page, HomePage | LegalPage)


@dataclass(frozen=True)
class Progress:
    """Which steps are done."""

    who: bool
    look: bool
    pages: bool
    review: bool


def home_page() -> HomePage | None:
    """Return the home page of the main language, a draft or not."""
    home: HomePage | None = HomePage.objects.filter(depth=2).order_by("path").first()
    return home


def progress() -> Progress:
    """Return how far the making of the site has come."""
    identity = Identity.load()
    home = home_page()
    named = identity.name != UNNAMED or identity.look != Look()
    return Progress(not missing(legal_facts()), named, home is not None, home is not None and home.live)


def present(home: Page) -> set[StartingPage]:
    """Return the kinds of pages that there are already."""
    under = home.get_descendants()
    found = {kind for kind, model in KINDS.items() if under.type(model).exists()}
    kinds = LegalPage.objects.descendant_of(home).values_list("kind", flat=True)
    return found | {LEGAL[LegalPage.Kind(kind)] for kind in kinds}


def drafts() -> list[Draft]:
    """Return the pages that were never published, parents before children, as their editors left them."""
    pages = Page.objects.filter(depth__gt=1, live=False, first_published_at=None).order_by("path").specific()
    latest = [page.get_latest_revision_as_object() for page in pages]
    return [Draft(page, holds_a_mark(page.serializable_data())) for page in latest]
