"""The audience screen: what was counted, and nothing that could lead to anybody."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portevoix.accounts.types import Role
from portevoix.audience import selectors
from portevoix.audience.models import DailyCount
from portevoix.kernel import clock
from tests.accounts.factories import signed_in

pytestmark = pytest.mark.django_db
SCREEN = "/gestion/audience/"
TODAY = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def stopped():
    with clock.stopped_at(datetime(2026, 11, 24, 11, 0, tzinfo=UTC)):
        yield


def count(days_ago: int, path: str = "/", origin: str = "", views: int = 1, visits: int = 1) -> None:
    day = TODAY - timedelta(days=days_ago)
    DailyCount.objects.create(day=day, path=path, origin=origin, views=views, visits=visits)


def shown(client: Client, query: str = "") -> BeautifulSoup:
    return BeautifulSoup(client.get(f"{SCREEN}{query}").content, "html.parser")


def test_every_day_has_its_bar_the_empty_ones_too() -> None:
    count(0, views=5, visits=3)
    count(29, views=2, visits=2)
    count(30, views=100, visits=100)
    days = selectors.per_day(30)
    assert len(days) == 30
    assert (days[0].value, days[-1].value, days[-1].others) == (2, 3, (5,))
    assert sum(bar.value for bar in days) == 5


def test_pages_come_by_views_and_origins_by_visits() -> None:
    count(1, "/a/", "", views=9, visits=1)
    count(2, "/b/", "search", views=10, visits=4)
    count(3, "/a/", "ouest.example", views=3, visits=2)
    measured = selectors.measured(30)
    assert [(line.name, line.views) for line in measured.pages] == [("/a/", 12), ("/b/", 10)]
    assert [(line.name, line.visits) for line in measured.origins] == [("search", 4), ("ouest.example", 2), ("", 1)]
    assert (measured.visits, measured.views) == (7, 22)


def test_the_screen_says_it_in_french_with_a_table_and_how_it_counts() -> None:
    count(0, "/rejoindre/", "social", views=1234, visits=1000)
    page = shown(signed_in())
    text = page.get_text(" ", strip=True)
    for words in ("Visites par jour", "réseaux sociaux", "/rejoindre/", "aucune adresse n’est conservée"):
        assert words in text, words
    assert page.select_one("svg[role=img][aria-label]")
    assert len(page.select(".office-chart__figures tbody tr")) == 30


@pytest.mark.parametrize(("query", "bars"), [("", 30), ("?jours=90", 90), ("?jours=999999", 30), ("?jours=x", 30)])
def test_one_chooses_among_the_offered_spans(query: str, bars: int) -> None:
    assert len(shown(signed_in(), query).select("svg rect")) == bars


def test_an_empty_audience_is_shown_as_such() -> None:
    assert "Aucune visite" in shown(signed_in(Role.READER)).get_text()


def test_the_screen_costs_three_reads_whatever_was_counted() -> None:
    client = signed_in()
    client.get(SCREEN)
    for number in range(40):
        count(number % 25, f"/page-{number}/")
    with CaptureQueriesContext(connection) as queries:
        client.get(SCREEN)
    assert len([query for query in queries if "audience_dailycount" in query["sql"]]) == 3


def test_a_path_is_never_markup() -> None:
    count(0, "/<script>alert(1)</script>/", "<b>x</b>.example")
    content = signed_in().get(SCREEN).content.decode()
    assert "<script>alert" not in content
    assert "<b>x" not in content
