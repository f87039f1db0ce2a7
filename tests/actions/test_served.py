"""Pages on which citizens act are served like every page: private ones to nobody else, drafts as they will be."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db.models import CharField, TextField
from django.test import Client
from wagtail.models import Page, PageViewRestriction

from portevoix.actions.models import ActionPage, EventPage, Participation, PetitionPage, SharePage
from portevoix.actions.models.voting import RoundsPage
from portevoix.kernel import clock
from portevoix.website import freshness
from tests.actions.factories import fill, petition, published, sign_up_page
from tests.territory.factories import election

pytestmark = pytest.mark.django_db


def concrete(kind: type[ActionPage]) -> list[type[ActionPage]]:
    """Return the page types of a class that may be created."""
    below = [one for sub in kind.__subclasses__() for one in concrete(sub)]
    return below if kind._meta.abstract else [kind, *below]


EVERY = sorted({*concrete(ActionPage), SharePage}, key=lambda kind: kind.__name__)


def made(kind: Any) -> Any:
    """Return a page of a type, not kept, with what its type cannot do without."""
    page = kind(title="Une page à voir", slug="a-voir")
    for field in kind._meta.concrete_fields:
        if field.model is not Page and isinstance(field, (CharField, TextField)) and not field.blank:
            setattr(page, field.name, getattr(page, field.name) or "<p>quelques mots</p>")
    if issubclass(kind, RoundsPage):
        page.election = election(clock.today() + timedelta(days=100))
    if kind is EventPage:
        page.starts_at = clock.now() + timedelta(days=10)
    return page


def test_there_are_many_types() -> None:
    assert len(EVERY) > 10


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("by", ["login", "password"])
def test_a_private_page_is_shown_to_nobody_and_takes_nothing(kind: Any, by: str, client: Client) -> None:
    page = published(made(kind))
    assert client.get(page.url).status_code == 200
    PageViewRestriction.objects.create(page=page, restriction_type=by, password="secret")
    freshness.advance()  # as the screen does by which it is made
    answered = client.get(page.url)
    assert "no-store" in answered.headers["Cache-Control"]
    if by == "login":
        assert answered.status_code == 302
    else:
        assert "Une page à voir" not in BeautifulSoup(answered.content, "html.parser").get_text()
    client.post(page.url, {"email": "a@mail.example", "agreement": "on"})
    assert not Participation.objects.exists()


def test_a_form_that_was_open_when_the_page_became_private_is_not_taken(client: Client) -> None:
    page = petition()
    shown = BeautifulSoup(client.get(page.url).content, "html.parser")
    hidden = {field["name"]: field.get("value", "") for field in shown.select("form input[type=hidden]")}
    PageViewRestriction.objects.create(page=page, restriction_type="login")
    client.post(page.url, {**hidden, "email": "a@mail.example", "agreement": "on"})
    assert not Participation.objects.exists()


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.__name__)
def test_a_page_is_previewed_before_it_exists(kind: Any) -> None:
    petition()
    shown = made(kind).make_preview_request()
    assert shown.status_code == 200
    assert "Une page à voir" in BeautifulSoup(shown.content, "html.parser").h1.get_text()
    if kind is not SharePage:
        assert "Adresse e-mail" in shown.content.decode()


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.__name__)
def test_a_draft_of_a_published_page_is_previewed(kind: Any) -> None:
    page = published(made(kind))
    page.title = "Un autre titre"
    assert "Un autre titre" in page.make_preview_request().content.decode()


def test_the_thanks_are_previewed_too() -> None:
    page = made(PetitionPage)
    page.thanks = "<p>Merci à vous trois.</p>"
    petition()
    assert ("sent", "Remerciement") in [(name, str(label)) for name, label in page.preview_modes]
    shown = page.make_preview_request(preview_mode="sent").content.decode()
    assert "Merci à vous trois." in shown
    assert "regardez votre boîte" in shown


def test_a_public_page_takes_its_form(client: Client) -> None:
    assert fill(client, sign_up_page(), newsletter="on").status_code == 302
    assert Participation.objects.count() == 1
