"""What a page says to its readers and to machines, type by type."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.utils.text import slugify
from wagtail.models import Page

from portevoix.actions.models import EventPage
from portevoix.website.models import HomePage, Identity, LandingPage, ProfilePage, TeamPage
from tests.website.factories import (
    ArticlePageFactory,
    IndexPageFactory,
    MeasurePageFactory,
    ProgrammePageFactory,
    StandardPageFactory,
    ThemePageFactory,
)
from tests.website.test_page_types import filled, read

pytestmark = pytest.mark.django_db


def under(parent: Page, page: Any) -> Any:
    Page.objects.get(pk=parent.pk).add_child(instance=page)
    return page


def told(client: Client, path: str) -> list[dict[str, Any]]:
    """Return what a page says to machines (JSON-LD): itself, then where it stands."""
    script = read(client, path).select_one('script[type="application/ld+json"]')
    assert script is not None
    graph: list[dict[str, Any]] = json.loads(script.text)["@graph"]
    return graph


def test_nothing_on_a_landing_page_leads_away(client: Client, home: HomePage) -> None:
    StandardPageFactory(slug="programme", in_menu=True)
    assert read(client, "/").select("header nav") != []
    page = under(home, LandingPage(title="Sign", slug="sign", headline="Sign here"))
    button = {"label": "I sign", "page": None, "address": "https://ricochet.example/", "is_main": True}
    filled(page, "buttons", ("button", button))
    seen = read(client, "/sign/")
    assert seen.select("header nav, header a") == []
    assert seen.select('a[href="/programme/"]') == []
    assert [link.text.strip() for link in seen.select("main a")] == ["I sign"]


def test_a_measure_prints_where_its_figures_come_from(client: Client, home: HomePage) -> None:
    theme = ThemePageFactory(parent=ProgrammePageFactory(slug="programme"), slug="trains")
    measure = MeasurePageFactory(parent=theme, slug="more")
    report = {"title": "The report", "author": "The Court", "year": 2025, "address": "https://court.example/report"}
    filled(measure, "sources", ("source", report), ("source", {"title": "Our sums"}))
    lines = read(client, "/programme/trains/more/").select("[aria-labelledby=sources] li")
    assert [" ".join(line.text.split()) for line in lines] == ["The report, The Court, 2025", "Our sums"]
    assert [link["href"] for link in lines[0].select("a")] == ["https://court.example/report"]
    assert lines[1].select("a") == []


@pytest.fixture
def team(home: HomePage) -> TeamPage:
    team: TeamPage = under(home, TeamPage(title="The team", slug="team"))
    for name, role in (("Zoé Martin", "Candidate"), ("Ana Ruiz", "Treasurer"), ("Bo Lind", "Spokesperson")):
        under(team, ProfilePage(title=name, slug=slugify(name), role=role, lead=f"{name} in short."))
    under(team, ProfilePage(title="Nobody yet", role="To come", live=False))
    return team


def test_a_team_stands_in_its_editors_order(client: Client, team: TeamPage) -> None:
    cards = read(client, "/team/").select(".member")
    assert [card.select_one("a").text for card in cards] == ["Zoé Martin", "Ana Ruiz", "Bo Lind"]  # type: ignore[union-attr]
    ProfilePage.objects.get(title="Bo Lind").move(ProfilePage.objects.get(title="Zoé Martin"), pos="left")
    cards = read(client, "/team/").select(".member")
    assert [card.select_one("a").text for card in cards] == ["Bo Lind", "Zoé Martin", "Ana Ruiz"]  # type: ignore[union-attr]


def test_a_profile_says_who_somebody_is_to_readers_and_to_machines(client: Client, team: TeamPage) -> None:
    someone = ProfilePage.objects.get(title="Zoé Martin")
    someone.words = "We begin here."
    filled(someone, "links", ("link", {"label": "Mastodon", "address": "https://social.example/@zoe"}))
    page = read(client, "/team/zoe-martin/")
    assert page.select_one(".page-header__meta").text == "Candidate"  # type: ignore[union-attr]
    assert page.select_one("blockquote").text.strip() == "We begin here."  # type: ignore[union-attr]
    assert page.select_one('a[rel~="me"]')["href"] == "https://social.example/@zoe"  # type: ignore[index]
    own, trail = told(client, "/team/zoe-martin/")
    assert own["@type"] == "ProfilePage"
    assert own["mainEntity"] == {
        "@type": "Person",
        "name": "Zoé Martin",
        "jobTitle": "Candidate",
        "sameAs": ["https://social.example/@zoe"],
    }
    assert [step["name"] for step in trail["itemListElement"]] == ["Home", "The team", "Zoé Martin"]


def test_an_article_says_to_machines_when_it_appeared_and_whose_it_is(client: Client, home: HomePage) -> None:
    news = IndexPageFactory(slug="news", title="News")
    ArticlePageFactory(parent=news, slug="stone", title="The stone", published_on="2026-03-04", lead="It fell.")
    own, trail = told(client, "/news/stone/")
    said = {name: own[name] for name in ("@type", "headline", "datePublished", "description", "inLanguage")}
    assert said == {
        "@type": "NewsArticle",
        "headline": "The stone",
        "datePublished": "2026-03-04",
        "description": "It fell.",
        "inLanguage": "fr",
    }
    assert own["url"] == "http://testserver/news/stone/"
    assert own["publisher"]["name"] == Identity.load().name
    assert [(step["position"], step["item"]) for step in trail["itemListElement"]] == [
        (1, "http://testserver/"),
        (2, "http://testserver/news/"),
        (3, "http://testserver/news/stone/"),
    ]


def test_a_meeting_says_to_machines_when_and_where(client: Client, home: HomePage) -> None:
    starts_at = datetime(2026, 12, 20, 18, 30, tzinfo=UTC)
    under(
        home, EventPage(title="The meeting", slug="meeting", starts_at=starts_at, place="The hall", street="1, rue X")
    )
    own = told(client, "/meeting/")[0]
    assert (own["@type"], own["name"]) == ("Event", "The meeting")
    assert datetime.fromisoformat(own["startDate"]) == starts_at
    assert own["location"] == {"@type": "Place", "name": "The hall", "address": "1, rue X"}


def test_the_first_page_has_no_way_to_itself(client: Client, home: HomePage) -> None:
    assert [one["@type"] for one in told(client, "/")] == ["WebPage"]
