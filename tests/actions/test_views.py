from __future__ import annotations

import re
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from bs4 import BeautifulSoup
from django.core import signing
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portevoix.accounts.types import System
from portevoix.actions import services, tasks
from portevoix.actions.forms import LONGEST
from portevoix.actions.models import LinkWanted, Participation, SignUpPage
from portevoix.delivery.models import Batch, Message
from portevoix.intake.models import Submission
from portevoix.kernel import clock
from portevoix.people.models import Person
from portevoix.rights import services as rights
from portevoix.rights.links import preferences_token
from portevoix.rights.models import Ground
from portevoix.rights.purposes import Purpose
from tests.actions.factories import sign_up_page
from tests.mailings.factories import deliver
from tests.people.factories import reachable
from tests.territory.factories import CommuneFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def page() -> SignUpPage:
    return sign_up_page()


def fill(client: Client, page: SignUpPage, **answers: str):
    """Fill the form in as a browser does: with what the page holds, hidden fields included."""
    shown = BeautifulSoup(client.get(page.url).content, "html.parser")
    hidden = {field["name"]: field.get("value", "") for field in shown.select("form input[type=hidden]")}
    return client.post(page.url, {**hidden, "email": "maelle@mail.example", "newsletter": "on", **answers})


def letter() -> str:
    return Batch.objects.latest("id").text


def received() -> list[str]:
    """Let what waits leave; return the words of each letter, in the order in which they were received."""
    read = [message_from_bytes(one.content, policy=policy.default) for one in deliver().sent]
    return [one.get_body(("plain",)).get_content() for one in read]  # type: ignore[union-attr, attr-defined]


def link_in(text: str) -> str:
    found = re.search(r"https?://[^/\s]+(/\S+)", text)
    assert found, text
    return found.group(1)


def headline(client: Client, address: str) -> str:
    return BeautifulSoup(client.get(address).content, "html.parser").h1.get_text(" ", strip=True)


def errors(response: object) -> str:
    return BeautifulSoup(response.content, "html.parser").select_one(".error-summary").get_text(" ", strip=True)  # type: ignore[attr-defined]


def test_a_visitor_signs_up_confirms_and_only_then_has_agreed(page: SignUpPage) -> None:
    client = Client()
    assert fill(client, page, first_name="Maëlle").status_code == 302
    assert not Ground.objects.filter(purpose=Purpose.NEWSLETTER).exists()
    tasks.ask_to_confirm()
    link = link_in(received()[0])
    assert "votre envoi" in headline(client, link)
    assert not Ground.objects.filter(purpose=Purpose.NEWSLETTER).exists(), "a scanner that opens links confirmed"
    client.post(link)
    assert Ground.objects.live().filter(purpose=Purpose.NEWSLETTER).count() == 1
    assert "C’est confirmé" in headline(client, link)


def test_no_box_is_ticked_beforehand(page: SignUpPage) -> None:
    shown = BeautifulSoup(Client().get(page.url).content, "html.parser")
    boxes = shown.select("form input[type=checkbox]")
    assert [box["name"] for box in boxes] == ["newsletter", "texts"]
    assert not any(box.has_attr("checked") for box in boxes)


def test_an_address_alone_is_not_an_agreement(page: SignUpPage) -> None:
    response = fill(Client(), page, newsletter="")
    assert response.status_code == 422
    assert "Cochez au moins une case" in errors(response)
    assert not Person.objects.exists()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"email": "maelle@"}, "ne ressemble pas à une adresse"),
        ({"email": "a" * 300 + "@mail.example"}, "254"),
        ({"phone": "bonjour"}, "ne ressemble pas à un numéro"),
        ({"postcode": "350"}, "cinq chiffres"),
        ({"first_name": "x" * 1000}, "100"),
        ({"website": "http://spam.example"}, "robot"),
    ],
)
def test_a_faulty_answer_is_told_in_french_and_what_was_written_is_kept(
    page: SignUpPage, answer: dict[str, str], said: str
) -> None:
    response = fill(Client(), page, last_name="Le Bihan", **answer)
    assert response.status_code == 422
    assert said in errors(response)
    assert 'value="Le Bihan"' in response.content.decode()
    assert not Person.objects.exists()


def test_a_field_of_a_million_characters_is_refused_in_one_sentence(page: SignUpPage) -> None:
    response = fill(Client(), page, last_name="x" * 1_000_000)
    assert response.status_code == 422
    assert "100 caractères" in errors(response)


def test_a_form_larger_than_any_form_is_refused_and_nothing_is_written(page: SignUpPage) -> None:
    response = fill(Client(), page, last_name="x" * 5_000_000)
    assert response.status_code in {400, 413}
    assert not Person.objects.exists()


def test_a_page_left_open_too_long_asks_to_send_again_and_then_takes_it(
    page: SignUpPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client()
    with monkeypatch.context() as patch:
        patch.setattr(signing.time, "time", (clock.now() - LONGEST - timedelta(hours=1)).timestamp)
        shown = BeautifulSoup(client.get(page.url).content, "html.parser")
        moment = shown.select_one("input[name=moment]")["value"]
    answers = {"email": "maelle@mail.example", "newsletter": "on"}
    response = client.post(page.url, {**answers, "moment": moment})
    assert "ouverte depuis longtemps" in errors(response)
    fresh = BeautifulSoup(response.content, "html.parser").select_one("input[name=moment]")["value"]
    assert client.post(page.url, {**answers, "moment": fresh}).status_code == 302


def test_a_postcode_shared_by_several_communes_asks_which(page: SignUpPage) -> None:
    CommuneFactory(code="23001", name="Ahun", postcodes=["23150"])
    mazeirat = CommuneFactory(code="23128", name="Mazeirat", postcodes=["23150"])
    response = fill(Client(), page, postcode="23150")
    options = BeautifulSoup(response.content, "html.parser").select("select[name=commune] option")
    assert [option.text for option in options] == ["Choisir…", "Ahun", "Mazeirat"]
    assert fill(Client(), page, postcode="23150", commune=mazeirat.pk).status_code == 302
    assert Person.objects.get().commune == mazeirat


def test_the_answer_does_not_tell_whether_an_address_is_known(page: SignUpPage) -> None:
    reachable("known@mail.example")
    known = fill(Client(), page, email="known@mail.example")
    unknown = fill(Client(), page, email="unknown@mail.example")
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])


def test_nobody_can_fill_somebodys_mailbox(page: SignUpPage) -> None:
    for number in range(3):
        fill(Client(), page, first_name=f"Maëlle {number}")
    tasks.ask_to_confirm()
    for number in range(3, 6):
        fill(Client(), page, first_name=f"Maëlle {number}")
    tasks.ask_to_confirm()
    assert not Participation.objects.filter(is_letter_due=True).exists()
    assert (Submission.objects.count(), Message.objects.count()) == (6, 3)


def test_another_site_cannot_post_the_form(page: SignUpPage) -> None:
    response = Client().post(page.url, {"email": "a@mail.example"}, headers={"origin": "https://elsewhere.example"})
    assert response.status_code == 403


def test_who_lost_their_link_is_sent_a_new_one(page: SignUpPage) -> None:
    reachable("maelle@mail.example")
    client = Client()
    shown = BeautifulSoup(client.get("/mes-donnees/").content, "html.parser")
    moment = shown.select_one("input[name=moment]")["value"]
    client.post("/mes-donnees/", {"moment": moment, "email": " Maelle@mail.example "})
    tasks.send_links()
    assert client.get(link_in(letter())).status_code == 200


def test_asking_for_a_link_to_an_unknown_address_sends_nothing_and_says_the_same() -> None:
    client = Client()
    shown = BeautifulSoup(client.get("/mes-donnees/").content, "html.parser")
    moment = shown.select_one("input[name=moment]")["value"]
    response = client.post("/mes-donnees/", {"moment": moment, "email": "nobody@mail.example"})
    assert response["Location"] == "/mes-donnees/?sent=1"
    tasks.send_links()
    assert not Message.objects.exists()
    assert not Person.objects.exists()


@pytest.mark.parametrize("token", ["x", "1:2:3"])
def test_a_tampered_confirmation_link_says_so(token: str) -> None:
    response = Client().get(f"/confirmer/{token}/")
    assert response.status_code == 404
    assert "Ce lien ne fonctionne plus" in response.content.decode()


def ask_for_link(address: str, client: Client | None = None) -> object:
    client = client or Client()
    moment = BeautifulSoup(client.get("/mes-donnees/").content, "html.parser").select_one("input[name=moment]")
    assert moment
    return client.post("/mes-donnees/", {"moment": moment["value"], "email": address})


def test_the_page_of_ones_data_does_the_same_for_an_address_that_is_known_and_one_that_is_not() -> None:
    """No answer, no length and no statement tells the two apart: whose address it is, a job finds out."""
    reachable("known@mail.example")
    ask_for_link("first@mail.example")  # a job waits already: one is enough
    asked = []
    for address in ("known@mail.example", "nobody@mail.example"):
        with CaptureQueriesContext(connection) as queries:
            answer = ask_for_link(address)
        said = [query["sql"].replace(address, "…") for query in queries if "people_" in query["sql"]]
        asked.append((answer.status_code, answer["Location"], answer.content, len(queries), said))  # type: ignore[attr-defined, index]
    assert asked[0] == asked[1]
    assert asked[0][4] == [], "the page looked somebody up"
    assert not Message.objects.exists()
    assert not Submission.objects.exists()
    tasks.send_links()
    assert Message.objects.count() == 1
    assert not LinkWanted.objects.exists(), "an address stays no longer than it takes to look it up"


@pytest.mark.parametrize("is_sent_between", [False, True], ids=["at once", "a moment later"])
def test_a_second_click_brings_one_link(is_sent_between: bool) -> None:
    reachable("known@mail.example")
    now = clock.now()
    with clock.stopped_at(now):
        for _click in range(2):
            ask_for_link("known@mail.example")
            if is_sent_between:
                tasks.send_links()
        tasks.send_links()
        assert Message.objects.count() == 1
    with clock.stopped_at(now + 2 * clock.SAME_CLICK):
        ask_for_link("known@mail.example")
        tasks.send_links()
    assert Message.objects.count() == 2


def test_a_second_click_for_ones_copy_brings_one_letter() -> None:
    person = reachable("known@mail.example")
    person.emails.update(status="verified")
    address = reverse("actions:ask_for_copy", args=[preferences_token(person.ref)])
    for _click in range(2):
        assert Client().post(address).status_code == 302
    assert (Message.objects.count(), person.copy_requests.count()) == (1, 1)
    ask_for_link("known@mail.example")  # another wish
    tasks.send_links()
    assert Message.objects.count() == 2


def test_a_flood_of_addresses_is_turned_away_whoever_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MOST_WAITING", 1)
    reachable("known@mail.example")
    ask_for_link("nobody@mail.example")
    answers = [ask_for_link(address).status_code for address in ("known@mail.example", "x@mail.example")]  # type: ignore[attr-defined]
    assert answers == [429, 429]
    assert LinkWanted.objects.count() == 1


def test_whoever_is_erased_leaves_no_address_that_waits() -> None:
    person = reachable("known@mail.example")
    ask_for_link("known@mail.example")
    ask_for_link("other@mail.example")
    rights.erase(person, actor=System("tests"))
    assert list(LinkWanted.objects.values_list("address", flat=True)) == ["other@mail.example"]
