"""Telling addresses outside: signed, once or with the same number, only where it may go, and no more than it may."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address

import pytest
from django.db import transaction

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.types import Role
from portevoix.disclosure.exceptions import NotReached
from portevoix.disclosure.writers import webhook
from portevoix.journeys import tasks
from portevoix.journeys.exceptions import NotPossible
from portevoix.journeys.models import Address, Call
from portevoix.journeys.services import calling
from portevoix.kernel import clock
from portevoix.people.models import Interaction, Person
from portevoix.people.types import Kind
from tests.accounts.factories import staff
from tests.journeys.factories import SYSTEM, drawn, happens, published, run, step
from tests.people.factories import PersonFactory
from tests.registers.factories import ProcessorFactory

pytestmark = pytest.mark.django_db


class Service(HTTPServer):
    """A service of the campaign: keeps what it is told, and answers as it is told to."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Desk)
        self.told: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/crochet?x=1"


class _Desk(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        service = self.server
        assert isinstance(service, Service)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        service.told.append((dict(self.headers), body))
        self.send_response(service.answers.pop(0) if service.answers else 200)
        self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@pytest.fixture
def service() -> Iterator[Service]:
    running = Service()
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield running
    running.shutdown()
    thread.join()
    running.server_close()


def opened(service: Service, *fields: str, processor_id: int | None = None) -> Address:
    return calling.add_address(
        name="Outil", url=service.url, fields=fields, processor_id=processor_id, actor=staff(Role.DIRECTOR)
    )


def telling(address: Address) -> None:
    version = drawn()
    step(version, "webhook", address=address.pk)
    published(version)


def test_what_is_told_is_signed_and_names_nobody_without_a_processor(service: Service) -> None:
    person = PersonFactory(first_name="Maëlle", with_email=True)
    address = opened(service)
    telling(address)
    happens(person)
    run()
    tasks.call()
    ((headers, body),) = service.told
    said = json.loads(body)
    assert said["person"] == {"ref": str(person.ref)}
    moment, proof = (
        part[2:] if part.startswith("t=") else part[3:] for part in headers["Portevoix-Signature"].split(",")
    )
    expected = hmac.new(address.secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    assert (proof, headers["Portevoix-Id"]) == (expected, str(said["id"]))
    assert Call.objects.get().state == "told"
    assert not Interaction.objects.filter(person=person, kind=Kind.EXPORTED).exists()


def test_fields_go_to_a_company_of_the_register_and_the_person_reads_it(service: Service) -> None:
    person, company = PersonFactory(first_name="Maëlle"), ProcessorFactory()
    telling(opened(service, "first_name", processor_id=company.pk))
    happens(person)
    run()
    tasks.call()
    assert json.loads(service.told[0][1])["person"]["first_name"] == "Maëlle"
    assert Interaction.objects.filter(person=person, kind=Kind.EXPORTED).count() == 1


def test_fields_go_nowhere_once_the_company_has_left_the_register(service: Service) -> None:
    person, company = PersonFactory(), ProcessorFactory()
    telling(opened(service, "first_name", processor_id=company.pk))
    happens(person)
    run()
    company.ended_on = clock.today()
    company.save()
    tasks.call()
    assert (service.told, Call.objects.get().state) == ([], "waiting")


def test_fields_without_a_company_are_refused(service: Service) -> None:
    with pytest.raises(NotPossible):
        opened(service, "email")
    assert Address.objects.count() == 0


def test_what_is_not_taken_is_told_again_with_the_same_number_and_given_up_at_last(service: Service) -> None:
    telling(opened(service))
    happens(PersonFactory())
    run()
    service.answers = [500] * 20
    moment = clock.now()
    for _try in range(12):
        with clock.stopped_at(moment):
            tasks.call()
        moment = moment + calling.KEPT / 40
    assert Call.objects.get().state == "failed"
    assert len(service.told) == len(calling.PATIENCE) + 1
    assert len({headers["Portevoix-Id"] for headers, _body in service.told}) == 1
    assert len({headers["Idempotency-Key"] for headers, _body in service.told}) == 1


def test_each_persons_step_has_a_key_of_its_own(service: Service) -> None:
    telling(opened(service))
    for person in PersonFactory.create_batch(2):
        happens(person)
    run()
    tasks.call()
    assert len(service.told) == 2
    keys = {headers["Idempotency-Key"] for headers, _body in service.told}
    assert len(keys) == 2
    assert all(len(key) == 42 and key[0] == key[-1] == '"' for key in keys)


def test_a_worker_that_dies_after_telling_tells_again_under_the_same_key(service: Service) -> None:
    telling(opened(service))
    happens(PersonFactory())
    run()
    with transaction.atomic():
        tasks.call()
        transaction.set_rollback(True)  # as its death leaves it
    assert Call.objects.get().state == "waiting"
    tasks.call()
    assert [len(service.told), len({headers["Idempotency-Key"] for headers, _body in service.told})] == [2, 1]
    assert Call.objects.get().state == "told"


def test_a_redirection_is_not_followed(service: Service) -> None:
    telling(opened(service))
    happens(PersonFactory())
    run()
    service.answers = [302]
    tasks.call()
    assert (len(service.told), Call.objects.get().code) == (1, 302)


def test_of_whose_data_is_restricted_nothing_is_told(service: Service) -> None:
    person = PersonFactory()
    telling(opened(service))
    happens(person)
    run()
    Person.objects.filter(pk=person.pk).update(restricted_at=clock.now())
    tasks.call()
    assert service.told == []


def test_a_closed_address_is_told_nothing_more_and_old_calls_are_forgotten(service: Service) -> None:
    address = opened(service)
    telling(address)
    happens(PersonFactory())
    run()
    calling.end_address(address, actor=staff(Role.DATA_OFFICER))
    tasks.call()
    assert (service.told, Call.objects.get().state) == ([], "failed")
    assert calling.forget(clock.now() + calling.KEPT * 2, actor=SYSTEM) == 1


def test_only_who_answers_for_the_data_opens_a_way_out(service: Service) -> None:
    with pytest.raises(NotAllowed):
        calling.add_address(name="O", url=service.url, fields=[], processor_id=None, actor=staff(Role.COMMUNICATIONS))


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.8",
        "192.168.1.1",
        "169.254.169.254",
        "172.16.0.1",
        "::1",
        "fe80::1",
        "fd00::1",
        "::ffff:10.0.0.1",
        "0.0.0.0",
    ],
)
def test_private_addresses_are_told_nothing(address: str) -> None:
    assert not webhook.may_be_told(ip_address(address))


def test_public_addresses_may_be_told() -> None:
    assert webhook.may_be_told(ip_address("93.184.216.34"))


@pytest.mark.parametrize(
    "url",
    [
        "ftp://127.0.0.1/",
        "https://user:secret@127.0.0.1/",
        "https://10.0.0.8/",
        "https://[::1]/",
        "file:///etc/passwd",
        "https://169.254.169.254/latest/meta-data/",
        "https://0x7f.1/",
        "not an address",
    ],
)
def test_hostile_addresses_are_refused(url: str, settings) -> None:  # type: ignore[no-untyped-def]
    settings.WEBHOOK_NETWORKS = ()
    with pytest.raises(NotReached):
        webhook.looked_up(url)
