"""A survey with every kind of question, in a real browser: with scripts, without, and by the keyboard alone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from portevoix.actions.models import Participation, SurveyPage
from tests.browser.conftest import OpenPage

ADDRESS = "/votre-avis/"


def fill_in(page: Page, way: str) -> None:
    page.get_by_label(way, exact=True).check()
    group = page.get_by_role("group", name="La petite ligne est-elle ouverte")
    group.get_by_label("oui").check()
    page.get_by_role("group", name="Vos trajets vous pèsent-ils").get_by_label("4").check()
    page.get_by_label("Combien de kilomètres").fill("42")
    page.get_by_label("Depuis quel jour").fill("2024-09-02")
    page.get_by_label("Racontez-nous").fill("Trois quarts d’heure de car.")
    page.get_by_label("Code postal").fill("23000")
    page.get_by_label("Adresse e-mail").fill("maelle@mail.example")
    page.get_by_label(re.compile("^J’accepte que la campagne garde")).check()


def send(page: Page) -> dict[str, object]:
    page.get_by_role("button", name="J’envoie mes réponses").click()
    expect(page.get_by_role("status").first).to_contain_text("boîte aux lettres")
    keys = [question.key for question in SurveyPage.objects.get().asked if question.is_answer]
    said = Participation.objects.get().answers
    return {str(place): said[key] for place, key in enumerate(keys, 1) if key in said}


REST = {"3": "yes", "4": "4", "5": 42, "6": "2024-09-02", "7": "Trois quarts d’heure de car."}


def test_every_kind_of_question_is_answered(open_page: OpenPage) -> None:
    page = open_page(ADDRESS)
    fill_in(page, "En voiture")
    page.get_by_label("Un vélo à bord").check()
    page.get_by_label("Un billet moins cher").check()
    said = send(page)
    assert said == {"1": "En voiture", "2": ["Un billet moins cher", "Un vélo à bord"], **REST}


def test_what_hangs_on_an_answer_is_asked_after_it_and_put_away_with_it(open_page: OpenPage) -> None:
    page = open_page(ADDRESS)
    hanging = page.get_by_role("group", name="Qu’est-ce qui vous ferait prendre le train")
    expect(hanging).to_be_hidden()
    page.get_by_label("En voiture", exact=True).check()
    expect(hanging).to_be_visible()
    hanging.get_by_label("Un vélo à bord").check()
    page.get_by_label("À pied", exact=True).check()
    expect(hanging).to_be_hidden()
    page.get_by_label("En voiture", exact=True).check()
    expect(hanging.get_by_label("Un vélo à bord")).to_be_checked()
    fill_in(page, "À pied")
    assert send(page) == {"1": "À pied", **REST}


def test_without_scripts_a_sentence_says_for_whom_a_question_is(open_page: OpenPage) -> None:
    page = open_page(ADDRESS, scripts=False)
    hanging = page.get_by_role("group", name="Qu’est-ce qui vous ferait prendre le train")
    expect(hanging).to_contain_text("Seulement si vous avez répondu « En voiture »")
    hanging.get_by_label("Un vélo à bord").check()
    fill_in(page, "À pied")
    assert send(page) == {"1": "À pied", **REST}


def test_the_keyboard_alone_reaches_what_appears(open_page: OpenPage) -> None:
    page = open_page(ADDRESS)
    page.get_by_label("En voiture", exact=True).focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Un train plus tôt ou plus tard")).to_be_focused()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "none"])
def test_representatives_are_found_and_the_letter_copied_where_scripts_run(open_page: OpenPage, scripts: bool) -> None:
    page = open_page("/ecrire/", scripts=scripts)
    page.get_by_label("Votre code postal").fill("23000")
    page.get_by_role("button", name="Trouver").click()
    expect(page.get_by_role("heading", name="Hortense Valmigny")).to_be_visible()
    assert page.get_by_role("link", name=re.compile("logiciel de courrier")).count() == 3
    copy = page.get_by_role("button", name="Copier la lettre")
    assert copy.is_visible() == scripts
    if scripts:
        copy.click()
        expect(page.locator(".letter [role=status]")).to_have_text("Copiée.")
