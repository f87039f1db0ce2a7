"""Beside the counts of the list of people and of acts on many: how many may lawfully be reached, and why not others."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse

from portevoix.accounts.models import User
from portevoix.accounts.types import Role, Staff
from portevoix.people import viewsets
from portevoix.people.models import Person, Tag, Tagging
from portevoix.people.services import bulk
from tests.accounts.factories import signed_in, staff
from tests.people.acts import prepared
from tests.people.factories import PersonFactory
from tests.segments.factories import SegmentFactory, rule, tree

pytestmark = pytest.mark.django_db
LIST = "/gestion/personnes/"
REACH = "/gestion/segments/personnes/portee/"
QUICKLY = {"HX-Request": "true"}


@pytest.fixture
def tag() -> Tag:
    """A tag carried by two people, one of whom can be reached; so can somebody without it."""
    tag = Tag.objects.create(name="bénévole")
    carriers = [PersonFactory(in_rennes=True, reachable=True), PersonFactory(in_brest=True)]
    PersonFactory(in_brest=True, reachable=True)
    Tagging.objects.bulk_create(Tagging(person=person, tag=tag, source="tests") for person in carriers)
    return tag


def shown(response: Any) -> BeautifulSoup:
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def link_in(page: BeautifulSoup) -> Any:
    link = page.find("a", string="Qui est joignable")
    assert link is not None
    return link


def told(client: Client, address: str) -> str:
    return shown(client.get(address, headers=QUICKLY)).get_text(" ", strip=True).replace("\xa0", " ")


def test_the_list_leads_to_the_reach_of_those_whom_it_counts(tag: Tag) -> None:
    client = signed_in()
    link = link_in(shown(client.get(f"{LIST}?tag={tag.pk}")))
    assert link.parent["hx-get"] == link["href"] == f"{REACH}?tag={tag.pk}"
    said = told(client, link["href"])
    assert "dont 1 joignables" in said
    assert "Pourquoi pas les autres" in said
    assert "dont 2 joignables" in told(client, REACH)


@pytest.mark.parametrize("query", ["", "tag={}"], ids=["everybody", "a tag"])
def test_before_an_export_and_an_act_on_all_it_says_the_same(tag: Tag, query: str) -> None:
    client, query = signed_in(), query.format(tag.pk)
    exporting = shown(client.get(f"{reverse('disclosure:export')}?{query}"))
    acting = shown(client.post(reverse("people:act_choose"), {"scope": "all", "query": query}))
    for page in (exporting, acting):
        assert link_in(page)["href"] == f"{REACH}?{query}"


def test_without_a_script_it_is_a_page_of_its_own_that_leads_back(tag: Tag) -> None:
    page = shown(signed_in().get(f"{REACH}?tag={tag.pk}"))
    assert page.find("h2", string="Qui peut légalement être contacté, et comment")
    assert page.select_one(f'a[href="{LIST}?tag={tag.pk}"]')


def test_it_follows_the_words_that_are_searched(tag: Tag) -> None:
    PersonFactory(first_name="Wilhelmine", last_name="Quéméneur", reachable=True)
    assert "dont 1 joignables" in told(signed_in(), f"{REACH}?q=Wilhelmine")


def test_it_counts_the_territory_of_the_mandate_alone(tag: Tag) -> None:
    assert "dont 1 joignables" in told(signed_in(Role.LOCAL_LEAD, "35"), REACH)


def test_a_filter_that_means_nothing_is_not_counted(tag: Tag) -> None:
    assert "ne peut pas être compté" in told(signed_in(), f"{REACH}?tag=0")


def test_many_are_counted_when_somebody_asks(tag: Tag, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewsets, "MOST_COUNTED", 2)
    link = link_in(shown(signed_in().get(LIST, {"vue": ""})))
    assert "hx-get" not in link.parent.attrs


def test_a_list_of_nobody_offers_nothing() -> None:
    assert shown(signed_in().get(LIST, {"vue": ""})).find("a", string="Qui est joignable") is None


def test_a_segment_about_opinions_lists_nobody_and_tells_no_reach(tag: Tag) -> None:
    segment = SegmentFactory(tree=tree(rule("support", least=4, most=5)))
    assert "joignables" not in told(signed_in(), f"{REACH}?segment={segment.pk}")


def test_the_preview_of_an_act_leads_to_the_reach_of_those_whom_it_would_change(tag: Tag) -> None:
    client = signed_in()
    actor = Staff(User.objects.get())
    run = prepared("add_tag", {"tag": tag, "new": ""}, actor)
    link = link_in(shown(client.get(f"{LIST}actes/{run.pk}/")))
    said = told(client, link["href"])
    assert "dont 1 joignables" in said, "the two who carry the tag are left out"
    assert shown(client.get(link["href"])).select_one(f'a[href="{LIST}actes/{run.pk}/"]')
    bulk.cancel_act(run, actor=actor)
    assert client.get(link["href"]).status_code == 404


def test_another_ones_act_tells_nothing(tag: Tag) -> None:
    run = prepared("add_tag", {"tag": tag, "new": ""}, staff(), Person.objects.all())
    assert signed_in(Role.LOCAL_LEAD, "35").get(f"/gestion/segments/actes/{run.pk}/portee/").status_code == 404
