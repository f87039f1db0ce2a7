"""The pages that a site begins with, in the language now in use; what the campaign alone knows carries a mark."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext
from wagtail.models import Page

from portevoix.actions.models import SignUpPage
from portevoix.rights.types import LegalFacts
from portevoix.website.models import (
    ArticlePage,
    HomePage,
    Identity,
    IndexPage,
    LegalPage,
    MeasurePage,
    ProfilePage,
    ProgrammePage,
    TeamPage,
    ThemePage,
)
from portevoix.website.rules.starting import ADDRESSES
from portevoix.website.types import StartingPage


@dataclass(frozen=True)
class Start:
    """A page to make: its fields, its blocks, the pages under it."""

    model: type[Page]
    fields: dict[str, Any]
    kind: StartingPage | None = None
    streams: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    children: tuple[Start, ...] = ()


def home_words(facts: LegalFacts, identity: Identity) -> dict[str, Any]:
    """Return the opening of the home page, from what the campaign has said of itself."""
    slogan = identity.slogan if len(identity.slogan) <= HEADLINE else ""
    return {
        "title": gettext("Home"),
        "headline": slogan or identity.public_name,
        "kicker": facts.election[:HEADLINE],
        "lead": gettext("What we want, what we do, and how you can take part."),
    }


def home_blocks(sign_up: Page | None, *, has_news: bool) -> dict[str, list[dict[str, Any]]]:
    """Return the buttons and the bands of the home page, which lead to the pages that were made with it."""
    blocks: dict[str, list[dict[str, Any]]] = {"buttons": [], "body": []}
    if has_news:
        blocks["body"].append({"type": "news", "value": {"title": gettext("Latest news")}})
    if sign_up:
        button = {"label": gettext("Join the campaign"), "page": sign_up.pk, "address": "", "is_main": True}
        words = {"title": gettext("We need you"), "text": gettext("An hour a month or every evening: all help counts.")}
        blocks["buttons"].append({"type": "button", "value": button})
        blocks["body"].append({"type": "call_to_action", "value": {**words, "button": button}})
    return blocks


def starts(facts: LegalFacts) -> list[Start]:
    """Return every page that a site may begin with."""
    return [_programme(), _candidate(facts), _team(), _news(), _sign_up(), *_legal()]


def _programme() -> Start:
    measure = Start(
        MeasurePage,
        {
            "title": gettext("[To complete: the measure in a few words]"),
            "slug": ADDRESSES["measure"],
            "number": 1,
            "lead": gettext("[To complete: what it changes, for whom.]"),
        },
        streams={"body": _text(gettext("[To complete: how it works, when it begins, what it costs and who pays.]"))},
    )
    theme = Start(
        ThemePage,
        {
            "title": gettext("[To complete: first theme]"),
            "slug": ADDRESSES["theme"],
            "lead": gettext("[To complete: what is wrong today, and what you want instead.]"),
        },
        children=(measure,),
    )
    fields = {
        "title": gettext("Programme"),
        "slug": "programme",
        "show_in_menus": True,
        "lead": gettext("[To complete: in two sentences, what the campaign proposes.]"),
    }
    return Start(ProgrammePage, fields, StartingPage.PROGRAMME, children=(theme,))


def _candidate(facts: LegalFacts) -> Start:
    fields = {
        "title": facts.candidate or gettext("[To complete: name of the candidate]"),
        "show_in_menus": True,
        "role": gettext("[To complete: candidate for what]"),
        "lead": gettext("[To complete: who they are, in two sentences.]"),
    }
    if not facts.candidate:
        fields["slug"] = ADDRESSES["candidate"]
    return Start(
        ProfilePage,
        fields,
        StartingPage.CANDIDATE,
        streams={"body": _text(gettext("[To complete: where they come from, what they have done, why they stand.]"))},
    )


def _team() -> Start:
    fields = {
        "title": gettext("The team"),
        "slug": "equipe",
        "show_in_menus": True,
        "lead": gettext("[To complete: who makes this campaign; add each person as a page under this one.]"),
    }
    return Start(TeamPage, fields, StartingPage.TEAM)


def _news() -> Start:
    article = Start(
        ArticlePage,
        {
            "title": gettext("[To complete: your first piece of news]"),
            "slug": ADDRESSES["article"],
            "lead": gettext("[To complete: what happens, in one sentence.]"),
        },
        streams={"body": _text(gettext("[To complete: the piece itself.]"))},
    )
    fields = {"title": gettext("News"), "slug": "actualites", "show_in_menus": True}
    return Start(IndexPage, fields, StartingPage.NEWS, children=(article,))


def _sign_up() -> Start:
    words = gettext("Leave your address: we write to you for what you tick, and for nothing else.")
    fields = {
        "title": gettext("Join the campaign"),
        "slug": "rejoindre",
        "introduction": f"<p>{words}</p>",
        "button": gettext("I join the campaign"),
        "thanks": f"<p>{gettext('Thank you!')}</p>",
    }
    return Start(SignUpPage, fields, StartingPage.SIGN_UP)


def _legal() -> list[Start]:
    pages = {
        StartingPage.NOTICE: (LegalPage.Kind.NOTICE, gettext("Legal notice"), "mentions-legales"),
        StartingPage.PRIVACY: (LegalPage.Kind.PRIVACY, gettext("Your data"), "vos-donnees"),
        StartingPage.COOKIES: (LegalPage.Kind.COOKIES, gettext("Cookies"), "cookies"),
        StartingPage.ACCESSIBILITY: (LegalPage.Kind.ACCESSIBILITY, gettext("Accessibility"), "accessibilite"),
    }
    return [
        Start(LegalPage, {"title": title, "slug": slug, "kind": kind}, page)
        for page, (kind, title, slug) in pages.items()
    ]


def _text(words: str) -> list[dict[str, Any]]:
    return [{"type": "text", "value": f"<p>{words}</p>"}]


HEADLINE: int = HomePage._meta.get_field("headline").max_length or 80
