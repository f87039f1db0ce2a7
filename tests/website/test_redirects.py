"""Addresses that moved: by an editor’s word, and by themselves."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from wagtail.contrib.redirects.models import Redirect

from portevoix.website.models import HomePage
from tests.website.factories import IndexPageFactory, StandardPageFactory
from tests.website.test_moderation import editor

__all__ = ["editor"]

pytestmark = pytest.mark.django_db


def test_an_editor_sends_an_old_address_to_a_page(client: Client, home: HomePage, editor: Client) -> None:
    page = StandardPageFactory(slug="programme")
    said = {"old_path": "/nos-idees.html", "site": "", "is_permanent": "on", "redirect_page": page.pk}
    assert editor.post("/gestion/redirects/add/", {**said, "redirect_link": ""}).status_code == 302
    answer = client.get("/nos-idees.html")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/programme/")


def test_for_a_time_it_is_said_so(client: Client, home: HomePage, editor: Client) -> None:
    said = {"old_path": "/don/", "site": "", "redirect_page": "", "redirect_link": "https://don.example/"}
    assert editor.post("/gestion/redirects/add/", said).status_code == 302
    answer = client.get("/don/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "https://don.example/")


def test_a_page_that_is_there_goes_before_a_redirect(client: Client, home: HomePage) -> None:
    StandardPageFactory(slug="programme")
    Redirect.objects.create(old_path="/programme", redirect_link="https://don.example/")
    assert client.get("/programme/").status_code == 200


def test_an_address_that_leads_to_itself_is_refused(home: HomePage, editor: Client) -> None:
    page = StandardPageFactory(slug="programme")
    said = {"old_path": "", "site": "", "redirect_page": page.pk, "redirect_link": ""}
    assert editor.post("/gestion/redirects/add/", said).status_code == 200
    assert not Redirect.objects.exists()


def test_a_page_under_another_name_is_still_found_and_what_is_below_it(
    client: Client, home: HomePage, django_capture_on_commit_callbacks: Any
) -> None:
    page = IndexPageFactory(slug="news")
    below = StandardPageFactory(slug="stone", parent=page)
    page.refresh_from_db()  # it has a child now
    with django_capture_on_commit_callbacks(execute=True):
        page.slug = "actualites"
        page.save_revision().publish()
    for old, new in (("/news/", "/actualites/"), ("/news/stone/", "/actualites/stone/")):
        answer = client.get(old)
        assert (answer.status_code, answer.headers["Location"]) == (301, new)
    assert client.get(below.url.replace("/news/", "/actualites/")).status_code == 200


def test_a_page_that_moves_is_still_found(client: Client, home: HomePage) -> None:
    page, other = StandardPageFactory(slug="stone"), IndexPageFactory(slug="older")
    page.move(other, pos="last-child")
    answer = client.get("/stone/")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/older/stone/")
