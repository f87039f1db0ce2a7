"""The composer in a real browser: four views that follow what one types, and every screen by mouse and by telephone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from portevoix.accounts.models import User
from portevoix.accounts.types import Role, Staff
from portevoix.conf.instance import Legal
from portevoix.mailings.models import Mailing
from portevoix.mailings.services import approving, plain_texts
from portevoix.operations.demo.mailings import build_mailings
from tests.accounts.factories import UserFactory
from tests.browser.conftest import OpenPage
from tests.people.factories import PersonFactory

MESSAGES = "/gestion/messages/"
PICTURES = os.environ.get("PORTEVOIX_PICTURES")


def picture(page: Page, name: str, *, whole: bool = True) -> None:
    """Keep what is on the screen, for whoever asked to see it."""
    if PICTURES:
        page.wait_for_timeout(800)
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=whole)


@pytest.fixture
def director(live_instance: LiveServer, settings: Settings, tmp_path: Path) -> User:
    legal = Legal(publisher="Association des Ondes", publisher_address="12 rue des Ondes, 00000 Villedeau")
    settings.INSTANCE = settings.INSTANCE.model_copy(update={"legal": legal})
    settings.DATA_DIR = tmp_path
    cache.clear()
    PersonFactory.create_batch(3, reachable=True)
    build_mailings(send=False)
    user: User = UserFactory(is_superuser=True, first_name="Salomé", last_name="Orven")
    return user


def letter(number: int) -> Mailing:
    return Mailing.objects.get(title__startswith=f"Lettre n° {number}")


def test_four_views_follow_what_one_types(director: User, open_page: OpenPage) -> None:
    page = open_page(f"{MESSAGES}edit/{letter(4).pk}/", user=director)
    page.get_by_role("button", name="Afficher/masquer la prévisualisation").click()
    views = page.locator(".letter-view__frame")
    expect(views).to_have_count(4)
    desk, dark, text = (
        page.frame_locator(".letter-view__frame iframe:not(.letter-view__coming)").nth(at) for at in (0, 2, 3)
    )
    expect(desk.locator("h1")).to_have_text("À Vierzon, la salle était trop petite", timeout=20_000)
    expect(text.locator("pre")).to_contain_text("près de Rennes")
    assert "prefers-color-scheme" not in (dark.locator("html").inner_html())
    picture(page, "editor")
    page.locator("input[name=body-0-value], textarea[name=body-0-value]").first.fill("Un autre titre")
    expect(desk.locator("h1")).to_have_text("Un autre titre", timeout=20_000)
    expect(text.locator("pre")).to_contain_text("Un autre titre")
    page.get_by_label("Lecteur ou lectrice").select_option("unknown")
    expect(text.locator("pre")).to_contain_text("Bonjour à vous", timeout=20_000)
    expect(text.locator("pre")).not_to_contain_text("près de Rennes")
    page.get_by_role("button", name="Côte à côte").click()
    assert views.nth(0).bounding_box()["width"] > 400  # type: ignore[index]
    picture(page, "editor-wide", whole=False)
    page.keyboard.press("Escape")
    page.get_by_label("Objet").fill("{{ if commune }} sans fin")
    expect(page.locator(".letter-views__fault")).to_contain_text("jamais refermée", timeout=20_000)
    expect(desk.locator("h1")).to_have_text("Un autre titre")


SCREENS = [
    "{pk}/look/",
    "{pk}/text/",
    "{pk}/checks/",
    "{pk}/tests/",
    "{pk}/template/",
    "{pk}/send/",
    "templates/",
    "approval/",
]


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_every_screen_of_the_composer_fits_and_complains_of_nothing(
    director: User, open_page: OpenPage, phone: bool
) -> None:
    mailing = letter(5)
    plain_texts.write_plain_text(mailing, "Bonjour {{ first_name|à vous }},\n\nLe mien.", actor=Staff(director))
    Mailing.objects.filter(pk=mailing.pk).update(preheader="")
    page = open_page(MESSAGES, user=director, phone=phone)
    for screen in SCREENS:
        page.goto(MESSAGES + screen.format(pk=mailing.pk))
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, screen
        name = screen.format(pk="x").strip("/").replace("/", "-")
        picture(page, f"{name}-{'phone' if phone else 'desk'}")


def test_a_second_person_reads_and_approves(director: User, open_page: OpenPage) -> None:
    approving.demand_approval(True, actor=Staff(director))
    author: User = UserFactory(is_superuser=True, role=Role.COMMUNICATIONS, first_name="Ilhan", last_name="Tavarel")
    mailing = letter(5)
    page = open_page(f"{MESSAGES}{mailing.pk}/send/", user=author)
    picture(page, "held-back")
    page.get_by_role("link", name="Demander l’approbation").click()
    page.get_by_label("Un mot à qui le relira").fill("Le chiffre du troisième paragraphe est-il juste ?")
    page.get_by_role("button", name="Demander l’approbation").click()
    expect(page.locator(".messages")).to_contain_text("L’approbation est demandée")
    reader = open_page("/gestion/", user=director)
    reader.get_by_role("link", name="attend votre approbation").click()
    expect(reader.locator(".approval-word")).to_contain_text("troisième paragraphe")
    picture(reader, "approval")
    reader.get_by_role("button", name="Approuver ce message").click()
    expect(reader.locator(".messages")).to_contain_text("est approuvé tel quel")
    page.goto(f"{MESSAGES}{mailing.pk}/send/")
    expect(page.locator("form.confirmation")).to_be_visible()


def test_each_field_of_a_block_has_a_name_those_that_are_added_too(director: User, open_page: OpenPage) -> None:
    page = open_page(f"{MESSAGES}edit/{letter(5).pk}/", user=director)
    expect(page.get_by_role("textbox", name="Intertitre").first).to_be_visible()
    expect(page.get_by_role("spinbutton", name="Montant en euros")).to_have_count(3)
    before = page.get_by_role("textbox", name="Texte", exact=True).count()
    assert before
    page.locator("[data-streamfield-action=DUPLICATE]").nth(1).click()
    expect(page.get_by_role("textbox", name="Texte", exact=True)).to_have_count(before + 1)
