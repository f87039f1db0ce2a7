from __future__ import annotations

import dataclasses

import pytest

from portevoix.accounts.types import Role, System, Visitor
from portevoix.people.models import EmailAddress, Person
from portevoix.people.types import ContactStatus
from portevoix.rights import gate
from portevoix.rights.exceptions import NotFromTheGate
from portevoix.rights.models import Ground
from portevoix.rights.purposes import Channel, Purpose
from tests.accounts.factories import staff
from tests.people.factories import PersonFactory

pytestmark = pytest.mark.django_db


def admitted() -> list[Person]:
    audience = gate.admit(Person.objects.all(), purpose=Purpose.NEWSLETTER, channel=Channel.EMAIL)
    return [ground.person for ground in audience.grounds.select_related("person")]


def test_the_gate_admits_who_agreed_and_can_be_reached() -> None:
    person = PersonFactory(reachable=True)
    PersonFactory(with_email=True)
    assert admitted() == [person]


@pytest.mark.parametrize("status", [ContactStatus.BOUNCING, ContactStatus.REFUSED])
def test_an_address_that_does_not_work_is_not_written_to(status: ContactStatus) -> None:
    PersonFactory(reachable=True)
    EmailAddress.objects.update(status=status)
    assert admitted() == []


def test_an_audience_is_read_when_it_is_used_not_when_it_was_asked_for() -> None:
    PersonFactory(reachable=True)
    audience = gate.admit(Person.objects.all(), purpose=Purpose.NEWSLETTER, channel=Channel.EMAIL)
    Ground.objects.update(withdrawn_at="2100-01-01T00:00Z")
    assert audience.count() == 0


def test_agreeing_to_texts_is_not_agreeing_to_mails() -> None:
    person = PersonFactory(reachable=True)
    person.grounds.update(purpose=Purpose.TEXTS, channel=Channel.SMS)
    assert admitted() == []


def test_only_the_chosen_people_are_admitted() -> None:
    person = PersonFactory(reachable=True)
    PersonFactory(reachable=True)
    chosen = Person.objects.filter(pk=person.pk).order_by("sort_key")
    assert gate.admit(chosen, purpose=Purpose.NEWSLETTER, channel=Channel.EMAIL).count() == 1


@pytest.mark.parametrize("how", ["difference", "intersection", "union"])
def test_people_found_by_sets_are_the_only_ones_admitted(how: str) -> None:
    one, other = PersonFactory.create_batch(2, reachable=True)
    alone = Person.objects.filter(pk=other.pk)
    combined = {
        "difference": Person.objects.all().difference(alone),
        "intersection": Person.objects.all().intersection(Person.objects.filter(pk=one.pk)),
        "union": Person.objects.filter(pk=one.pk).union(Person.objects.none()),
    }[how]
    audience = gate.admit(combined, purpose=Purpose.NEWSLETTER, channel=Channel.EMAIL)
    assert [ground.person_id for ground in audience.grounds] == [one.pk]


def test_nobody_makes_an_audience_by_hand() -> None:
    with pytest.raises(NotFromTheGate):
        gate.Audience(Ground.objects.all(), Purpose.NEWSLETTER, Channel.EMAIL, seal=object())


def test_nobody_widens_an_audience_by_replacing_its_people() -> None:
    audience = gate.admit(Person.objects.none(), purpose=Purpose.NEWSLETTER, channel=Channel.EMAIL)
    with pytest.raises((NotFromTheGate, TypeError, ValueError)):
        dataclasses.replace(audience, grounds=Ground.objects.all())


def test_a_disclosure_shows_an_actor_only_the_people_of_their_territory() -> None:
    here = PersonFactory(in_rennes=True)
    PersonFactory(in_brest=True)
    actor = staff(Role.LOCAL_LEAD, "35")
    shown = gate.reveal(Person.objects.all(), actor=actor, purpose="canvassing", fields=["first_name"])
    assert list(shown.people) == [here]


def test_a_visitor_is_shown_nobody() -> None:
    PersonFactory()
    assert not gate.reveal(Person.objects.all(), actor=Visitor(), purpose="any", fields=[]).people.exists()


def test_a_disclosure_without_a_reason_is_refused() -> None:
    with pytest.raises(ValueError, match="purpose"):
        gate.reveal(Person.objects.all(), actor=System("tests"), purpose=" ", fields=[])
