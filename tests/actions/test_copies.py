"""Somebody fetches everything held on them, alone: from the preference page, by their verified address, once."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client

from portevoix.accounts.types import System, Visitor
from portevoix.actions import services
from portevoix.delivery.models import Batch, Message
from portevoix.disclosure.links import copy_token
from portevoix.disclosure.models import CopyRequest
from portevoix.journal.models import Entry
from portevoix.kernel import clock
from portevoix.people.models import Interaction, Person
from portevoix.people.types import Kind
from portevoix.rights import links
from portevoix.rights import services as rights
from tests.disclosure.test_access import given
from tests.people.factories import EmailFactory, PersonFactory, reachable

pytestmark = pytest.mark.django_db


def visitor() -> Client:
    return Client(headers={"sec-fetch-site": "same-origin"})


@contextmanager
def freeze_signatures(ago: timedelta) -> Iterator[None]:
    """Sign as one did some time ago: the signer takes the machine's clock."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.core.signing.time.time", lambda real=time.time: real() - ago.total_seconds())
        yield


def ask_page(person: Person) -> str:
    return f"/mes-donnees/demander/{links.preferences_token(person.ref)}/"


def link_sent_to(person: Person) -> str:
    """Return the address in the letter that waits for a person."""
    message = Message.objects.filter(person=person).latest("pk")
    line = next(line for line in message.batch.text.splitlines() if "/mes-donnees/copie/" in line)
    return urlsplit(line.strip()).path


def test_the_preference_page_leads_to_a_copy_in_the_mailbox() -> None:
    person = reachable("maelle@mail.example", first_name="Maëlle")
    client = visitor()
    assert ask_page(person) in client.get(urlsplit(links.preferences_url(person.ref)).path).content.decode()
    assert client.get(ask_page(person)).status_code == 200
    assert not CopyRequest.objects.exists()
    assert client.post(ask_page(person)).status_code == 302
    link = link_sent_to(person)
    assert "Télécharger mes données" in client.get(link).content.decode()
    response = client.post(link)
    assert response["Content-Type"] == "application/zip"
    assert "no-store" in response["Cache-Control"]
    with zipfile.ZipFile(io.BytesIO(given(response))) as archive:
        [facts] = [json.loads(archive.read(name)) for name in archive.namelist() if name.endswith(".json")]
    assert facts["person"]["first_name"] == "Maëlle"


def test_a_link_serves_once_and_opening_it_is_not_serving() -> None:
    person = reachable("maelle@mail.example")
    client = visitor()
    client.post(ask_page(person))
    link = link_sent_to(person)
    for _scanner in range(3):
        assert client.get(link).status_code == 200
    assert given(client.post(link))
    assert client.post(link).status_code == 404
    assert client.get(link).status_code == 404


def test_a_link_is_for_a_day_and_cannot_be_made_up() -> None:
    asked = CopyRequest.objects.create(person=reachable("maelle@mail.example"))
    address = "/mes-donnees/copie/{}/"
    with freeze_signatures(timedelta(hours=23)):
        fresh = copy_token(asked)
    with freeze_signatures(timedelta(hours=25)):
        old = copy_token(asked)
    assert visitor().get(address.format(fresh)).status_code == 200
    assert visitor().get(address.format(old)).status_code == 404
    assert visitor().get(address.format(fresh[:-1])).status_code == 404


def test_it_is_written_in_the_journal_and_on_the_timeline() -> None:
    person = reachable("maelle@mail.example")
    visitor().post(ask_page(person))
    given(visitor().post(link_sent_to(person)))
    entry = Entry.objects.get(command="disclosure.give_copy")
    assert (entry.about_id, entry.actor_kind, entry.detail) == (str(person.pk), "visitor", {"purpose": "RGPD art. 15"})
    assert Interaction.objects.filter(person=person, kind=Kind.EXPORTED).count() == 1


def test_an_address_that_nobody_confirmed_receives_nothing() -> None:
    person = PersonFactory()
    EmailFactory(person=person, address="peut.etre@mail.example", status="unverified")
    response = visitor().post(ask_page(person), follow=True)
    assert "Si votre adresse est confirmée" in response.content.decode()
    assert not Batch.objects.exists()
    assert not CopyRequest.objects.exists()


def test_a_mailbox_is_not_flooded() -> None:
    person = reachable("maelle@mail.example")
    now = clock.now()
    for number in range(6):
        with clock.stopped_at(now + number * 2 * clock.SAME_CLICK):
            visitor().post(ask_page(person))
    assert CopyRequest.objects.count() == 3
    assert Message.objects.filter(person=person).count() == 3
    with clock.stopped_at(clock.now() + timedelta(days=1, hours=1)):
        services.send_copy_link(person, actor=Visitor())
    assert CopyRequest.objects.count() == 4


def test_the_link_of_somebody_erased_gives_nothing() -> None:
    person = reachable("maelle@mail.example")
    visitor().post(ask_page(person))
    link = link_sent_to(person)
    rights.erase(person, actor=System("tests"))
    assert visitor().post(link).status_code == 404


def test_another_site_cannot_ask_in_ones_name() -> None:
    person = reachable("maelle@mail.example")
    client = Client(headers={"sec-fetch-site": "cross-site"})
    assert client.post(ask_page(person)).status_code == 403
    assert not CopyRequest.objects.exists()
