"""The rest of what a visitor can come to: forms that were refused, answers in figures, doors to one's own data,
pages behind a password, other languages; the two other looks on a telephone, in the dark."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer
from wagtail.models import Locale, PageViewRestriction
from wagtail.models import Page as WagtailPage

from portevoix.accounts.types import System
from portevoix.actions.models import PetitionPage, PledgePage, SponsorshipPage, SurveyPage
from portevoix.intake.links import confirmation_token
from portevoix.intake.models import Submission
from portevoix.rights import links
from portevoix.territory.models import Election
from portevoix.website import rules
from portevoix.website.models import Identity
from portevoix.website.services import dress
from tests.actions.factories import fill, participation, published
from tests.browser.conftest import OpenPage
from tests.browser.test_page_types import NU, SEEN, faults_of

#: Shown after the form is sent empty.
REFUSED = ["/petite-ligne/", "/votre-avis/", "/procurations/", "/adherer/"]


def english(slug: str) -> None:
    page = WagtailPage.objects.get(slug=slug, locale__language_code="fr").specific
    copy = page.copy_for_translation(Locale.objects.get(language_code="en"), copy_parents=True)
    copy.save_revision().publish()


@pytest.fixture
def doors(live_instance: LiveServer) -> list[str]:
    """Return the addresses of what the demo alone does not show."""
    vote = Election.objects.get()
    published(PledgePage(title="Je voterai", slug="je-voterai", election=vote))
    published(SponsorshipPage(title="Parrainer", slug="parrainer", candidate="Noémie Orsenval"))
    closed = WagtailPage.objects.get(slug="lexique")
    PageViewRestriction.objects.create(page=closed, restriction_type="password", password="sesame")
    for slug in (
        "programme",
        "se-deplacer-se-soigner",
        "rejoindre",
        "petite-ligne",
        "vos-donnees",
        "accessibilite",
        "je-voterai",
        "parrainer",
    ):
        english(slug)
    survey, petition = SurveyPage.objects.get(), PetitionPage.objects.get(locale__language_code="fr")
    keys = [question.key for question in survey.asked if question.is_answer]
    for number in range(12):
        said = {keys[0]: ("En voiture", "À pied")[number % 2], keys[2]: "yes", keys[3]: str(1 + number % 5)}
        participation(survey, f"{number}@mail.example", answers=said)
    participation(petition, "maelle@mail.example", first_name="Maëlle", last_name="Le Bihan", is_public=True)
    fill(Client(), petition, email="paul@mail.example", first_name="Paul", last_name="Roc")
    waiting = Submission.objects.latest("pk")
    person = Submission.objects.order_by("pk").first().person  # type: ignore[union-attr]
    return [
        "/votre-avis/",
        "/adherer/",
        "/je-voterai/",
        "/parrainer/",
        f"/signataires/{petition.pk}/",
        f"/confirmer/{confirmation_token(waiting)}/",
        "/confirmer/nothing/",
        "/mes-donnees/",
        "/mes-droits/",
        f"/preferences/{links.preferences_token(person.ref)}/",  # type: ignore[union-attr]
        "/lexique/",
        "/en/programme/",
        "/en/programme/se-deplacer-se-soigner/",
        "/en/rejoindre/",
        "/en/petite-ligne/",
        "/en/je-voterai/",
        "/en/parrainer/",
        "/en/vos-donnees/",
        "/en/accessibilite/",
    ]


def refused(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("#agir [type=submit]").last.click()
    page.locator(".error-summary").wait_for()


def test_axe_finds_no_fault_behind_any_door(doors: list[str], open_page: OpenPage) -> None:
    page, found = open_page("/"), []
    for address in doors:
        page.goto(address)
        found += faults_of(page)
    for address in REFUSED:
        refused(page, address)
        found += faults_of(page)
    assert found == []


def test_no_door_is_wider_than_a_telephone(doors: list[str], open_page: OpenPage) -> None:
    page = open_page("/", phone=True)
    for address in [doors[0], doors[1], "/mes-droits/", "/lexique/"]:
        page.goto(address)
        wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1")
        assert not wide, f"{address} is wider than the telephone"


@pytest.mark.parametrize("name", ["gazette", "affiche"])
def test_axe_finds_no_fault_in_the_other_looks_on_a_telephone(
    live_instance: LiveServer, open_page: OpenPage, name: str
) -> None:
    dress(rules.LOOKS[name], actor=System("tests"))
    assert Identity.load().look == rules.LOOKS[name]
    page, found = open_page("/", phone=True), []
    for address in ("/", "/programme/", "/rejoindre/"):
        page.goto(address)
        found += faults_of(page, SEEN[2:])
    refused(page, "/petite-ligne/")
    assert [*found, *faults_of(page, SEEN[2:])] == []


def test_the_nu_checker_finds_no_error_behind_any_door(doors: list[str], tmp_path: Path) -> None:
    client, files = Client(SERVER_NAME="localhost"), {}
    answers = {address: client.get(address) for address in doors}
    answers |= {f"{address} refused": client.post(address, {"email": "?"}) for address in REFUSED}
    for number, (address, answer) in enumerate(answers.items()):
        file = tmp_path / f"{number:02}.html"
        file.write_bytes(answer.content)
        assert b"<h1" in answer.content, address
        files[file.as_uri()] = address
    said = subprocess.run(
        ["java", "-jar", NU, "--errors-only", "--exit-zero-always", "--format", "json", *sorted(tmp_path.iterdir())],
        capture_output=True,
        text=True,
        check=True,
    )
    messages = json.loads(said.stderr)["messages"]
    assert [f"{files.get(one['url'], one['url'])}: {one['message']}" for one in messages] == []
