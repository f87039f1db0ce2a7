from __future__ import annotations

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.core import signing
from django.test import Client

from portevoix.kernel import clock
from portevoix.rights import links
from portevoix.rights.models import Ground
from portevoix.rights.purposes import Purpose
from tests.people.factories import PersonFactory

pytestmark = pytest.mark.django_db


def address(person: object) -> str:
    return f"/preferences/{links.preferences_token(person.ref)}/"  # type: ignore[attr-defined]


def test_the_preference_page_shows_each_purpose_as_it_stands() -> None:
    page = BeautifulSoup(Client().get(address(PersonFactory(reachable=True))).content, "html.parser")
    boxes = {box["name"]: box.has_attr("checked") for box in page.select("input[type=checkbox]")}
    assert boxes == {"newsletter": True, "texts": False, "calls": False}


def test_unticking_withdraws() -> None:
    person = PersonFactory(reachable=True)
    response = Client().post(address(person), {"calls": "on"})
    assert response.status_code == 302
    assert set(Ground.objects.live().values_list("purpose", flat=True)) == {Purpose.CALLS}


def test_unticking_the_last_box_withdraws() -> None:
    person = PersonFactory(reachable=True)
    response = Client().post(address(person), {})
    assert response.status_code == 302
    assert not Ground.objects.live().exists()


def test_one_button_withdraws_everything() -> None:
    person = PersonFactory(reachable=True)
    Client().post(address(person), {"newsletter": "on", "nothing": "1"})
    assert not Ground.objects.live().exists()


@pytest.mark.parametrize("token", ["x", "0" * 32, "0" * 32 + ":1tabcd:forged"])
def test_a_link_that_was_changed_opens_nothing(token: str) -> None:
    assert Client().get(f"/preferences/{token}/").status_code == 404


def test_a_link_of_somebody_erased_opens_nothing() -> None:
    person = PersonFactory()
    link = address(person)
    person.delete()
    assert Client().get(link).status_code == 404


def test_a_link_too_old_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    person = PersonFactory()
    long_ago = clock.now() - links.LIFETIME - timedelta(days=1)
    with monkeypatch.context() as patch:
        patch.setattr(signing.time, "time", long_ago.timestamp)
        link = address(person)
    assert Client().get(link).status_code == 404


def test_another_site_cannot_post_in_a_persons_name() -> None:
    person = PersonFactory(reachable=True)
    response = Client().post(address(person), {"nothing": "1"}, headers={"sec-fetch-site": "cross-site"})
    assert response.status_code == 403
    assert Ground.objects.live().exists()


def test_the_page_with_a_persons_choices_is_never_kept_by_a_cache() -> None:
    response = Client().get(address(PersonFactory()))
    assert "no-store" in response["Cache-Control"]
