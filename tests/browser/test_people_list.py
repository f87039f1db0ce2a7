"""The list of people by keyboard alone, and an act on many with and without script."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from portevoix.people.models import BulkRun, Person, Tag, Tagging
from tests.accounts.factories import somebody_with_a_password
from tests.browser.conftest import OpenPage
from tests.people.factories import PersonFactory

LIST = "/gestion/personnes/?vue="


def three_people() -> list[Person]:
    return [
        PersonFactory(first_name=first, last_name=last) for first, last in (("Ana", "A"), ("Bob", "B"), ("Cyr", "C"))
    ]


def test_somebody_walks_chooses_and_opens_by_keyboard_alone(open_page: OpenPage) -> None:
    _ana, bob, _cyr = three_people()
    page = open_page(LIST, user=somebody_with_a_password())
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Ana A")).to_be_focused()
    page.keyboard.press("x")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(page.get_by_label("Choisir Ana A")).to_be_checked()
    expect(page.get_by_label("Choisir Bob B")).to_be_checked()
    expect(page.locator(".people-bulk__count")).to_have_text("Choisies : 2")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Au clavier")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("o")
    expect(page).to_have_url(re.compile(rf"/gestion/personnes/{bob.pk}/$"))


def test_who_may_be_reached_comes_beside_the_count_and_again_after_a_search(open_page: OpenPage) -> None:
    three_people()
    PersonFactory(first_name="Wil", last_name="Quéméneur", reachable=True)
    page = open_page(LIST, user=somebody_with_a_password())
    reach = page.locator(".people-head__reach")
    expect(reach).to_contain_text("dont 1 joignables")
    page.keyboard.press("/")
    page.keyboard.type("Ana")
    expect(page.get_by_role("heading", name="1 personne")).to_be_visible()
    expect(reach).to_contain_text("dont 0 joignables")
    reach.get_by_text("dont 0 joignables").click()
    expect(reach.get_by_role("table", name="Qui peut légalement être contacté, et comment")).to_be_visible()


def test_keys_write_in_a_field_and_do_nothing_else(open_page: OpenPage) -> None:
    three_people()
    page = open_page(LIST, user=somebody_with_a_password())
    page.keyboard.press("/")
    search = page.locator("[data-search-form] input[name=q]")
    expect(search).to_be_focused()
    page.keyboard.type("jxo?")
    expect(search).to_have_value("jxo?")
    expect(page.get_by_role("dialog", name="Au clavier")).to_be_hidden()


def turn_keys(page: Page, button: str, enabled: str) -> None:
    """Press a button of the help, and wait until the new page listens."""
    page.get_by_role("button", name="Clavier").click()
    page.get_by_role("button", name=button).click()
    page.locator(f"[data-people-list-enabled-value={enabled}]").wait_for(state="attached")
    expect(page.get_by_role("button", name="Clavier")).to_be_visible()


def test_keys_that_are_turned_off_are_not_heard(open_page: OpenPage) -> None:
    three_people()
    page = open_page(LIST, user=somebody_with_a_password())
    turn_keys(page, "Désactiver ces touches", "false")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Ana A")).not_to_be_focused()
    turn_keys(page, "Activer ces touches", "true")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Ana A")).to_be_focused()


def test_an_act_is_prepared_and_confirmed_without_script(open_page: OpenPage) -> None:
    ana, _bob, _cyr = three_people()
    Tagging.objects.create(person=ana, tag=Tag.objects.create(name="tract"), source="tests")
    page = open_page(LIST, user=somebody_with_a_password(), scripts=False)
    page.get_by_label("Choisir Ana A").check()
    page.get_by_label("Choisir Cyr C").check()
    page.get_by_role("button", name="Agir sur les personnes cochées").click()
    page.get_by_text("Ajouter une étiquette").click()
    page.locator("[name=add_tag-tag]").select_option(label="tract")
    page.get_by_role("button", name="Voir qui est concerné").first.click()
    expect(page.get_by_text("portent déjà l’étiquette")).to_be_visible()
    page.get_by_role("button", name="Le faire pour 1 personne").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    assert BulkRun.objects.get().chosen == 2
