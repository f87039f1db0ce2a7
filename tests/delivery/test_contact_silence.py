"""Electoral silence (code électoral, art. L. 49) holds for calls, letters by post and visits too."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from portevoix.accounts.types import Role
from portevoix.delivery.exceptions import ElectoralSilence
from portevoix.delivery.models import Contact
from portevoix.delivery.services.contacting import record_contact
from portevoix.kernel import clock
from portevoix.people.models import Person
from portevoix.rights.models import Ground
from portevoix.rights.purposes import Channel, Purpose
from tests.delivery.test_contacts import call, callable_person, staff
from tests.delivery.test_silence import silent_now
from tests.mailings.screens import browser, words
from tests.people.factories import GroundFactory
from tests.territory.factories import CommuneFactory, DepartementFactory

pytestmark = pytest.mark.django_db
NOW = timedelta(minutes=1)
BEFORE = timedelta(hours=3)


def voter(departement: str = "35") -> Person:
    return callable_person(
        commune=CommuneFactory(code=f"{departement}100", departement=DepartementFactory(code=departement))
    )


def test_nobody_is_called_where_silence_holds() -> None:
    here, elsewhere, unknown = voter(), voter("75"), callable_person()
    silent_now()
    for person in (here, unknown):
        with pytest.raises(ElectoralSilence):
            record_contact(person, call(at=clock.now() - NOW), actor=staff())
    record_contact(elsewhere, call(at=clock.now() - NOW), actor=staff())
    assert Contact.objects.count() == 1


@pytest.mark.parametrize("channel", [Channel.PHONE, Channel.POST, Channel.DOOR])
def test_no_way_of_reaching_people_is_left_out(channel: Channel) -> None:
    person = voter()
    silent_now()
    with pytest.raises(ElectoralSilence):
        record_contact(person, call(at=clock.now() - NOW, channel=channel), actor=staff())


def test_what_was_done_before_it_began_is_written_down_meanwhile() -> None:
    person = voter()
    silent_now()
    record_contact(person, call(at=clock.now() - BEFORE), actor=staff())
    assert Contact.objects.count() == 1


def test_the_database_refuses_it_too() -> None:
    person = voter()
    ground = Ground.objects.get(person=person)
    silent_now()

    def write(at: timedelta) -> Contact:
        with transaction.atomic():
            return Contact.objects.create(
                person=person,
                ground=ground,
                channel=Channel.PHONE,
                purpose=Purpose.CALLS,
                result="talked",
                at=clock.now() - at,
                recorded_at=clock.now(),
            )

    with pytest.raises(IntegrityError, match="electoral silence"):
        write(NOW)
    assert write(BEFORE).pk


def test_the_screen_says_so_and_shows_no_number() -> None:
    person = voter()
    GroundFactory(person=person)
    address = reverse("contacts:contact", args=[person.pk, "appel"])
    number = person.phones.get().number
    director = browser(Role.ORGANISER)
    assert f"tel:{number}" in director.get(address).content.decode()
    silent_now()
    page = director.get(address)
    assert "Le silence électoral s’impose ici jusqu’au" in words(page)
    assert f"tel:{number}" not in page.content.decode()
    moment = (clock.now() - NOW).astimezone(clock.PARIS)
    said = {"result": "talked", "at": f"{moment:%Y-%m-%dT%H:%M}", "note": "", "volunteer": ""}
    assert "Le silence électoral s’imposait alors" in words(director.post(address, said))
    assert not Contact.objects.exists()
