"""The editor of segments and the map of people, in a real browser."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from portevoix.accounts.models import User
from portevoix.people.models import Tag, Tagging
from portevoix.segments.models import Segment
from tests.accounts.factories import UserFactory
from tests.browser.conftest import OpenPage
from tests.people.factories import PersonFactory
from tests.segments.factories import SegmentFactory, rule, tree
from tests.territory.factories import CommuneFactory

PICTURES = os.environ.get("PORTEVOIX_PICTURES")
NEW = "/gestion/segments/nouveau/"


@pytest.fixture
def director(live_instance: LiveServer) -> User:
    user: User = UserFactory(is_superuser=True)
    return user


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png")


def volunteers(number: int) -> Tag:
    word = Tag.objects.create(name="bénévole")
    for person in PersonFactory.create_batch(number, in_rennes=True, reachable=True):
        Tagging.objects.create(person=person, tag=word, source="tests")
    return word


@pytest.mark.parametrize("phone", [False, True])
def test_a_segment_is_written_and_counted_as_one_writes(director: User, open_page: OpenPage, phone: bool) -> None:
    word = volunteers(3)
    PersonFactory.create_batch(2, in_brest=True, with_email=True)
    page = open_page(NEW, user=director, phone=phone)
    summary = page.locator("#segment-summary")
    expect(summary).to_contain_text("Tout le monde.")
    page.get_by_label("Nom du segment").fill("Bénévoles de Rennes")
    page.get_by_role("button", name="Commune", exact=True).click()
    page.get_by_label("Commune", exact=True).press_sequentially("Renn")
    expect(page.locator("datalist option")).to_have_attribute("value", "Rennes (35)")
    page.get_by_label("Commune", exact=True).fill("Rennes (35)")
    expect(summary.locator("dd").first).to_have_text("3")
    page.get_by_role("button", name="Condition", exact=True).click()
    search = page.get_by_label("Que faut-il savoir des personnes")
    expect(search).to_be_focused()
    search.press_sequentially("étiq")  # the choice narrows as one types
    expect(page.locator(".office-chip", has_text="Commune")).to_have_count(0)
    page.get_by_role("button", name="Étiquette", exact=True).click()
    page.locator("[name='t.1-tag']").select_option(str(word.pk))
    expect(summary).to_contain_text("portent l’étiquette")
    expect(summary).to_contain_text("Qui peut légalement être contacté")
    picture(page, f"segment-{phone}")
    page.locator(".office-editor__acts").get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("est enregistré")).to_be_visible()
    assert Segment.objects.get().tree == tree(rule("commune", commune="35238"), rule("tag", tag=word.pk))


def test_a_line_is_taken_away_and_the_count_follows(director: User, open_page: OpenPage) -> None:
    volunteers(2)
    segment = SegmentFactory(tree=tree(rule("email"), rule("postcode", start="99")))
    page = open_page(f"/gestion/segments/{segment.pk}/modifier/", user=director)
    figure = page.locator("#segment-summary dd").first
    expect(figure).to_have_text("0")
    page.get_by_role("button", name="Retirer cette condition").last.click()
    expect(page.locator(".office-rule")).to_have_count(1)
    expect(figure).to_have_text("2")


def test_the_list_counts_each_segment_when_it_comes_into_view(director: User, open_page: OpenPage) -> None:
    volunteers(4)
    SegmentFactory(tree=tree(rule("email")))
    page = open_page("/gestion/segments/", user=director)
    expect(page.locator("td.office-number")).to_contain_text("4")
    expect(page.locator("td.office-number")).to_contain_text("4 joignables")


def test_the_editor_works_without_scripts(director: User, open_page: OpenPage) -> None:
    volunteers(2)
    page = open_page(NEW, user=director, scripts=False)
    page.get_by_label("Nom du segment").fill("Joignables")
    page.locator("button[value='choose:t.0:email']").click()
    expect(page.locator("#segment-summary dd").first).to_have_text("2")
    page.locator(".office-editor__acts").get_by_role("button", name="Enregistrer").click()
    assert Segment.objects.get().name == "Joignables"


@pytest.mark.parametrize("phone", [False, True])
def test_the_map_is_painted_from_this_server_alone(director: User, open_page: OpenPage, phone: bool) -> None:
    PersonFactory.create_batch(12, in_rennes=True)
    CommuneFactory(brest=True)
    page = open_page("/gestion/segments/carte/", user=director, phone=phone)
    expect(page.locator("[data-painted]")).to_be_attached(timeout=20_000)
    expect(page.locator(".people-map__legend li")).not_to_have_count(0)
    picture(page, f"map-{phone}")
    row = page.locator("tr[data-code='35']")
    row.get_by_role("link").focus()
    expect(row).to_have_attribute("data-pointed", "")
    page.get_by_label("Nombre de personnes").check()
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= (390 if phone else 1280)


def test_the_map_tells_its_figures_without_scripts(director: User, open_page: OpenPage) -> None:
    PersonFactory.create_batch(12, in_rennes=True)
    page = open_page("/gestion/segments/carte/", user=director, scripts=False)
    expect(page.locator("tr[data-code='35']")).to_contain_text("12")
    expect(page.locator(".people-map__without")).to_be_visible()
