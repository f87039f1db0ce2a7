"""What a file says of consents and refusals (RGPD art. 7 and 21): refusals win, whatever the order."""

from __future__ import annotations

import pytest

from portevoix.accounts.types import System, Visitor
from portevoix.kernel import clock
from portevoix.people.models import Interaction, Person
from portevoix.people.types import ContactStatus, Kind
from portevoix.rights import services as rights
from portevoix.rights.models import Ground, LedgerEntry
from portevoix.rights.purposes import OPTIONAL, OUTLIVING_CONTACT, Basis, Channel, Purpose
from portevoix.rights.selectors import choices_of, taken_back_since
from portevoix.rights.services.merging import merge
from tests.exchange.files import imported, person
from tests.people.factories import EmailFactory, GroundFactory, PersonFactory, PhoneFactory

pytestmark = pytest.mark.django_db
ACTOR = System("tests")


def live() -> list[tuple[str, str]]:
    return sorted(Ground.objects.live().values_list("purpose", "channel"))


def known(**more: object) -> Person:
    found: Person = PersonFactory(external_ref="nationbuilder:1", **more)
    EmailFactory(person=found, address="maelle1@mail.example", status="verified")
    return found


def test_an_opt_in_becomes_a_ground_with_the_file_as_evidence() -> None:
    run = imported(person(1, email_opt_in="true"), person(2, email_opt_in="false"), person(3), name="mars.csv")
    ground = Ground.objects.get()
    assert (ground.purpose, ground.channel, ground.basis) == ("newsletter", "email", Basis.DECLARED_AT_IMPORT)
    assert ground.evidence == {"file": "mars.csv", "sha256": run.arrival.sha256, "row": 2}
    assert ground.wording is None


def test_a_mobile_opt_in_is_for_text_messages_and_needs_a_mobile_number() -> None:
    imported(
        person(1, mobile_number="0639981234", mobile_opt_in="Y"),
        person(2, phone_number="0299001122", mobile_opt_in="Y"),
    )
    assert live() == [(Purpose.TEXTS, Channel.SMS)]


def test_a_number_that_may_be_called_is_no_ground() -> None:
    imported(person(1, mobile_number="0639981234", do_not_call="false"))
    assert live() == []


def test_the_campaign_may_ask_again_rather_than_take_consents_over() -> None:
    imported(person(1, email_opt_in="true"), consents=False)
    assert not Ground.objects.exists()


REFUSALS = [
    {"do_not_contact": "true"},
    {"is_deceased": "Y"},
    {"unsubscribed_at": "2024-03-01 10:00:00 UTC"},
    {"email1": "maelle1@mail.example", "email1_is_bad": "true"},
    {"do_not_contact": "illegible"},
]


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_refusal_wins_over_the_opt_in_of_its_row(refusal: dict[str, str]) -> None:
    imported(person(1, email_opt_in="true", **refusal))
    assert live() == []


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_refusal_wins_over_what_was_given_here(refusal: dict[str, str]) -> None:
    GroundFactory(person=known())
    imported(person(1, **refusal))
    assert live() == []
    assert Interaction.objects.filter(kind=Kind.WITHDREW, detail__purpose="newsletter").count() == 1
    assert Ground.objects.get(basis=Basis.CONSENT).withdrawal["row"] == 2


#: Who wants no contact, or is dead: nothing of the table of purposes goes on, but what they took part in.
STOPS = [*REFUSALS[:2], REFUSALS[-1]]


@pytest.mark.parametrize("purpose", OPTIONAL)
@pytest.mark.parametrize("stop", STOPS)
def test_who_is_not_to_be_contacted_is_reached_and_targeted_by_nothing(stop: dict[str, str], purpose: Purpose) -> None:
    found = known()
    GroundFactory(person=found, purpose=purpose, channel=OPTIONAL[purpose])
    imported(person(1, **stop))
    expected = [(purpose, OPTIONAL[purpose])] if purpose in OUTLIVING_CONTACT else []
    assert live() == expected
    refused = Ground.objects.exclude(withdrawn_at=None).values_list("purpose", flat=True)
    assert set(refused) == set(OPTIONAL) - OUTLIVING_CONTACT


def test_only_taking_part_outlives_the_wish_for_no_contact() -> None:
    assert {Purpose.PARTICIPATION} == OUTLIVING_CONTACT


@pytest.mark.parametrize("order", [1, -1])
def test_a_refusal_wins_whichever_row_of_the_person_it_is_on(order: int) -> None:
    rows = [person(1, email_opt_in="true"), person(2, email="MAELLE1@mail.example", do_not_contact="true")]
    imported(*rows[::order])
    assert live() == []


def test_a_refusal_in_one_file_wins_over_an_opt_in_in_a_later_one() -> None:
    imported(person(1, do_not_contact="true"))
    imported(person(1, email_opt_in="true", mobile_number="0639981234", mobile_opt_in="true"), name="later.csv")
    assert live() == []


def test_who_withdrew_here_gets_no_ground_back_from_a_file() -> None:
    found = known()
    GroundFactory(person=found)
    rights.withdraw(found, [Purpose.NEWSLETTER], evidence={}, source="tests", actor=ACTOR)
    run = imported(person(1, email_opt_in="true"))
    assert live() == []
    assert run.forecast["ground_newsletter"] == 0


def test_a_refusal_of_everything_counts_for_each_purpose_whatever_ended_before() -> None:
    found = known()
    GroundFactory(person=found)
    rights.withdraw(found, [Purpose.NEWSLETTER], evidence={}, source="tests", actor=ACTOR)
    imported(person(1, do_not_contact="true"))
    imported(person(1, mobile_number="0639981234", mobile_opt_in="true"), name="later.csv")
    assert live() == []


def test_what_was_given_here_stays_as_it_was_given() -> None:
    given = GroundFactory(person=known())
    imported(person(1, email_opt_in="true"))
    assert list(Ground.objects.values_list("pk", "basis")) == [(given.pk, Basis.CONSENT)]


def test_who_does_not_want_calls_may_still_be_written_to() -> None:
    found = known()
    GroundFactory(person=found, purpose=Purpose.CALLS, channel=Channel.PHONE)
    imported(person(1, email_opt_in="true", do_not_call="true"))
    assert live() == [(Purpose.NEWSLETTER, Channel.EMAIL)]


def test_an_address_known_as_bad_is_marked_and_another_one_is_the_main_one() -> None:
    known()
    imported(
        person(1, email1="maelle1@mail.example", email1_is_bad="true"),
        person(2, email="bad@mail.example", email_is_bad="true", email1="good@mail.example"),
    )
    states = dict(Person.objects.get(external_ref="nationbuilder:1").emails.values_list("address", "status"))
    assert states == {"maelle1@mail.example": ContactStatus.BOUNCING}
    second = Person.objects.get(external_ref="nationbuilder:2")
    assert second.emails.get(is_primary=True).address == "good@mail.example"
    assert second.emails.get(address="bad@mail.example").status == ContactStatus.BOUNCING


def test_a_bad_mobile_number_is_marked_and_takes_no_text() -> None:
    found = known()
    PhoneFactory(person=found, number="+33639981234")
    GroundFactory(person=found, purpose=Purpose.TEXTS, channel=Channel.SMS)
    imported(person(1, mobile_number="0639981234", is_mobile_bad="true", mobile_opt_in="true"))
    assert found.phones.get().status == ContactStatus.BOUNCING
    assert live() == []


def test_an_address_or_number_that_was_refused_stays_so_whatever_a_file_says_of_it() -> None:
    found = known()
    found.emails.update(status=ContactStatus.REFUSED)
    PhoneFactory(person=found, number="+33639981234", status=ContactStatus.REFUSED)
    imported(person(1, email_is_bad="true", mobile_number="0639981234", is_mobile_bad="true"))
    assert found.emails.get().status == found.phones.get().status == ContactStatus.REFUSED


def test_a_bad_address_here_leaves_the_ground_of_another_one_alone() -> None:
    GroundFactory(person=known())
    imported(person(1, email="vieille@mail.example", email_is_bad="true"))
    assert live() == [(Purpose.NEWSLETTER, Channel.EMAIL)]


def test_a_consent_given_after_a_file_stands_when_the_same_file_comes_again() -> None:
    rows = [person(1, do_not_contact="true")]
    imported(*rows)
    found = Person.objects.get()
    rights.give(found, Purpose.NEWSLETTER, basis=Basis.CONSENT, evidence={}, source="site", actor=ACTOR)
    imported(*rows)
    assert live() == [(Purpose.NEWSLETTER, Channel.EMAIL)]
    imported(*rows, person(2), name="another.csv")
    assert live() == []


def test_the_forecast_says_what_the_import_then_does() -> None:
    rows = [
        person(1, email_opt_in="true"),
        person(2, email_opt_in="true", do_not_contact="true"),
        person(3, mobile_number="0639981234", mobile_opt_in="true"),
        person(4, email="MAELLE1@mail.example", email_opt_in="true"),
    ]
    run = imported(*rows)
    counts = run.arrival.counts["merged"]
    assert (run.forecast["persons"], run.forecast["new"]) == (counts["persons"], counts["new"]) == (3, 3)
    assert run.forecast["ground_newsletter"] == counts["ground_newsletter"] == 1
    assert run.forecast["ground_texts"] == counts["ground_texts"] == 1
    assert run.forecast["refusals"] == counts["refusals"] == 1


@pytest.mark.parametrize("is_by_button", [True, False])
def test_somebody_who_refuses_what_they_never_gave_is_not_signed_up_by_a_later_file(is_by_button: bool) -> None:
    found = known()
    PhoneFactory(person=found, number="+33639981234")
    if is_by_button:
        rights.choose(found, set(), source="preferences", actor=Visitor())
    else:
        rights.withdraw(found, [Purpose.TEXTS], evidence={"words": "STOP"}, source="sms", actor=ACTOR)
    imported(person(1, mobile_number="0639981234", mobile_opt_in="Y", email_opt_in="true"))
    assert live() == ([] if is_by_button else [(Purpose.NEWSLETTER, Channel.EMAIL)])


def test_a_refusal_of_nothing_in_force_is_chained_kept_once_a_day_and_theirs_to_change() -> None:
    found = known()
    for _time in range(2):
        rights.choose(found, {Purpose.CALLS}, source="preferences", actor=Visitor())
    assert Ground.objects.filter(person=found).count() == len(OPTIONAL), "one row each, were it chosen twice"
    assert LedgerEntry.objects.filter(person_ref=found.ref, purpose=Purpose.TEXTS).count() >= 1
    assert not Interaction.objects.filter(person=found, kind=Kind.WITHDREW).exists(), "nothing was taken back"
    assert [one.is_given for one in choices_of(found)] == [True]
    assert taken_back_since(found, clock.today()) == set(OPTIONAL) - {Purpose.CALLS}
    rights.choose(found, {Purpose.TEXTS}, source="preferences", actor=Visitor())
    assert live() == [(Purpose.TEXTS, Channel.SMS)]


def test_of_two_records_the_refusal_of_what_was_never_given_ends_the_other_s_consent() -> None:
    refusing, agreeing = known(), PersonFactory(reachable=True)
    rights.choose(refusing, set(), source="preferences", actor=Visitor())
    merge(refusing.pk, agreeing.pk, actor=ACTOR)
    assert live() == []
