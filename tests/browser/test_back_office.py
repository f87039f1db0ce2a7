"""Every screen of the menu in a real browser: no other host, no breach of the policy, nothing wider than a phone."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer
from wagtail.models import Page as WagtailPage

from portevoix.accounts.models import User
from portevoix.accounts.types import Role
from tests.accounts.factories import UserFactory
from tests.browser.conftest import OpenPage
from tests.people.factories import PersonFactory

SCREENS = [
    "/gestion/",
    "/gestion/personnes/",
    "/gestion/personnes/colonnes/",
    "/gestion/personnes/vues/nouvelle/",
    "/gestion/personnes/actes/",
    "/gestion/segments/",
    "/gestion/segments/nouveau/",
    "/gestion/segments/carte/",
    "/gestion/messages/",
    "/gestion/messages/new/",
    "/gestion/imports/",
    "/gestion/audience/",
    "/gestion/journal/",
    "/gestion/equipe/",
    "/gestion/equipe/inviter/",
    "/gestion/acces/",
    "/gestion/acces/debut/",
    "/gestion/images/",
    "/gestion/pages/",
    "/gestion/account/",
]


@pytest.fixture
def director(live_instance: LiveServer) -> User:
    user: User = UserFactory(role=Role.DIRECTOR, is_superuser=True)
    user.user_permissions.add(Permission.objects.get(codename="access_admin"))
    PersonFactory.create_batch(3, reachable=True, in_rennes=True)
    return user


def is_too_wide(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1"))


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_no_screen_asks_another_host_or_breaks_the_policy(director: User, open_page: OpenPage, phone: bool) -> None:
    page = open_page("/gestion/", user=director, phone=phone)
    for screen in SCREENS:
        response = page.goto(screen)
        assert response is not None
        assert response.status == 200, screen
        page.wait_for_load_state("networkidle")
        assert not (phone and is_too_wide(page)), screen


def test_a_page_is_edited_under_the_policy(director: User, open_page: OpenPage) -> None:
    home = WagtailPage.objects.get(depth=2, locale__language_code="fr")
    page = open_page(f"/gestion/pages/{home.pk}/edit/", user=director)
    page.wait_for_load_state("networkidle")
    assert page.locator("form#page-edit-form, form[data-edit-form]").count() == 1


def test_the_login_page_is_in_french_and_asks_nobody(open_page: OpenPage) -> None:
    page = open_page("/gestion/login/")
    assert "Mot de passe" in page.locator("main, body").first.inner_text()
