"""A letter from the editor to its results, in a real browser; and the letter itself, that asks nobody for anything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from portevoix.accounts.models import User
from portevoix.conf.instance import Legal
from portevoix.delivery import selectors as outbox
from portevoix.mailings import letters
from portevoix.mailings.models import Mailing
from portevoix.mailings.types import State
from portevoix.operations.demo.mailings import build_mailings
from tests.accounts.factories import UserFactory
from tests.browser.conftest import DESKTOP, PHONE, OpenPage, Watch
from tests.mailings.factories import deliver, send
from tests.people.factories import PersonFactory

MESSAGES = "/gestion/messages/"


@pytest.fixture
def campaign(live_instance: LiveServer, settings: Settings, tmp_path: Path) -> None:
    legal = Legal(publisher="Association des Ondes", publisher_address="12 rue des Ondes, 00000 Villedeau")
    settings.INSTANCE = settings.INSTANCE.model_copy(update={"legal": legal})
    settings.DATA_DIR = tmp_path
    cache.clear()  # Wagtail remembers renditions of other tests' pictures
    PersonFactory.create_batch(3, reachable=True)
    build_mailings(send=False)


@pytest.fixture
def director(live_instance: LiveServer) -> User:
    user: User = UserFactory(is_superuser=True, first_name="Salomé")
    return user


def test_a_letter_goes_from_the_editor_to_its_results(campaign: None, director: User, open_page: OpenPage) -> None:
    page = open_page(f"{MESSAGES}new/", user=director)
    page.get_by_label("Titre").fill("Lettre n° 5")
    page.get_by_label("Segment").select_option(index=1)
    page.get_by_label("Objet").fill("Bonjour ")
    page.get_by_role("button", name="prénom").first.click()
    expect(page.get_by_label("Objet")).to_have_value("Bonjour {{ first_name|à vous }}")
    page.get_by_title("Insérer un bloc").click()
    page.get_by_role("option", name="Texte").click()
    text = page.locator(".public-DraftEditor-content").first
    text.click()
    page.keyboard.type("Un train près de ")
    page.locator(".Draftail-Editor__wrapper").get_by_role("button", name="commune").click()
    page.keyboard.type(", bientôt.")
    expect(text).to_have_text("Un train près de {{ commune }}, bientôt.")
    # The editor hands its text to the form a moment later.
    expect(page.locator("input[name=body-0-value]")).to_have_value(re.compile("bient"))
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.locator(".messages")).to_contain_text("« Lettre n° 5 » est enregistré.")
    mailing = Mailing.objects.get(title="Lettre n° 5")
    page.goto(f"{MESSAGES}{mailing.pk}/send/")
    expect(page.locator(".reach-total")).to_contain_text("3 personnes le recevront")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Envoyer à 3 personnes").click()
    expect(page.locator("#progress")).to_contain_text("3 sur 3 attendent encore")
    assert len(deliver().sent) == 3
    # htmx asks by itself.
    expect(page.locator("#progress")).to_contain_text("Tout est parti.", timeout=10_000)
    expect(page.locator(".figures dd").nth(1)).to_contain_text("3")
    assert Mailing.objects.get(pk=mailing.pk).recipients == 3
    assert Mailing.objects.get(pk=mailing.pk).state == State.SENDING  # its minutely job closes it


def test_the_live_preview_shows_the_letter_beside_the_editor(
    campaign: None, director: User, open_page: OpenPage
) -> None:
    draft = Mailing.objects.order_by("pk").first()
    assert draft is not None
    page = open_page(f"{MESSAGES}edit/{draft.pk}/", user=director)
    page.get_by_role("button", name="Afficher/masquer la prévisualisation").click()
    letter = page.frame_locator(".letter-view--desk iframe:not(.letter-view__coming)")
    expect(letter.locator("h1")).to_contain_text("On ne rate jamais un train", timeout=15_000)
    expect(letter.locator("body")).to_contain_text("Bonjour Camille")


def test_the_preview_shows_pictures_and_runs_nothing(campaign: None, director: User, open_page: OpenPage) -> None:
    draft = Mailing.objects.order_by("pk").first()
    assert draft is not None
    page = open_page(f"{MESSAGES}{draft.pk}/look/", user=director)
    page.wait_for_load_state("networkidle")
    shown = page.frames[1].evaluate("[...document.images].map((image) => image.naturalWidth > 1)")
    assert shown == [True]
    assert page.frames[1].evaluate("document.scripts.length") == 0


@pytest.mark.parametrize("screen", ["", "new/", "{pk}/look/", "{pk}/send/", "{gone}/results/"])
def test_no_screen_is_wider_than_a_phone(campaign: None, director: User, open_page: OpenPage, screen: str) -> None:
    draft, other, *_more = Mailing.objects.order_by("pk")
    send(other)
    page = open_page(MESSAGES + screen.format(pk=draft.pk, gone=other.pk), user=director, phone=True)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.fixture
def letter(campaign: None, chromium: Browser, live_instance: LiveServer, tmp_path: Path) -> Iterator[Page]:
    """The demo's letter with the most blocks as a mail program opens it: a page of its own, from nowhere."""
    mailing = Mailing.objects.get(title__startswith="Lettre n° 4")
    file = tmp_path / "letter.html"
    file.write_text(outbox.sample(letters.compose(mailing)).html, "utf-8")
    watch = Watch(live_instance.url)
    with chromium.new_context(viewport=DESKTOP) as context:  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(file.as_uri())
        watch.over(context)
        page.reload(wait_until="networkidle")
        yield page
    assert [fault for fault in watch.faults if file.as_uri() not in fault] == []


def test_the_letter_asks_our_own_site_for_its_pictures_and_nobody_for_anything_else(letter: Page) -> None:
    """Other hosts are watched by the fixture."""
    assert letter.evaluate("[...document.images].every((image) => image.complete && image.naturalWidth > 1)")


@pytest.mark.parametrize("size", [PHONE, DESKTOP, {"width": 320, "height": 600}], ids=["phone", "desk", "narrow"])
def test_the_letter_fits_its_screen(letter: Page, size: dict[str, int]) -> None:
    letter.set_viewport_size(size)  # type: ignore[arg-type]
    assert letter.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


CONTRASTS = """() => {
    const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
    const rgb = (colour) => {
        canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const light = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => c <= 0.04045 ? c / 12.92 :
        ((c + 0.055) / 1.055) ** 2.4).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const field = (node) => {
        for (let at = node; at; at = at.parentElement) {
            const colour = rgb(getComputedStyle(at).backgroundColor);
            if (colour[3] === 255) return colour;
        }
        return [255, 255, 255];
    };
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const node = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || !node.checkVisibility({opacityProperty: true})) continue;
        if (node.getBoundingClientRect().height < 2) continue;
        const [one, two] = [light(rgb(getComputedStyle(node).color)), light(field(node))].sort((a, b) => b - a);
        found.push([walker.currentNode.data.trim().slice(0, 40), (one + 0.05) / (two + 0.05)]);
    }
    return found;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_of_the_letter_can_be_read_by_day_and_by_night(letter: Page, scheme: str) -> None:
    """WCAG 2.2, 1.4.3."""
    letter.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    measured = letter.evaluate(CONTRASTS)
    assert len(measured) > 20
    assert [(words, round(ratio, 2)) for words, ratio in measured if ratio < 4.5] == []
