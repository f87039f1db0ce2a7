"""The walk of the whole house, as one story: from a visitor to the results of a letter, by the product's own doors."""

from __future__ import annotations

import io
import re
import socket
import threading
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from bs4 import BeautifulSoup
from django.test import Client

from portevoix.accounts.types import Role, System
from portevoix.actions import tasks as action_tasks
from portevoix.audience import counter
from portevoix.delivery import selectors as outbox
from portevoix.delivery import tasks as delivery_tasks
from portevoix.delivery.models import Batch
from portevoix.exchange import services as exchange
from portevoix.exchange import tasks as exchange_tasks
from portevoix.exchange.types import State
from portevoix.journal.models import Entry
from portevoix.mailings import letters
from portevoix.mailings.models import Mailing
from portevoix.mailings.services import composing, sending
from portevoix.mailings.types import Draft
from portevoix.operations.generation.people import Order, write
from portevoix.people.models import EmailAddress, Person
from portevoix.rights import services as rights
from portevoix.rights.models import Ground
from portevoix.rights.purposes import Purpose
from portevoix.segments import services as segments
from portevoix.territory import services as territory
from tests.accounts.factories import signed_in, staff
from tests.actions.factories import sign_up_page
from tests.website.factories import wagtail_roots

pytestmark = pytest.mark.django_db
ADDRESS = "maelle.le-bihan@mail.example"


class Mailbox:
    """What a real SMTP server received, by recipient."""

    def __init__(self) -> None:
        self.letters: dict[str, list[EmailMessage]] = {}

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        letter = message_from_bytes(envelope.content or b"", policy=policy.default)
        for recipient in envelope.rcpt_tos:
            self.letters.setdefault(recipient, []).append(letter)
        return "250 OK"

    def last(self, address: str) -> EmailMessage:
        return self.letters[address][-1]


@pytest.fixture
def mailbox(settings: Any, tmp_path: Path) -> Iterator[Mailbox]:
    received = Mailbox()
    port = free_port()
    server = Controller(received, hostname="127.0.0.1", port=port)
    server.start()
    mail = settings.INSTANCE.mail.model_copy(update={"host": "127.0.0.1", "port": port})
    facts = {"publisher": "Ricochet", "publisher_address": "1 place du Lavoir, 23300 La Souterraine"}
    legal = settings.INSTANCE.legal.model_copy(update=facts)
    settings.INSTANCE = settings.INSTANCE.model_copy(update={"mail": mail, "legal": legal})
    settings.DATA_DIR = tmp_path
    yield received
    server.stop()


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def path_in(letter: EmailMessage, mark: str) -> str:
    text = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    found = re.search(rf"https?://[^/\s]+(/{mark}/[^\s)>]+)", text)
    assert found, text
    return found.group(1)


def deliver() -> None:
    delivery_tasks.dispatch_queue()


def sign_up(client: Client) -> None:
    page = sign_up_page()
    shown = BeautifulSoup(client.get(page.url).content, "html.parser")
    hidden = {field["name"]: field.get("value", "") for field in shown.select("form input[type=hidden]")}
    answers = {"email": ADDRESS, "first_name": "Maëlle", "postcode": "35000", "newsletter": "on"}
    assert client.post(page.url, {**hidden, **answers}).status_code == 302
    action_tasks.ask_to_confirm()


def bring_in_a_file(actor: Any, rows: int) -> None:
    file = io.BytesIO()
    list(write(Order(rows, seed=7), file))
    run = exchange.receive_file("export.csv", [file.getvalue()], by_worker=False, actor=actor)
    list(exchange_tasks.steps(run.pk))
    assert not Person.objects.filter(external_ref__isnull=False).exists(), "a dry run wrote"
    exchange.start_import(run.pk, declares_grounds=True, by_worker=False, actor=actor)
    list(exchange_tasks.steps(run.pk))
    run.refresh_from_db()
    assert run.state == State.DONE


def write_to(segment: Any, actor: Any) -> Mailing:
    words = "<p>Bonjour {{ first_name|à vous }}, <a href='https://ricochet.example/programme/'>le programme</a>.</p>"
    body = Mailing._meta.get_field("body").stream_block.to_python([{"type": "text", "value": words}])  # type: ignore[union-attr]
    draft = Draft(title="Lettre 1", subject="Un geste, et l’onde va loin", body=body, segment=segment)
    mailing = composing.create(draft, actor=actor)
    return sending.send(mailing, letters.confirmation(mailing, actor), actor=actor)


def test_from_a_visitor_to_the_results_of_a_letter(mailbox: Mailbox) -> None:
    wagtail_roots()
    territory.import_communes(actor=System("tests"))
    visitor, director = Client(), staff(Role.DIRECTOR)

    sign_up(visitor)
    deliver()
    visitor.post(path_in(mailbox.last(ADDRESS), "confirmer"))
    maelle = EmailAddress.objects.get(address=ADDRESS).person
    assert (maelle.commune.name, maelle.grounds.get(purpose=Purpose.NEWSLETTER).is_live) == ("Rennes", True)

    bring_in_a_file(director, rows=300)
    agreed = Ground.objects.live().filter(purpose=Purpose.NEWSLETTER)
    assert 50 < agreed.count() < Person.objects.count()

    everybody = segments.save(name="Tout le monde", tree={"match": "all", "parts": []}, actor=director)
    mailing = write_to(everybody, director)
    deliver()
    batch = Batch.objects.get(pk=mailing.batch_id)
    assert outbox.results(batch).sent == mailing.recipients == len(set(mailbox.letters))
    letter = mailbox.last(ADDRESS)
    assert "Bonjour Maëlle" in letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]

    link = path_in(letter, "l")
    assert visitor.get(link).headers["Location"] == "https://ricochet.example/programme/"
    one_click = re.search(r"<https?://[^/]+(/[^>]+)>", letter["List-Unsubscribe"]).group(1)  # type: ignore[union-attr]
    assert visitor.post(one_click, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not Ground.objects.live().filter(person=maelle, purpose=Purpose.NEWSLETTER).exists()

    results = outbox.results(batch)
    assert (results.unsubscribed, batch.links.get(target__contains="programme").clicks) == (1, 1)
    second = write_to(everybody, director)
    assert second.recipients == mailing.recipients - 1

    told = set(maelle.interactions.values_list("kind", flat=True))
    assert {"signed_up", "confirmed", "consented", "mailed", "withdrew"} <= told
    acts = set(Entry.objects.filter(outcome="done").values_list("command", flat=True))
    assert {"actions.take_part", "intake.confirm", "exchange.start_import", "mailings.send", "rights.withdraw"} <= acts


def test_what_happened_is_read_in_french_at_the_back_office(
    mailbox: Mailbox, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same walk, seen from the other side: people on the map, visits counted, the letter's totals, the journal."""
    settings.COUNT_VISITS = True
    monkeypatch.setattr(counter, "_writer", threading.current_thread())  # written by the test itself
    counter.flush()
    wagtail_roots()
    territory.import_communes(actor=System("tests"))
    visitor, director = Client(headers={"user-agent": "Firefox/140"}), staff(Role.DIRECTOR)
    sign_up(visitor)
    deliver()
    visitor.post(path_in(mailbox.last(ADDRESS), "confirmer"))
    bring_in_a_file(director, rows=300)
    everybody = segments.save(name="Tout le monde", tree={"match": "all", "parts": []}, actor=director)
    write_to(everybody, director)
    deliver()
    counter.flush()

    office = signed_in(Role.DIRECTOR)
    people = Person.objects.filter(commune__departement="59").count()
    assert not visitor.cookies
    assert people >= 5
    assert re.search(rf"Nord.*?{people}", shown(office, "/gestion/segments/carte/"))
    assert "301 personnes" in shown(office, "/gestion/personnes/")
    assert re.search(r"/rejoindre/ 1 1", shown(office, "/gestion/audience/"))
    sent = Mailing.objects.get().recipients
    assert re.search(rf"Lettre 1 .*{sent} {sent} 0 0 0,0 % 0 0,0 %", shown(office, "/gestion/messages/"))
    assert "Envoyer un message à son segment" in shown(office, "/gestion/journal/")


def shown(client: Client, address: str) -> str:
    """Return what a page says, spaces made one."""
    page = BeautifulSoup(client.get(address).content, "html.parser")
    return " ".join(page.get_text(" ").split())


def test_who_left_does_not_come_back_with_a_file(mailbox: Mailbox) -> None:
    director = staff(Role.DIRECTOR)
    bring_in_a_file(director, rows=300)
    ground = Ground.objects.live().filter(purpose=Purpose.NEWSLETTER).select_related("person").first()
    assert ground is not None
    rights.withdraw(ground.person, [Purpose.NEWSLETTER], evidence={}, source="tests", actor=director)
    file = io.BytesIO()
    list(write(Order(300, seed=7), file))
    run = exchange.receive_file("again.csv", [file.getvalue()], by_worker=False, actor=director)
    list(exchange_tasks.steps(run.pk))
    exchange.start_import(run.pk, declares_grounds=True, by_worker=False, actor=director)
    list(exchange_tasks.steps(run.pk))
    assert not Ground.objects.live().filter(person=ground.person, purpose=Purpose.NEWSLETTER).exists()
