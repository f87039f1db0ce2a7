"""The way in, in a real browser: a code application; a passkey, of an authenticator that Chromium plays."""

from __future__ import annotations

from urllib.parse import urlsplit

import pyotp
import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from portevoix.accounts.models import Factor, SignIn, User
from portevoix.accounts.types import Role
from portevoix.kernel import clock
from tests.accounts.factories import somebody_with_a_password
from tests.browser.conftest import OpenPage

PASSWORD = "a long enough phrase"


@pytest.fixture
def organiser(live_instance: LiveServer) -> User:
    return somebody_with_a_password(Role.ORGANISER, PASSWORD)


def sign_in(page: Page, user: User) -> None:
    page.goto("/gestion/login/?next=/gestion/personnes/")
    page.get_by_label("Nom d’utilisateur").or_(page.locator("[name=username]")).first.fill(user.username)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("form.login-form button[type=submit]").click()


def is_too_wide(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1"))


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_a_code_application_is_set_up_then_asked_for(organiser: User, open_page: OpenPage, phone: bool) -> None:
    page = open_page("/gestion/login/", phone=phone, scripts=not phone)  # all of it works without scripts
    sign_in(page, organiser)
    page.get_by_role("link", name="Utiliser une application").click()
    page.locator(".access__picture svg").wait_for()
    assert not is_too_wide(page)
    page.locator("summary").click()
    secret = page.locator(".access__secret").inner_text().replace(" ", "")
    page.get_by_label("Les six chiffres").fill(pyotp.TOTP(secret).at(clock.now()))
    page.get_by_role("button", name="Continuer").click()
    page.locator(".access__codes li").first.wait_for()
    assert page.locator(".access__codes li").count() == 10
    recovery = page.locator(".access__codes code").first.inner_text()
    page.get_by_role("link", name="Je les ai sur papier").click()

    page = open_page("/gestion/login/", phone=phone, scripts=not phone)
    sign_in(page, organiser)
    assert not is_too_wide(page)
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Continuer").click()
    assert "Ce code est faux" in page.locator("main").inner_text()
    page.get_by_label("Code").fill(recovery)
    page.get_by_role("button", name="Continuer").click()
    page.wait_for_url(lambda url: urlsplit(url).path == "/gestion/personnes/")


def test_a_passkey_is_made_and_opens_without_a_password(organiser: User, open_page: OpenPage) -> None:
    page = open_page("/gestion/login/")
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    sign_in(page, organiser)
    page.get_by_role("button", name="Utiliser une clé d’accès").click()
    page.get_by_role("link", name="Je les ai sur papier").click()
    factor = Factor.objects.get(user=organiser)
    assert factor.kind == "passkey"

    page.context.clear_cookies()
    page.goto("/gestion/login/?next=/gestion/personnes/")
    page.get_by_role("button", name="Se connecter avec une clé d’accès").click()
    page.wait_for_url(lambda url: urlsplit(url).path == "/gestion/personnes/")
    assert SignIn.objects.latest("pk").method == "passkey"
    factor.refresh_from_db()
    assert factor.used_at is not None

    Factor.objects.all().delete()
    page.context.clear_cookies()
    page.goto("/gestion/login/")
    page.get_by_role("button", name="Se connecter avec une clé d’accès").click()
    page.get_by_text("Cette clé d’accès n’ouvre rien ici").wait_for()
