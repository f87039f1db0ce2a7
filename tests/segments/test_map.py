"""People on the map: counted in one statement, never so few that one could be named."""

from __future__ import annotations

import json
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portevoix.accounts.types import Role, System
from portevoix.segments import rules
from portevoix.segments.selectors import geography
from portevoix.segments.types import Group
from tests.accounts.factories import signed_in, staff
from tests.people.factories import PersonFactory
from tests.segments.factories import SegmentFactory, rule, tree
from tests.territory.factories import CommuneFactory, DepartementFactory, RegionFactory

pytestmark = pytest.mark.django_db
MAP = "/gestion/segments/carte/"
SYSTEM = System("tests")
BREST = "8518716ffffffff"


def people(number: int, **place: Any) -> None:
    PersonFactory.create_batch(number, **place)


@pytest.fixture
def brest() -> Any:
    return CommuneFactory(brest=True, h3_5=BREST, population=140_000)


def figures(client: Client, query: str = "") -> dict[str, Any]:
    page = BeautifulSoup(client.get(f"{MAP}{query}").content, "html.parser")
    block = page.select_one("#people-map-figures")
    assert block
    return dict(json.loads(block.text))


def rows(client: Client, query: str = "") -> list[str]:
    page = BeautifulSoup(client.get(f"{MAP}{query}").content, "html.parser")
    return [row.get_text(" ", strip=True) for row in page.select(".people-map__table tbody tr")]


def test_people_are_counted_by_departement_and_for_ten_thousand_inhabitants(brest: Any) -> None:
    people(45, in_rennes=True)
    people(7, commune=brest)
    people(6)
    found = geography.spread(Group(), SYSTEM)
    assert [(area.code, area.people, area.rate) for area in found.areas] == [("29", 7, 0.5), ("35", 45, 2.0)]
    assert found.elsewhere == 6


def test_a_divided_commune_counts_its_inhabitants_once() -> None:
    seine = DepartementFactory(code="75", name="Paris", region=RegionFactory(code="11", name="Île-de-France"))
    paris = CommuneFactory(code="75056", name="Paris", departement=seine, population=2_000_000)
    eleventh = CommuneFactory(code="75111", departement=seine, parent=paris, population=150_000)
    people(20, commune=eleventh)
    (area,) = geography.spread(Group(), SYSTEM).areas
    assert (area.people, area.population, area.rate) == (20, 2_000_000, 0.1)


def test_fewer_than_five_are_never_told_apart(brest: Any) -> None:
    people(4, commune=brest)
    people(5, in_rennes=True)
    client = signed_in()
    told = figures(client)
    assert told["29"] == {"name": "Finistère", "rate": None, "few": True}
    assert told["35"]["people"] == 5
    assert any("moins de 5" in row and "Finistère" in row for row in rows(client))
    cells = client.get(f"{MAP}hexagones/5/").json()["features"]
    assert sorted(cell["properties"].get("people", 0) for cell in cells) == [0, 5]


def test_the_map_is_that_of_a_segment(brest: Any) -> None:
    people(6, commune=brest, postcode="29200")
    people(8, in_rennes=True)
    segment = SegmentFactory(tree=tree(rule("postcode", start="29")))
    told = figures(signed_in(), f"?segment={segment.pk}")
    assert (told["29"]["people"], told["35"]["people"]) == (6, 0)
    cells = signed_in().get(f"{MAP}hexagones/4/?segment={segment.pk}").json()["features"]
    assert [cell["properties"] for cell in cells] == [{"people": 6}]


def test_a_local_lead_sees_only_their_departement(brest: Any) -> None:
    people(6, commune=brest)
    people(8, in_rennes=True)
    client = signed_in(Role.LOCAL_LEAD, "35")
    assert set(figures(client)) == {"35"}
    assert len(client.get(f"{MAP}hexagones/5/").json()["features"]) == 1


def test_hexagons_are_closed_rings_in_france_and_gather_from_far(brest: Any) -> None:
    people(5, in_rennes=True)
    near = CommuneFactory(code="35281", name="Saint-Jacques", h3_5="851849abfffffff")
    people(5, commune=near)
    close = geography.hexagons(Group(), SYSTEM, 5)["features"]
    assert [cell["properties"]["people"] for cell in close] == [5, 5]
    (ring,) = close[0]["geometry"]["coordinates"]
    assert ring[0] == ring[-1]
    assert all(-5.5 < longitude < 10 and 41 < latitude < 51.5 for longitude, latitude in ring)
    assert len(geography.hexagons(Group(), SYSTEM, 4)["features"]) <= 2


def test_overseas_is_drawn_in_its_box() -> None:
    reunion = DepartementFactory(code="974", name="La Réunion", region=RegionFactory(code="04", name="La Réunion"))
    saint_denis = CommuneFactory(
        code="97411", name="Saint-Denis", departement=reunion, latitude=-20.9, longitude=55.45, h3_5="85a2555bfffffff"
    )
    people(9, commune=saint_denis)
    (cell,) = geography.hexagons(Group(), SYSTEM, 5)["features"]
    for longitude, latitude in cell["geometry"]["coordinates"][0]:
        assert -6 < longitude < 10
        assert 38 < latitude < 52


def test_people_are_counted_by_one_statement() -> None:
    people(6, in_rennes=True)
    question = rules.read(tree(rule("departement", departement="35")))
    with CaptureQueriesContext(connection) as queries:
        geography.counted(question, staff())
    assert len([query for query in queries if "people_person" in query["sql"]]) == 1


@pytest.mark.parametrize(
    ("query", "first"),
    [("?tri=nom", "Finistère"), ("?tri=nombre", "Ille"), ("?tri=taux", "Finistère"), ("?tri=x", "Ille")],
)
def test_the_table_is_sorted_without_script(brest: Any, query: str, first: str) -> None:
    people(10, in_rennes=True)  # 0.44 for 10,000
    people(9, commune=brest)  # 0.64
    assert rows(signed_in(), query)[0].startswith(first)


def test_the_table_leads_to_the_people(brest: Any) -> None:
    segment = SegmentFactory()
    page = signed_in().get(f"{MAP}?segment={segment.pk}").content.decode()
    assert f"/gestion/personnes/?departement=29&amp;segment={segment.pk}" in page


@pytest.mark.parametrize("query", ["?segment=999", "?segment=0"])
def test_a_segment_that_does_not_exist_is_not_a_map_of_everybody(query: str) -> None:
    assert signed_in().get(f"{MAP}{query}").status_code == 404
    assert signed_in().get(f"{MAP}hexagones/4/{query}").status_code == 404


def test_only_drawn_resolutions_are_given() -> None:
    assert signed_in().get(f"{MAP}hexagones/9/").status_code == 404


def test_a_broken_segment_has_no_map() -> None:
    segment = SegmentFactory(tree=tree(rule("gone")))
    assert signed_in().get(f"{MAP}?segment={segment.pk}").status_code == 404


def test_names_are_never_markup() -> None:
    SegmentFactory(name="</script><img src=x>")
    DepartementFactory(code="01", name="</script><img src=y>")
    content = signed_in().get(MAP).content.decode()
    assert "<img src=x" not in content
    assert "<img src=y" not in content


def test_the_map_says_how_many_of_those_it_shows_may_be_reached_and_why_not_the_others(brest: Any) -> None:
    people(2, commune=brest, reachable=True)
    people(3, commune=brest)
    people(4, in_rennes=True, reachable=True)
    segment = SegmentFactory(tree=tree(rule("departement", departement="29")))
    page = BeautifulSoup(signed_in().get(f"{MAP}?segment={segment.pk}").content, "html.parser")
    link = page.select_one(".office-reach-of a")
    assert link
    address = str(link["href"])
    whole = BeautifulSoup(signed_in().get(address).content, "html.parser").get_text(" ", strip=True)
    part = signed_in().get(address, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    said = " ".join(BeautifulSoup(part, "html.parser").get_text(" ").split())
    assert "5 personnes, dont 2 joignables" in said
    for words in ("E-mail", "SMS", "n’ont jamais donné leur accord"):
        assert words in said, words
        assert words in whole, words


def test_a_local_lead_is_told_the_reach_of_their_own_departement_only(brest: Any) -> None:
    people(5, commune=brest, reachable=True)
    people(1, in_rennes=True, reachable=True)
    client = signed_in(Role.LOCAL_LEAD, "35")
    said = client.get(f"{MAP}portee/", headers={"HX-Request": "true"}).content.decode()
    assert "dont 1 joignables" in said


def test_a_reach_of_opinions_is_told_of_five_and_more() -> None:
    PersonFactory()
    segment = SegmentFactory(tree=tree(rule("support", least=4, most=5)))
    said = signed_in().get(f"{MAP}portee/?segment={segment.pk}", headers={"HX-Request": "true"}).content.decode()
    assert "moins de 5" in said
    assert "joignables" not in said
