"""The screens of keys: made and ended by a form without a script, one's own and, for who answers for the data, all."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from portevoix.accounts.models import User
from portevoix.accounts.types import Role
from portevoix.api.models import Key
from tests.accounts.factories import signed_in
from tests.api.factories import program

pytestmark = pytest.mark.django_db
ROOT = "/gestion/cles/"
SAID = {"name": "Site", "purpose": "tenir le site", "scopes": ["people.tag"], "days": "90"}


def page(client: Client, address: str = "") -> BeautifulSoup:
    answer = client.get(ROOT + address)
    assert answer.status_code == 200
    return BeautifulSoup(answer.content.decode(), "html.parser")


def test_a_key_is_made_from_a_form_in_which_nothing_is_ticked() -> None:
    client = signed_in(Role.ORGANISER)
    form = page(client, "nouvelle/")
    boxes = form.select("input[name=scopes]")
    assert {str(box["value"]) for box in boxes} >= {"people.tag", "disclosure.serve_people"}
    assert "rights.give" not in {str(box["value"]) for box in boxes}
    assert not [box for box in boxes if box.has_attr("checked")]
    assert form.select_one("select[name=days] option[selected]")["value"] == "90"  # type: ignore[index]
    answer = client.post(ROOT + "nouvelle/", SAID)
    assert "no-store" in answer["Cache-Control"]
    key = Key.objects.get()
    assert (key.name, key.scopes, (key.expires_at - key.created_at).days) == ("Site", ["people.tag"], 90)
    shown = page(client)
    assert "Site" in shown.select_one(".api-key")["class"] or "Site" in shown.select_one(".api-key").text  # type: ignore[union-attr, index]
    assert f"…{key.hint}" in shown.text
    assert "jamais servie" in shown.text


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"purpose": ""}, {"scopes": []}, {"days": "400"}, {"scopes": ["rights.give"]}], ids=str
)
def test_a_form_that_is_not_whole_makes_no_key(wrong: dict[str, object]) -> None:
    answer = signed_in(Role.ORGANISER).post(ROOT + "nouvelle/", {**SAID, **wrong})
    assert answer.status_code == 200
    assert not Key.objects.exists()


def test_a_name_that_is_taken_is_said_beside_the_form() -> None:
    client = signed_in(Role.ORGANISER)
    client.post(ROOT + "nouvelle/", SAID)
    answer = client.post(ROOT + "nouvelle/", SAID)
    assert "porte ce nom" in answer.content.decode()
    assert Key.objects.count() == 1


def test_a_key_is_ended_by_one_button_and_then_told_among_the_former_ones() -> None:
    client = signed_in(Role.ORGANISER)
    client.post(ROOT + "nouvelle/", SAID)
    key = Key.objects.get()
    assert client.get(f"{ROOT}{key.pk}/fin/").status_code == 405
    assert client.post(f"{ROOT}{key.pk}/fin/").status_code == 302
    shown = page(client)
    assert not shown.select(".api-key")
    assert "terminée à la main" in shown.text


def test_others_keys_are_seen_and_ended_by_who_answers_for_the_data_alone() -> None:
    held = program(Role.LOCAL_LEAD, "35")
    other = signed_in(Role.ORGANISER)
    assert not page(other).select(".api-key")
    assert other.post(f"{ROOT}{held.key.pk}/fin/").status_code == 404
    officer = signed_in(Role.DATA_OFFICER)
    assert held.user.username in page(officer).text
    officer.post(f"{ROOT}{held.key.pk}/fin/")
    assert held.ask("GET", "key").status_code == 401


def test_the_menu_leads_to_the_keys_and_the_screens_speak_english() -> None:
    client = signed_in(Role.READER)
    User.objects.update()
    assert ROOT in client.get("/gestion/").content.decode()
    user = User.objects.get()
    user.wagtail_userprofile = None  # type: ignore[attr-defined]
    from wagtail.users.models import UserProfile

    UserProfile.objects.update_or_create(user=user, defaults={"preferred_language": "en"})
    client = Client()
    client.force_login(User.objects.get())
    assert "No key: no program comes in." in page(client).text
