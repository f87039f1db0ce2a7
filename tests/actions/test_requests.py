"""Rights used from a mailbox: the page, the letter, the link; and those who try with somebody else's."""

from __future__ import annotations

import time
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client

from portevoix.accounts.types import Role, System
from portevoix.actions.services.requests import note_undelivered, write_about_requests
from portevoix.delivery.models import Batch, Message
from portevoix.kernel import clock
from portevoix.people.models import Person
from portevoix.rights import links
from portevoix.rights.models import Request, RequestLetter
from portevoix.rights.services import answers, requesters, requests
from portevoix.rights.tasks import take_over
from portevoix.rights.types import Asked, RequestKind, RequestLetterKind, RequestState, RequestWay
from tests.accounts.factories import signed_in, staff
from tests.people.factories import EmailFactory, PersonFactory, reachable

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script>{{ first_name }} {{ nothing }} '; DROP TABLE people_person; --"


def visitor() -> Client:
    return Client(headers={"sec-fetch-site": "same-origin"})


def moment(client: Client) -> str:
    page = client.get("/mes-droits/").content.decode()
    return page.split('name="moment" value="')[1].split('"')[0]


def post(client: Client, address: str, kind: str, **more: str) -> object:
    return client.post("/mes-droits/", {"moment": moment(client), "email": address, "kind": kind, **more})


def link_to(address: str, kind: str) -> str:
    """Ask on the page, and return the way that the letter leads."""
    post(visitor(), address, kind)
    requesters.find_requesters(actor=System("tests"))
    write_about_requests(actor=System("tests"))
    text = Batch.objects.latest("pk").text
    return urlsplit(next(line for line in text.splitlines() if "/mes-droits/" in line).strip()).path


def test_the_page_answers_the_same_to_everybody_and_sets_no_cookie() -> None:
    reachable("known@mail.example")
    client = visitor()
    answers = [post(client, address, "erasure") for address in ("known@mail.example", "nobody@mail.example")]
    assert {(answer.status_code, answer["Location"], answer.content) for answer in answers} == {  # type: ignore[attr-defined]
        (302, "/mes-droits/?sent=1&lang=fr", b"")
    }
    assert not client.cookies
    assert post(client, "nobody", "erasure").status_code == 422  # type: ignore[attr-defined]
    assert post(client, "a@mail.example", "erasure", website="robot").status_code == 422  # type: ignore[attr-defined]
    elsewhere = Client(headers={"sec-fetch-site": "cross-site"})
    assert elsewhere.post("/mes-droits/", {"email": "known@mail.example", "kind": "erasure"}).status_code == 403


def test_the_page_and_the_letter_speak_english_too() -> None:
    reachable("known@mail.example")
    client = visitor()
    assert "What do you ask for?" in client.get("/mes-droits/?lang=en").content.decode()
    data = {"moment": moment(client), "email": "known@mail.example", "kind": "access"}
    client.post("/mes-droits/?lang=en", data)
    requesters.find_requesters(actor=System("tests"))
    write_about_requests(actor=System("tests"))
    assert Batch.objects.get().subject == "Your request: one click to confirm it is you"


def test_a_scanner_that_follows_the_link_does_nothing() -> None:
    person = reachable("known@mail.example")
    path = link_to("known@mail.example", "erasure")
    for _time in range(3):
        assert visitor().get(path).status_code == 200
        assert visitor().head(path).status_code == 200
    assert Person.objects.filter(pk=person.pk).exists()
    assert visitor().post(path, {}).status_code == 422, "the box is not ticked"
    assert Person.objects.filter(pk=person.pk).exists()
    assert visitor().post(path, {"is_sure": "on"}).status_code == 200
    assert not Person.objects.exists()
    assert visitor().get(path).status_code == 404


@pytest.mark.parametrize("kind", ["objection", "withdrawal"])
def test_one_click_stops_it_and_a_second_shows_that_it_was_done(kind: str) -> None:
    person = reachable("known@mail.example")
    path = link_to("known@mail.example", kind)
    assert visitor().post(path, {"purposes": ["newsletter"]}).status_code == 302
    assert not person.grounds.live().filter(purpose="newsletter").exists()
    assert "Réponse donnée le" in visitor().get(path).content.decode()
    events = person.interactions.count()
    visitor().post(path, {"purposes": ["visits"]})
    assert person.interactions.count() == events


def test_a_restriction_holds_from_the_click_on() -> None:
    person = reachable("known@mail.example")
    path = link_to("known@mail.example", "restriction")
    assert visitor().post(path, {"restriction": "nonsense"}).status_code == 422
    visitor().post(path, {"restriction": "accuracy"})
    person.refresh_from_db()
    assert person.restricted_at is not None
    page = signed_in().get(f"/gestion/personnes/{person.pk}/").content.decode()
    assert "gardée, pas utilisée" in page


def test_a_copy_is_one_click_from_a_confirmed_mailbox_and_closes_the_request() -> None:
    reachable("known@mail.example")
    path = link_to("known@mail.example", "access")
    answer = visitor().post(path)
    assert answer["Location"].startswith("/mes-donnees/copie/")
    assert Request.objects.get().state == RequestState.OPEN
    copy = visitor().post(answer["Location"])
    assert copy["Content-Type"] == "application/zip"
    assert copy.getvalue().startswith(b"PK")
    assert Request.objects.get().state == RequestState.ANSWERED


def test_a_mailbox_that_a_file_brought_in_sees_nothing() -> None:
    EmailFactory(person=PersonFactory(first_name="Secrète"), address="file@mail.example", status="unverified")
    path = link_to("file@mail.example", "access")
    page = visitor().post(path, follow=True).content.decode()
    assert "Votre demande est reçue" in page
    assert "Secrète" not in page


def test_a_forged_an_old_and_anothers_link_open_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    reachable("known@mail.example")
    path = link_to("known@mail.example", "erasure")
    token = path.split("/")[-2]
    pk, stamp, seal = token.split(":")
    reachable("other@mail.example")
    other = link_to("other@mail.example", "erasure").split("/")[-2]
    preferences = links.preferences_token(Person.objects.latest("pk").ref)
    forged = [
        f"{other.split(':')[0]}:{stamp}:{seal}",
        f"{pk}:{stamp}:{seal[:-1]}x",
        pk,
        "1",
        preferences,
    ]
    for one in forged:
        assert visitor().post(f"/mes-droits/{one}/", {"is_sure": "on"}).status_code == 404
    later = time.time() + timedelta(days=8).total_seconds()
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    assert visitor().post(path, {"is_sure": "on"}).status_code == 404
    assert Person.objects.count() == 2


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", list(RequestLetterKind))
def test_every_letter_reads_whole_whatever_staff_wrote(kind: RequestLetterKind, language: str) -> None:
    person = reachable("known@mail.example", language=language)
    asked = Asked(kind=RequestKind.RESTRICTION, way=RequestWay.PHONE, received_on=clock.today())
    request = requests.enter_request(person, asked, actor=staff())
    RequestLetter.objects.all().delete()
    RequestLetter.objects.create(request=request, kind=kind, note=HOSTILE)
    assert write_about_requests(actor=System("tests")) == 1
    batch = Batch.objects.get()
    assert Message.objects.filter(batch=batch, person=person).count() == 1
    assert "<script>" not in batch.html
    assert ("Bonjour" in batch.text) == (language == "fr")
    if kind in {"more", "extended", "answered", "refused", "lifting"}:
        assert "DROP TABLE" in batch.text
        assert "CNIL" in batch.text
    assert write_about_requests(actor=System("tests")) == 0


def test_the_desk_walks_a_request_from_entry_to_answer() -> None:
    person = reachable("known@mail.example", first_name="Maëlle")
    client = signed_in(Role.DATA_OFFICER)
    data = {"kind": "rectification", "way": "door", "received_on": clock.today().isoformat(), "words": HOSTILE}
    answer = client.post(f"/gestion/demandes/nouvelle/{person.pk}/", data)
    page = client.get(answer["Location"]).content.decode()
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert "Maëlle" in client.get("/gestion/demandes/").content.decode()
    request = Request.objects.get()
    for verb, told, state in (
        ("identite", "Quelle adresse ?", "paused"),
        ("reprendre", "", "open"),
        ("prolonger", "", "open"),  # without a reason
        ("prolonger", "Trois boîtes.", "extended"),
        ("repondre", "Voilà.", "answered"),
    ):
        assert client.post(f"/gestion/demandes/{request.pk}/{verb}/", {"reason": told}).status_code == 302
        request.refresh_from_db()
        assert request.state == state, verb
    assert client.post(f"/gestion/demandes/{request.pk}/nonsense/").status_code == 404
    assert client.get(f"/gestion/demandes/{request.pk}/").status_code == 200
    assert client.get("/gestion/demandes/?quoi=over").status_code == 200


def test_nobody_sees_a_request_outside_of_their_territory() -> None:
    asked = Asked(kind=RequestKind.ACCESS, way=RequestWay.LETTER, received_on=clock.today())
    far = requests.enter_request(PersonFactory(in_brest=True, last_name="Lointaine"), asked, actor=staff())
    officer = signed_in(Role.DATA_OFFICER, "35")
    assert "Lointaine" not in officer.get("/gestion/demandes/").content.decode()
    assert officer.get(f"/gestion/demandes/{far.pk}/").status_code == 404
    assert officer.post(f"/gestion/demandes/{far.pk}/repondre/").status_code == 404
    lead = signed_in(Role.LOCAL_LEAD, "29")
    assert lead.get("/gestion/demandes/").status_code != 200


@pytest.mark.parametrize("words", ["voir {{{a}}}", "{{{{{", "}}}}", "{% if %}"])
def test_braces_typed_by_staff_are_braces_in_the_letter(words: str) -> None:
    person = reachable("known@mail.example")
    asked = requests.enter_request(
        person,
        Asked(kind=RequestKind.ACCESS, way=RequestWay.LETTER, received_on=clock.today()),
        actor=staff(),
    )
    answers.refuse_request(asked.pk, words, actor=staff())
    write_about_requests(actor=System("tests"))
    assert not RequestLetter.objects.filter(sent_at=None).exists()
    assert words.replace(" ", "") in "".join(batch.text.replace(" ", "") for batch in Batch.objects.all())


def test_a_letter_to_nobody_says_that_it_could_not_be_delivered() -> None:
    asked = Asked(kind=RequestKind.ACCESS, way=RequestWay.LETTER, received_on=clock.today())
    requests.enter_request(PersonFactory(), asked, actor=staff())
    assert write_about_requests(actor=System("tests")) == 0
    letter = RequestLetter.objects.get()
    assert (letter.sent_at, letter.undelivered_at is not None) == (None, True)
    assert write_about_requests(actor=System("tests")) == 0, "it is tried once"


@pytest.mark.parametrize("state", ["failed", "suppressed"])
def test_a_letter_that_came_back_says_so(state: str) -> None:
    asked = Asked(kind=RequestKind.ACCESS, way=RequestWay.LETTER, received_on=clock.today())
    for number in range(2):
        requests.enter_request(reachable(f"p{number}@mail.example"), asked, actor=staff())
    assert write_about_requests(actor=System("tests")) == 2
    lost, _other = RequestLetter.objects.order_by("pk")
    Message.objects.filter(batch__in=Batch.objects.about(lost)).update(state=state)
    note_undelivered(actor=System("tests"))
    assert list(RequestLetter.objects.exclude(undelivered_at=None)) == [lost]


def test_a_link_that_bounces_is_answered_otherwise_from_the_day_it_was_asked_for() -> None:
    person = reachable("known@mail.example")
    link_to("known@mail.example", "erasure")
    Message.objects.filter(person=person).update(state="failed")
    assert note_undelivered(actor=System("tests")) == 1
    take_over()
    asked = Request.objects.get()
    assert (asked.state, asked.days_left > 0, asked.verified_at) == (RequestState.OPEN, True, None)
    officer = signed_in(Role.DATA_OFFICER)
    assert "Maëlle" in officer.get("/gestion/demandes/").content.decode()
    assert "n’a pas pu être remise" in officer.get(f"/gestion/demandes/{asked.pk}/").content.decode()


def test_a_link_that_no_address_takes_by_the_time_it_leaves_is_answered_otherwise() -> None:
    person = reachable("known@mail.example")
    post(visitor(), "known@mail.example", "objection")
    requesters.find_requesters(actor=System("tests"))
    person.emails.update(status="refused")
    assert write_about_requests(actor=System("tests")) == 0
    take_over()
    assert Request.objects.get().state == RequestState.OPEN
