"""A survey with every kind of question, in a real browser: with scripts, without, and by the keyboard alone."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer
from wagtail.models import Locale

from portevoix.actions.models import Participation, SurveyPage
from portevoix.people.models import CustomField
from portevoix.people.types import CustomKind
from portevoix.website.models import HomePage
from tests.actions.factories import block
from tests.browser.conftest import OpenPage
from tests.browser.test_page_types import SEEN, faults_of

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


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_question_that_hangs_on_an_own_yes_or_no_is_asked_and_kept(
    open_page: OpenPage, live_instance: LiveServer, scripts: bool
) -> None:
    CustomField.objects.create(key="velo", label="Un vélo ?", kind=CustomKind.YES_NO, source="tests")
    which = {"label": "De quelle couleur ?", "is_required": True, "after": 1, "after_answer": "oui"}
    survey = SurveyPage(title="Le vélo", slug="velo")
    survey.questions = json.dumps([block("own_field", 1, field="velo"), block("question", 2, **which)])
    HomePage.objects.get(depth=2, locale__language_code="fr").add_child(instance=survey)
    page = open_page("/velo/", scripts=scripts)
    colour = page.get_by_label("De quelle couleur ?")
    expect(colour).to_be_visible(visible=not scripts)
    page.get_by_role("group", name="Un vélo ?").get_by_label("oui").check()
    colour.fill("Vert")
    page.get_by_label("Adresse e-mail").fill("maelle@mail.example")
    page.get_by_label(re.compile("^J’accepte que la campagne garde")).check()
    page.get_by_role("button", name="J’envoie mes réponses").click()
    expect(page.get_by_role("status").first).to_contain_text("boîte aux lettres")
    taken = Participation.objects.select_related("submission").get()
    assert (list(taken.answers.values()), taken.submission.answers["custom"]) == (["Vert"], {"velo": True})


PAGES = (
    ("step", {"title": "Le bus", "text": ""}),
    ("question", {"label": "Prenez-vous le bus ?", "kind": "yes_no", "is_required": True}),
    ("question", {"label": "Quelle ligne ?", "kind": "line", "after": 1, "after_answer": "oui"}),
    ("step", {"title": "Les arrêts", "text": ""}),
    ("question", {"label": "Quel arrêt ?", "kind": "line", "after": 2, "after_answer": "7"}),
    ("question", {"label": "Lequel manque ?", "kind": "line", "after": 1, "after_answer": "oui"}),
    ("step", {"title": "Un mot", "text": ""}),
    ("question", {"label": "Un mot ?", "kind": "text"}),
)


@pytest.fixture
def on_pages(live_instance: LiveServer) -> str:
    """A survey on three pages, the second of whoever takes the bus; return its address."""
    survey = SurveyPage(title="Sur plusieurs pages", slug="en-pages")
    survey.questions = json.dumps([block(kind, number, **value) for number, (kind, value) in enumerate(PAGES)])
    HomePage.objects.get(depth=2, locale__language_code="fr").add_child(instance=survey)
    return "/en-pages/"


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_survey_on_several_pages_loses_nothing(open_page: OpenPage, on_pages: str, scripts: bool) -> None:
    page = open_page(on_pages, scripts=scripts, phone=not scripts)
    expect(page.get_by_role("form", name="Page 1 sur 3")).to_be_visible()
    page.get_by_label("oui").check()
    page.get_by_label("Quelle ligne ?").fill("La 4")
    page.get_by_label("Quelle ligne ?").press("Enter")  # goes on, as the button does
    expect(page).to_have_title(re.compile("^Page 2 sur 3 – Sur plusieurs pages"))
    expect(page.get_by_label("Lequel manque ?")).to_be_in_viewport()
    page.get_by_label("Lequel manque ?").fill("La gare")
    page.get_by_role("button", name="Page précédente").click()
    expect(page.get_by_label("Quelle ligne ?")).to_have_value("La 4")
    page.get_by_role("button", name="Page suivante").click()
    expect(page.get_by_label("Lequel manque ?")).to_have_value("La gare")
    page.get_by_role("button", name="Page suivante").click()
    page.get_by_label("Adresse e-mail").fill("maelle@mail.example")
    page.get_by_label(re.compile("^J’accepte que la campagne garde")).check()
    page.get_by_role("button", name="J’envoie mes réponses").click()
    expect(page.get_by_role("status").first).to_contain_text("boîte aux lettres")
    assert list(Participation.objects.get().answers.values()) == ["yes", "La 4", "La gare"]


def test_a_page_of_nobody_is_passed_over(open_page: OpenPage, on_pages: str) -> None:
    page = open_page(on_pages)
    page.get_by_label("non").check()
    expect(page.get_by_label("Quelle ligne ?")).to_be_hidden()
    page.get_by_role("button", name="Page suivante").click()
    expect(page.get_by_role("form", name="Page 2 sur 2")).to_be_visible()
    expect(page.get_by_label("Un mot ?")).to_be_visible()


@pytest.mark.parametrize(
    ("language", "seen"),
    [("fr", (SEEN[0], SEEN[3])), ("en", (SEEN[1], SEEN[2]))],
    ids=["French, light desk and dark phone", "English, dark desk and light phone"],
)
def test_axe_finds_no_fault_on_any_page_of_a_survey(
    open_page: OpenPage, on_pages: str, language: str, seen: tuple[tuple[Any, Any], ...]
) -> None:
    if language == "en":
        survey = SurveyPage.objects.get(slug="en-pages")
        survey.copy_for_translation(Locale.objects.get(language_code="en"), copy_parents=True).save_revision().publish()
    page = open_page(on_pages if language == "fr" else f"/en{on_pages}")
    words = {"fr": ("oui", "Page suivante", "Page {} sur 3"), "en": ("yes", "Next page", "Page {} of 3")}
    yes, forth, where = words[language]
    page.get_by_label(yes, exact=True).check()
    for place in range(3):
        if place:
            page.get_by_role("button", name=forth).click()
        expect(page.get_by_role("form", name=where.format(place + 1))).to_be_visible()
        assert faults_of(page, seen) == []
