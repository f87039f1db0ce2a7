from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from django.db import transaction
from django.db.models import QuerySet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from portevoix.accounts.types import Role, System, Visitor
from portevoix.people.models import EmailAddress, Person
from portevoix.people.types import ContactStatus
from portevoix.rights import gate
from portevoix.rights.exceptions import NotFromTheGate
from portevoix.rights.models import Ground
from portevoix.rights.purposes import Advertising, Channel, Purpose
from portevoix.rights.types import Standing
from tests.accounts.factories import staff
from tests.people.factories import EmailFactory, GroundFactory, PersonFactory, PhoneFactory

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
        gate.Audience(Ground.objects.all(), Purpose.NEWSLETTER, Channel.EMAIL, Advertising.NONE, seal=object())


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


# the census


def standings(people: QuerySet[Person] | None = None) -> dict[str, dict[str, int]]:
    found = gate.census(Person.objects.all() if people is None else people)
    return {
        way.channel.value: {one.value: number for one, number in counts.items()}
        for way, counts in found.standings.items()
    }


def test_the_census_says_how_everybody_stands_in_one_statement(django_assert_num_queries: Any) -> None:
    PersonFactory(reachable=True)
    PersonFactory(with_email=True)
    withdrawn = PersonFactory(reachable=True)
    withdrawn.grounds.update(withdrawn_at="2100-01-01T00:00Z")
    homeless, bouncing, refused = PersonFactory(), PersonFactory(reachable=True), PersonFactory(reachable=True)
    GroundFactory(person=homeless)
    bouncing.emails.update(status="bouncing")
    refused.emails.update(status="refused")
    with django_assert_num_queries(1):
        found = standings()
    assert found["email"] == {
        "admitted": 1,
        "no_ground": 1,
        "withdrawn": 1,
        "no_point": 1,
        "bouncing": 1,
        "refused": 1,
    }
    assert found["sms"] == {"no_ground": 6}


def test_a_consent_given_again_is_no_withdrawal() -> None:
    person = PersonFactory(reachable=True)
    GroundFactory(person=person, given_at="2020-01-01T00:00Z", withdrawn_at="2021-01-01T00:00Z")
    assert standings()["email"] == {"admitted": 1}


def test_whose_ground_came_to_its_end_did_not_withdraw() -> None:
    over = {"given_at": "2020-01-01T00:00Z", "withdrawn_at": "2023-01-01T00:00Z"}
    lapsed, withdrew, again = PersonFactory.create_batch(3, with_email=True)
    for person in (lapsed, withdrew, again):
        GroundFactory(person=person, withdrawal={"retention": "consents"}, **over)
    GroundFactory(person=withdrew, withdrawal={"link": "x"}, **over)
    GroundFactory(person=again)
    assert standings()["email"] == {"lapsed": 1, "withdrawn": 1, "admitted": 1}


def test_texts_go_to_mobiles_and_one_number_that_works_is_enough() -> None:
    person, landline = PersonFactory.create_batch(2)
    for one in (person, landline):
        GroundFactory(person=one, purpose=Purpose.TEXTS, channel=Channel.SMS)
        GroundFactory(person=one, purpose=Purpose.CALLS, channel=Channel.PHONE)
    PhoneFactory(person=person, status="bouncing")
    PhoneFactory(person=person)
    PhoneFactory(person=landline, kind="home")
    found = standings()
    assert found["sms"] == {"admitted": 1, "no_point": 1}
    assert found["phone"] == {"admitted": 2}


def test_people_reached_by_several_ways_are_one_person() -> None:
    person = PersonFactory(reachable=True)
    GroundFactory(person=person, purpose=Purpose.TEXTS, channel=Channel.SMS)
    PhoneFactory(person=person)
    found = gate.census(Person.objects.all())
    assert (found.people, found.reached) == (1, 1)


def test_nobody_is_nobody() -> None:
    assert gate.census(Person.objects.none()).people == 0
    assert gate.census(Person.objects.filter(pk=0)).reached == 0


def test_every_channel_says_where_it_reaches() -> None:
    """A channel added to the purposes without its contact points would admit nobody, or everybody."""
    nowhere = {Channel.LOCAL, Channel.RECORD}
    assert set(gate.POINTS) == set(Channel) - nowhere
    assert {way.channel for way in gate.ways()} == set(gate.POINTS)
    assert not any(gate.contact_points(channel).exists() for channel in nowhere)
    assert 4 * len(gate.ways()) + 3 * len(gate.POINTS) <= 63, "a person’s standings are the bits of one number"
    assert all(len(points.faults) <= 2 for points in gate.POINTS.values())


def known_as(live: int, past: int, mail: int, phone: int) -> None:
    """Make a person who gave, took back and has what the numbers say, on every way."""
    person = PersonFactory()
    for way in gate.ways():
        one = {"person": person, "purpose": way.purpose, "channel": way.channel}
        if way.purpose and live:
            GroundFactory(**one)
        if way.purpose and past:
            GroundFactory(**one, given_at="2020-01-01T00:00Z", withdrawn_at="2021-01-01T00:00Z")
    if mail:
        EmailFactory(person=person, status=["verified", "bouncing"][mail - 1])
    if phone:
        PhoneFactory(person=person, kind=["mobile", "home"][phone - 1])
    if live == past:
        person.addresses.create(line1="1 rue X", postcode="35000", city="Rennes" * mail, source="tests")


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(some.lists(some.tuples(*[some.integers(0, 2)] * 4), min_size=1, max_size=6))
def test_whom_the_gate_admits_is_whom_the_census_counts(people: list[tuple[int, int, int, int]]) -> None:
    """Whatever people gave, took back and have: the two readings of the rule agree on every way."""
    with transaction.atomic():
        for one in people:
            known_as(*one)
        for way, counts in gate.census(Person.objects.all()).standings.items():
            if way.purpose:
                audience = gate.admit(Person.objects.all(), purpose=way.purpose, channel=way.channel)
                assert audience.count() == counts[Standing.ADMITTED]
            assert sum(counts.values()) == len(people)
        transaction.set_rollback(True)
