"""The login page: in French, open, and leading to where one was going."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from tests.accounts.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_the_login_form_is_in_french(client: Client) -> None:
    page = BeautifulSoup(client.get("/gestion/login/").content, "html.parser")
    labels = [label.get_text(strip=True).rstrip("*") for label in page.select("label[id]")]
    assert "Mot de passe" in labels
    assert "Password" not in labels


def test_the_login_page_has_its_icons_and_words(client: Client) -> None:
    for address in ["/gestion/sprite/", "/gestion/jsi18n/"]:
        assert client.get(address).status_code == 200


def test_everything_else_in_the_back_office_asks_for_a_login(client: Client) -> None:
    for address in ["/gestion/", "/gestion/pages/", "/gestion/images/"]:
        response = client.get(address)
        assert response.status_code == 302
        assert response.headers["Location"].startswith("/gestion/login/")


def test_a_login_leads_to_the_back_office(client: Client) -> None:
    user = UserFactory()
    user.set_password("a long enough phrase")
    user.save()
    answer = {"username": user.username, "password": "a long enough phrase", "next": "/gestion/"}
    assert client.post("/gestion/login/", answer).headers["Location"] == "/gestion/"
