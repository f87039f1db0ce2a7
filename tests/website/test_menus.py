"""Menus on two levels: from the pages' own tick, or as editors arrange them; only what visitors may read."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import Locale, Page

from portevoix.accounts.services import mandates
from portevoix.accounts.types import Invitation, Role, System
from portevoix.website.blocks import FooterColumnBlock, MenuEntryBlock
from portevoix.website.models import HomePage, Menus
from tests.website.factories import LegalPageFactory, StandardPageFactory

pytestmark = pytest.mark.django_db


def soup(client: Client, address: str = "/") -> BeautifulSoup:
    return BeautifulSoup(client.get(address).content, "html.parser")


def link(page: Page | None = None, **said: str) -> dict[str, Any]:
    return {"page": page and page.pk, "address": "", "label": "", **said}


def arrange(*entries: dict[str, Any], columns: list[dict[str, Any]] | None = None) -> None:
    menus = Menus.load()
    fields = {name: Menus._meta.get_field(name).stream_block for name in ("main", "footer")}
    menus.main = fields["main"].to_python([{"type": "entry", "value": {"links": [], **value}} for value in entries])
    menus.footer = fields["footer"].to_python([{"type": "column", "value": value} for value in columns or []])
    menus.save()


def bar(page: BeautifulSoup) -> list[Any]:
    """Return the entries of the bar: words, or words and what they open; without the search."""
    found: list[Any] = []
    for item in page.select("#menu > ul > li"):
        if item.summary:
            found.append((item.summary.text, [(a.text.strip(), a["href"]) for a in item.select("details a")]))
        elif "menu__search" not in item.a.get("class", []):
            found.append((item.a.text.strip(), item.a["href"]))
    return found


class TestFromTheTree:
    def test_ticked_pages_under_a_ticked_page_open_from_it(self, client: Client, home: HomePage) -> None:
        programme = StandardPageFactory(title="Programme", slug="programme", in_menu=True)
        StandardPageFactory(title="Trains", slug="trains", in_menu=True, parent=programme)
        StandardPageFactory(title="Not ticked", parent=programme)
        StandardPageFactory(title="Draft", in_menu=True, draft=True, parent=programme)
        StandardPageFactory(title="News", slug="news", in_menu=True)
        assert bar(soup(client)) == [
            ("Programme", [("Vue d’ensemble", "/programme/"), ("Trains", "/programme/trains/")]),
            ("News", "/news/"),
        ]

    def test_the_third_level_and_what_is_under_a_page_without_tick_stay_out(
        self, client: Client, home: HomePage
    ) -> None:
        one = StandardPageFactory(slug="one", in_menu=True, title="One")
        two = StandardPageFactory(slug="two", in_menu=True, title="Two", parent=one)
        StandardPageFactory(in_menu=True, title="Three", parent=two)
        StandardPageFactory(in_menu=True, title="Lost", parent=StandardPageFactory())
        assert bar(soup(client)) == [("One", [("Vue d’ensemble", "/one/"), ("Two", "/one/two/")])]

    def test_the_page_one_is_on_is_told_on_both_levels(self, client: Client, home: HomePage) -> None:
        one = StandardPageFactory(slug="one", in_menu=True)
        StandardPageFactory(slug="two", in_menu=True, parent=one)
        page = soup(client, "/one/two/")
        assert page.select_one("summary.submenu__current") is not None
        assert [a["href"] for a in page.select("#menu a[aria-current]")] == ["/one/two/"]
        assert [a["href"] for a in soup(client, "/one/").select("#menu a[aria-current]")] == ["/one/"]

    def test_the_foot_repeats_the_first_level(self, client: Client, home: HomePage) -> None:
        one = StandardPageFactory(slug="one", title="One", in_menu=True)
        StandardPageFactory(slug="two", in_menu=True, parent=one)
        assert [a["href"] for a in soup(client).select("footer nav a")] == ["/one/"]


class TestArranged:
    def test_the_bar_is_as_editors_arranged_it(self, client: Client, home: HomePage) -> None:
        one, two = StandardPageFactory(slug="one", title="One"), StandardPageFactory(slug="two", title="Two")
        StandardPageFactory(in_menu=True)
        arrange(
            link(two),
            {
                **link(label="More"),
                "links": [link(one, label="The first"), link(address="https://a.example/", label="A")],
            },
            {**link(one), "links": [link(two)]},
        )
        assert bar(soup(client)) == [
            ("Two", "/two/"),
            ("More", [("The first", "/one/"), ("A", "https://a.example/")]),
            ("One", [("Vue d’ensemble", "/one/"), ("Two", "/two/")]),
        ]

    def test_what_visitors_may_not_read_stays_out(self, client: Client, home: HomePage) -> None:
        draft, kept = StandardPageFactory(draft=True), StandardPageFactory(title="Kept")
        kept.view_restrictions.create(restriction_type="password", password="x")
        arrange(link(draft), link(kept), {**link(label="Empty"), "links": [link(draft)]}, link(home, label="Home"))
        assert bar(soup(client)) == [("Home", "/")]

    def test_columns_at_the_foot(self, client: Client, home: HomePage) -> None:
        page = StandardPageFactory(slug="one", title="One")
        LegalPageFactory(title="Notice", slug="notice")
        arrange(
            columns=[
                {"title": "To read", "links": [link(page)]},
                {"title": "Gone", "links": [link(StandardPageFactory(draft=True))]},
            ]
        )
        titles = [title.text for title in soup(client).select("footer h2")]
        assert titles == ["To read", "Informations"]

    def test_a_translated_site_has_its_own_pages_and_their_titles(self, client: Client, home: HomePage) -> None:
        english = Locale.objects.get_or_create(language_code="en")[0]
        page, alone = StandardPageFactory(slug="un", title="Un"), StandardPageFactory(title="Seul")
        arrange(link(page, label="Le premier"), link(alone))
        home.copy_for_translation(english).get_latest_revision().publish()
        copy = page.copy_for_translation(english)
        copy.title = "One"
        copy.save_revision().publish()
        assert bar(soup(client, "/en/")) == [("One", copy.get_url())]

    def test_a_change_is_on_the_site_at_once(self, client: Client, home: HomePage) -> None:
        assert bar(soup(client)) == []
        arrange(link(home, label="Home"))
        assert bar(soup(Client())) == [("Home", "/")]


class TestEditing:
    @pytest.mark.parametrize(
        ("entry", "field"),
        [
            ({}, "page"),
            ({"links": [{"address": "https://a.example/", "label": "A"}]}, "label"),
            ({"address": "https://a.example/"}, "label"),
            ({"page": "home", "address": "https://a.example/", "label": "A"}, "page"),
        ],
    )
    def test_an_entry_that_leads_nowhere_or_says_nothing_is_refused(
        self, home: HomePage, entry: dict[str, Any], field: str
    ) -> None:
        block = MenuEntryBlock()
        said = {**link(), "links": [], **entry}
        if said["page"]:
            said["page"] = home.pk
        with pytest.raises(ValidationError) as refusal:
            block.clean(block.to_python(said))
        assert field in refusal.value.block_errors  # type: ignore[attr-defined]

    def test_a_column_without_links_is_refused(self) -> None:
        block = FooterColumnBlock()
        with pytest.raises(ValidationError):
            block.clean(block.to_python({"title": "Empty", "links": []}))

    @pytest.mark.parametrize(("role", "may"), [(Role.COMMUNICATIONS, True), (Role.READER, False)])
    def test_who_publishes_pages_arranges_menus(self, home: HomePage, role: Role, may: bool) -> None:
        someone = Invitation(email="a@campaign.example", first_name="A", last_name="B", role=role)
        browser = Client()
        browser.force_login(mandates.invite(someone, actor=System("tests")))
        answer = browser.get("/gestion/settings/website/menus/", follow=True)
        assert ("colonnes du pied de page" in answer.content.decode().lower()) == may


def test_a_longer_menu_takes_no_query_more(client: Client, home: HomePage) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            client.get("/", {"a": "1"})
        return len(asked)

    first = StandardPageFactory(in_menu=True)
    StandardPageFactory(in_menu=True, parent=first)
    queries()  # what is looked up once in the life of a process
    before = queries()
    for page in [StandardPageFactory(in_menu=True) for _ in range(4)]:
        StandardPageFactory(in_menu=True, parent=page)
    assert queries() == before
