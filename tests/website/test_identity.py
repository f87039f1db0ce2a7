"""A campaign's colours: only ones that can be read, and only colours."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from portevoix.website.models import HomePage, Identity

pytestmark = pytest.mark.django_db


def test_the_default_colours_can_be_read() -> None:
    Identity(name="Ricochet").full_clean()


@pytest.mark.parametrize(
    ("field", "colour"),
    [("brand", "#ffee00"), ("deep", "#aaaaaa"), ("accent", "#202020"), ("spark", "#444444"), ("calm", "#333333")],
)
def test_a_colour_that_could_not_be_read_is_refused(field: str, colour: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        Identity(name="Ricochet", **{field: colour}).full_clean()
    assert field in refusal.value.message_dict


@pytest.mark.parametrize("colour", ["red", "#fff", "#12345", "#1234567", "}body{", "#12345g"])
def test_only_colours_are_written_into_the_theme(colour: str) -> None:
    with pytest.raises(ValidationError):
        Identity(name="Ricochet", brand=colour).full_clean()


def test_the_theme_is_served_under_an_address_that_changes_with_it(client: Client, home: HomePage) -> None:
    identity = Identity.load()
    identity.brand = "#4326e0"
    identity.save()
    address = _theme_address(client)
    response = client.get(address)
    assert response.headers["Content-Type"].startswith("text/css")
    assert "immutable" in response.headers["Cache-Control"]
    assert b"--brand: #4326e0" in response.content
    identity.brand = "#0b5c56"
    identity.save()
    assert _theme_address(Client()) != address


def test_an_address_of_another_look_leads_to_the_one_of_today_and_is_not_kept(client: Client, home: HomePage) -> None:
    """Else « A », then « B », then « A » again: for a year the address of A would hold the colours of B."""
    answer = client.get("/theme/0123456789ab.css")
    assert (answer.status_code, answer.headers["Location"]) == (302, _theme_address(client))
    assert answer.headers["Cache-Control"] == "no-store"


def _theme_address(client: Client) -> str:
    page = client.get("/").content.decode()
    return page[page.index("/theme/") :].partition('"')[0]
