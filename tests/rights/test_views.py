from __future__ import annotations

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.core import signing
from django.test import Client

from portevoix.actions import tasks
from portevoix.delivery.models import Message
from portevoix.kernel import clock
from portevoix.people.models import Person
from portevoix.rights import links
from portevoix.rights.models import Ground
from portevoix.rights.purposes import OPTIONAL, WORDINGS, Purpose
from tests.people.factories import PersonFactory

pytestmark = pytest.mark.django_db


def address(person: object) -> str:
    return f"/preferences/{links.preferences_token(person.ref)}/"  # type: ignore[attr-defined]


def test_the_preference_page_shows_each_purpose_as_it_stands() -> None:
    page = BeautifulSoup(Client().get(address(PersonFactory(reachable=True))).content, "html.parser")
    boxes = {box["name"]: box.has_attr("checked") for box in page.select("input[type=checkbox]")}
    assert boxes == {purpose.value: purpose == Purpose.NEWSLETTER for purpose in OPTIONAL}
    assert len(boxes) == 10
    assert [legend.text for legend in page.select("legend")] == [
        *("Recevoir des nouvelles", "Échanger avec nous", "Ce que nous notons"),
    ]


def test_the_words_on_political_opinion_say_what_is_noted_and_how_long_it_is_kept() -> None:
    page = BeautifulSoup(Client().get(address(PersonFactory())).content, "html.parser")
    box = page.select_one("input[name=opinion]")
    assert box is not None
    assert "opinions politiques" in page.select_one(f"label[for={box['id']}]").text  # type: ignore[union-attr]
    assert "12 mois" in page.select_one(f"#{box['aria-describedby']}").text  # type: ignore[union-attr]


def test_the_page_tells_a_person_all_that_they_chose() -> None:
    person = PersonFactory()
    link = address(person)
    Client().post(link, {"calls": "on", "opinion": "on"})
    Client().post(link, {"calls": "on"})
    page = BeautifulSoup(Client().get(link).content, "html.parser")
    told = [(item.strong.text, item.span.text) for item in page.select(".choice-made")]  # type: ignore[union-attr]
    assert told[0] == ("Enregistrement des opinions politiques", "retiré")
    assert sorted(told[1:]) == [
        ("Appels de bénévoles", "consentement donné ici"),
        ("Enregistrement des opinions politiques", "consentement donné ici"),
    ]
    assert WORDINGS[Purpose.OPINION]["fr"] in page.text


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


def too_old(person: Person, monkeypatch: pytest.MonkeyPatch) -> str:
    long_ago = clock.now() - links.LIFETIME - timedelta(days=1)
    with monkeypatch.context() as patch:
        patch.setattr(signing.time, "time", long_ago.timestamp)
        return address(person)


def test_a_link_too_old_opens_nothing_and_offers_a_fresh_one(monkeypatch: pytest.MonkeyPatch) -> None:
    response = Client().get(too_old(PersonFactory(reachable=True), monkeypatch))
    assert response.status_code == 404
    assert "M’envoyer un nouveau lien" in response.content.decode()


def test_a_fresh_link_goes_to_the_address_of_its_owner_and_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    person = PersonFactory(reachable=True)
    link = too_old(person, monkeypatch)
    response = Client().post(link, {"newsletter": ""}, follow=True)
    tasks.send_links()
    message = Message.objects.get()
    assert (message.person, message.purpose) == (person, Purpose.SERVICE)
    assert "/preferences/" in message.batch.text
    assert "/preferences/" not in response.content.decode()
    assert Ground.objects.live().filter(purpose=Purpose.NEWSLETTER).exists(), "an old link changes no choice"


def test_only_an_old_link_that_is_whole_can_have_a_letter_sent() -> None:
    PersonFactory(reachable=True)
    assert Client().post(f"/preferences/{'0' * 32}:1tabcd:forged/").status_code == 404
    assert not Message.objects.exists()


def test_another_site_cannot_post_in_a_persons_name() -> None:
    person = PersonFactory(reachable=True)
    response = Client().post(address(person), {"nothing": "1"}, headers={"sec-fetch-site": "cross-site"})
    assert response.status_code == 403
    assert Ground.objects.live().exists()


def test_the_page_with_a_persons_choices_is_never_kept_by_a_cache() -> None:
    response = Client().get(address(PersonFactory()))
    assert "no-store" in response["Cache-Control"]
