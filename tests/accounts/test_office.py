"""The frame of the back office: the menu, the first page."""

from __future__ import annotations

import json

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portevoix.accounts.models import Mandate
from portevoix.accounts.types import Role
from portevoix.people import interactions
from portevoix.people.types import Kind
from tests.accounts.factories import signed_in
from tests.people.factories import PersonFactory

pytestmark = pytest.mark.django_db
HOME = "/gestion/"


def menu(client: Client) -> list[str]:
    """Return the names of the menu's items, as the sidebar is given them."""
    page = BeautifulSoup(client.get(HOME).content, "html.parser")
    props = json.loads(page.select_one("#wagtail-sidebar-props").text)  # type: ignore[union-attr]
    return names(props)


def names(part: object) -> list[str]:
    if isinstance(part, dict) and str(part.get("_type", "")).endswith("MenuModule"):
        return [item["_args"][0]["name"] for item in part["_args"][0]]
    parts = part.values() if isinstance(part, dict) else part if isinstance(part, list) else []
    return [name for inner in parts for name in names(inner)]


def test_the_menu_follows_the_order_in_which_a_campaign_works() -> None:
    found = menu(signed_in())
    wanted = ["people", "segments", "map", "messages", "imports", "audience", "journal"]
    assert [name for name in found if name in wanted] == wanted
    assert not {"help", "reports"} & set(found)


def test_each_role_sees_what_it_may_do() -> None:
    found = menu(signed_in(Role.READER))
    assert {"people", "segments", "map", "audience"} <= set(found)
    assert not {"journal", "imports"} & set(found)


def test_somebody_without_a_mandate_sees_none_of_it() -> None:
    client = signed_in(Role.READER)
    Mandate.objects.all().delete()
    assert not {"people", "segments", "map", "audience", "journal"} & set(menu(client))
    assert "office-panel" not in client.get(HOME).content.decode()


def test_the_first_page_counts_people_in_the_readers_territory() -> None:
    for place in ("in_rennes", "in_brest"):
        person = PersonFactory(reachable=True, **{place: True})
        interactions.record(person, Kind.SIGNED_UP)
    PersonFactory(in_rennes=True)
    for client, figures, signed in (
        (signed_in(), ["3", "2"], "2 inscriptions"),
        (signed_in(Role.LOCAL_LEAD, "35"), ["2", "1"], "1 inscription"),
    ):
        page = BeautifulSoup(client.get(HOME).content, "html.parser")
        assert [figure.get_text(strip=True) for figure in page.select("dd")][:2] == figures
        assert signed in page.get_text()


def test_the_first_page_says_nothing_of_wagtail() -> None:
    content = signed_in().get(HOME).content.decode()
    assert "guide.wagtail" not in content
    assert "Wagtail 7" not in content


def test_the_first_page_costs_the_same_whatever_the_number_of_people() -> None:
    client = signed_in()
    PersonFactory(reachable=True)
    client.get(HOME)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(HOME)
        return len(queries)

    few = cost()
    for person in PersonFactory.create_batch(20, reachable=True):
        interactions.record(person, Kind.SIGNED_UP)
    assert cost() == few
