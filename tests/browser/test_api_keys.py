"""Keys in a real browser: made and ended by keyboard, without a script, on a telephone as at a desk."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page
from wagtail.users.models import UserProfile

from portevoix.accounts.models import User
from portevoix.api.models import Key
from tests.accounts.factories import somebody_with_a_password
from tests.api.factories import Program, program
from tests.browser.conftest import OpenPage
from tests.browser.test_page_types import AXE, RUN, SEEN


@pytest.fixture
def director(transactional_db: None) -> User:
    return somebody_with_a_password()


@pytest.mark.parametrize("phone", [False, True])
def test_a_key_is_made_and_ended_by_keyboard_without_scripts(open_page: OpenPage, director: User, phone: bool) -> None:
    old = program(user=director).key
    Key.objects.filter(pk=old.pk).update(name="Ancien site", ended_at=old.created_at + timedelta(days=1), end="mandate")
    page = open_page("/gestion/cles/nouvelle/", phone=phone, user=director, scripts=False)
    page.locator("#id_name").fill("Comptabilité")
    page.locator("#id_purpose").fill("Tenir la liste des adhérents à jour dans le logiciel de comptabilité")
    page.get_by_label("Mettre des étiquettes").press("Space")
    page.get_by_label("Lire une fiche").press("Space")
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1")
    page.get_by_role("button", name="Faire la clé").press("Enter")
    token = re.findall(r"portevoix_[\w-]{43}", page.inner_text("main"))[0]
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1")
    held = Program(Key.objects.get(name="Comptabilité"), token)
    assert held.get("key")["scopes"] == ["disclosure.serve_person", "people.tag"]
    page.get_by_role("link", name="Je l’ai noté").press("Enter")
    page.locator(".api-key summary").press("Enter")
    assert page.get_by_text("Mettre des étiquettes").is_visible()
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1")
    page.get_by_role("button", name="Mettre fin à cette clé Comptabilité").press("Enter")
    assert "n’ouvre plus rien" in page.inner_text("main")
    assert held.ask("GET", "key").status_code == 401


def faults_of(page: Page) -> list[str]:
    """Return the faults of what is ours on a screen of the back office, in each size and each light."""
    page.evaluate(AXE.read_text("utf-8"))
    found = []
    for size, scheme in SEEN:
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        result = page.evaluate(RUN.replace("document,", "'main',"))
        assert result["passed"] > 10, page.url
        found += [f"{page.url} {size['width']} {scheme}: {fault}" for fault in result["faults"]]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth + 1"):
            found.append(f"{page.url} is wider than {size['width']}")
    return found


@pytest.mark.parametrize(("language", "make"), [("fr", "Faire la clé"), ("en", "Make the key")])
def test_axe_finds_no_fault_on_any_screen_of_keys(
    open_page: OpenPage, director: User, language: str, make: str
) -> None:
    UserProfile.objects.update_or_create(user=director, defaults={"preferred_language": language})
    page = open_page("/gestion/cles/", user=director)
    assert faults_of(page) == []  # no key yet
    old = program(user=director).key
    Key.objects.filter(pk=old.pk).update(name="Ancien site", ended_at=old.created_at + timedelta(days=1), end="mandate")
    page.goto("/gestion/cles/nouvelle/")
    assert faults_of(page) == []
    page.get_by_role("button", name=make).click()
    page.locator("form.api-form .error-message").first.wait_for()
    assert faults_of(page) == []
    page.locator("#id_name").fill("Comptabilité")
    page.locator("#id_purpose").fill("Tenir la liste des adhérents à jour dans le logiciel de comptabilité")
    page.locator("[name=scopes]").first.check()
    page.get_by_role("button", name=make).click()
    assert "portevoix_" in page.inner_text("main")
    assert faults_of(page) == []
    page.goto("/gestion/cles/")
    page.locator(".api-key summary").click()
    assert faults_of(page) == []
