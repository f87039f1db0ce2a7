"""Calls, letters and visits: the same gate as every message, in the code and in the database."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.rules import MASKS
from portevoix.accounts.types import Fact, Role, Staff
from portevoix.delivery.exceptions import ContactInTheFuture, NotReachable
from portevoix.delivery.models import Contact
from portevoix.delivery.services.contacting import record_contact
from portevoix.delivery.types import ContactResult, MadeContact
from portevoix.kernel import clock
from portevoix.people.exceptions import OutOfSight, Restricted
from portevoix.people.models import Interaction, Person, PostalAddress
from portevoix.rights import services as rights
from portevoix.rights.exceptions import Masked
from portevoix.rights.models import Ground
from portevoix.rights.purposes import Channel, Purpose
from portevoix.rights.selectors import everything_about
from portevoix.rights.services import merging
from tests.accounts.factories import UserFactory
from tests.delivery.operator import CAMPAIGN, number
from tests.mailings.screens import browser, words
from tests.people.factories import GroundFactory, PersonFactory, PhoneFactory

pytestmark = pytest.mark.django_db


def callable_person(**known: Any) -> Person:
    person: Person = PersonFactory(**known)
    PhoneFactory(person=person, number=number())
    GroundFactory(person=person, purpose=Purpose.CALLS, channel=Channel.PHONE)
    return person


def call(result: ContactResult = ContactResult.TALKED, **said: Any) -> MadeContact:
    usual = {"channel": Channel.PHONE, "at": clock.now() - timedelta(hours=1)}
    return MadeContact(result=result, **{**usual, **said})


def staff(role: Role = Role.ORGANISER, departement: str = "") -> Staff:
    return Staff(UserFactory(role=role, departement=departement, first_name="Ilhan", last_name="Tavarel"))


def test_a_call_is_written_down_on_its_ground_and_stands_on_the_timeline() -> None:
    person = callable_person()
    contact = record_contact(person, call(note=" Rappeler. ", volunteer="Aïcha"), actor=staff())
    assert contact.ground == Ground.objects.get(person=person)
    assert (contact.note, contact.volunteer, contact.purpose) == ("Rappeler.", "Aïcha", "calls")
    event = Interaction.objects.get(person=person, kind="called")
    assert event.at == contact.at
    assert event.detail == {"result": "talked", "volunteer": "Aïcha"}
    assert event.by == contact.recorded_by != ""


def test_letters_and_visits_need_an_address_and_their_own_agreement() -> None:
    person = PersonFactory()
    GroundFactory(person=person, purpose=Purpose.VISITS, channel=Channel.DOOR)
    visit = call(channel=Channel.DOOR)
    with pytest.raises(NotReachable):
        record_contact(person, visit, actor=staff())
    PostalAddress.objects.create(person=person, line1="1 rue des Ondes", postcode="35000", city="Rennes", source="t")
    record_contact(person, visit, actor=staff())
    with pytest.raises(NotReachable):
        record_contact(person, call(ContactResult.SENT, channel=Channel.POST), actor=staff())
    assert Interaction.objects.filter(person=person, kind="visited").count() == 1


def test_nobody_is_called_without_a_live_ground() -> None:
    never, withdrew, wrong = PersonFactory(), callable_person(), callable_person()
    PhoneFactory(person=never, number=number())
    rights.withdraw(withdrew, [Purpose.CALLS], evidence={}, source="tests", actor=CAMPAIGN)
    wrong.phones.update(status="bouncing")
    for person in (never, withdrew, wrong):
        with pytest.raises(NotReachable):
            record_contact(person, call(), actor=staff())
    assert not Contact.objects.exists()


def test_a_restricted_record_is_left_alone_even_by_a_director() -> None:
    person = callable_person()
    Person.objects.filter(pk=person.pk).update(restricted_at=clock.now())
    with pytest.raises(NotReachable):
        record_contact(person, call(), actor=staff(Role.DIRECTOR))
    with pytest.raises(Restricted):
        record_contact(person, call(), actor=staff(Role.ORGANISER))


def test_whoever_may_not_see_numbers_writes_down_no_call(monkeypatch: pytest.MonkeyPatch) -> None:
    person = callable_person()
    with pytest.raises(NotAllowed):
        record_contact(person, call(), actor=staff(Role.COMMUNICATIONS))
    monkeypatch.setitem(MASKS, Role.ORGANISER, frozenset({Fact.PHONE}))
    with pytest.raises(Masked):
        record_contact(person, call(), actor=staff(Role.ORGANISER))
    assert not Contact.objects.exists()


def test_people_of_elsewhere_do_not_exist() -> None:
    person = callable_person(in_rennes=True)
    record_contact(person, call(), actor=staff(Role.LOCAL_LEAD, "35"))
    with pytest.raises(OutOfSight):
        record_contact(person, call(), actor=staff(Role.LOCAL_LEAD, "29"))


def test_nothing_is_told_before_it_happened() -> None:
    with pytest.raises(ContactInTheFuture):
        record_contact(callable_person(), call(at=clock.now() + timedelta(hours=1)), actor=staff())


def test_whoever_wants_no_more_withdraws_by_the_same_act() -> None:
    person = callable_person()
    contact = record_contact(person, call(ContactResult.REFUSED, volunteer="Hugo"), actor=staff())
    ground = Ground.objects.get(person=person)
    assert ground.withdrawn_at is not None
    assert ground.withdrawal == {"contact": contact.pk, "said_to": "Hugo"}
    with pytest.raises(NotReachable):
        record_contact(person, call(), actor=staff())


def test_a_wrong_number_is_not_used_again() -> None:
    person = callable_person()
    record_contact(person, call(ContactResult.WRONG), actor=staff())
    assert person.phones.get().status == "bouncing"


@pytest.mark.parametrize("case", ["withdrawn", "somebody else's", "another purpose", "held"])
def test_the_database_refuses_a_contact_that_leans_on_no_live_ground_of_its_own(case: str) -> None:
    person = callable_person()
    ground = Ground.objects.get(person=person)
    wrong: dict[str, Any] = {}
    if case == "withdrawn":
        Ground.objects.filter(pk=ground.pk).update(withdrawn_at=timezone.now())
    elif case == "held":
        Person.objects.filter(pk=person.pk).update(restricted_at=timezone.now())
    elif case == "another purpose":
        wrong = {"purpose": "visits", "channel": "door"}
    else:
        wrong = {"person": PersonFactory()}
    row = {"person": person, "ground": ground, "channel": "phone", "purpose": "calls", "result": "talked"}
    with pytest.raises(IntegrityError):
        _write(**{**row, **wrong})


@transaction.atomic
def _write(**row: Any) -> None:
    Contact.objects.create(**row, at=timezone.now())
    connection.check_constraints()


def test_a_copy_holds_the_calls_and_an_erasure_takes_them() -> None:
    person = callable_person()
    record_contact(person, call(note="Rappeler."), actor=staff())
    assert "Rappeler." in str(everything_about(person))
    rights.forget(person, actor=CAMPAIGN)
    assert not Contact.objects.exists()


@pytest.mark.parametrize("both_agreed", [True, False])
def test_calls_follow_a_merge_and_its_undoing(both_agreed: bool) -> None:
    kept, absorbed = callable_person() if both_agreed else PersonFactory(), callable_person()
    record_contact(absorbed, call(), actor=staff())
    merge = merging.merge(kept.pk, absorbed.pk, actor=CAMPAIGN)
    assert Contact.objects.get().person_id == kept.pk
    merging.undo_merge(merge.pk, actor=CAMPAIGN)
    assert Contact.objects.count() == 1


def test_the_screen_writes_down_a_call_with_a_few_touches() -> None:
    person = callable_person(first_name="Aïcha", last_name="Belkacem")
    client = browser(Role.ORGANISER)
    address = reverse("contacts:contact", args=[person.pk, "appel"])
    said = words(client.get(address))
    assert "Noter un appel" in said
    assert person.phones.get().written in said
    answer = {"result": "talked", "at": "2026-01-05T10:00", "note": "", "volunteer": ""}
    assert client.post(address, {**answer, "result": ""}).status_code == 200
    assert "n’a pas encore eu lieu" in words(client.post(address, {**answer, "at": "2199-01-05T10:00"}))
    assert client.post(address, answer)["Location"] == reverse("people:person", args=[person.pk])
    record = words(client.get(reverse("people:person", args=[person.pk])))
    assert "Appels, courriers et visites" in record
    assert "nous avons parlé" in record


def test_the_screen_says_why_somebody_may_not_be_called() -> None:
    person = PersonFactory()
    client = browser(Role.ORGANISER)
    assert "ne l’a pas accepté" in words(client.get(reverse("contacts:contact", args=[person.pk, "appel"])))
    assert client.get(reverse("contacts:contact", args=[person.pk, "ailleurs"])).status_code == 404
    assert "Noter un appel" not in words(client.get(reverse("people:person", args=[person.pk])))
