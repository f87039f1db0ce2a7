from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.types import Role, System, Visitor
from portevoix.people.exceptions import OutOfSight
from portevoix.people.models import Interaction, Person
from portevoix.people.types import Kind
from portevoix.rights import services
from portevoix.rights.models import Ground, Wording
from portevoix.rights.purposes import WORDINGS, Basis, Channel, Purpose
from portevoix.rights.selectors import current_wording, everything_about
from tests.accounts.factories import staff
from tests.people.factories import GroundFactory, PersonFactory, PhoneFactory

pytestmark = pytest.mark.django_db
SYSTEM = System("tests")


def give(person: Person, purpose: Purpose = Purpose.NEWSLETTER) -> Ground:
    return services.give(person, purpose, basis=Basis.CONSENT, evidence={"form": 1}, source="tests", actor=SYSTEM)


def test_a_consent_keeps_the_exact_words_its_proof_and_its_source() -> None:
    ground = give(PersonFactory())
    assert ground.wording is not None
    assert ground.wording.text == WORDINGS[Purpose.NEWSLETTER]["fr"]
    assert (ground.evidence, ground.source, ground.is_live) == ({"form": 1}, "tests", True)


def test_a_consent_given_twice_is_one_ground() -> None:
    person = PersonFactory()
    assert give(person) == give(person)


def test_changing_the_words_leaves_what_people_agreed_to(monkeypatch: pytest.MonkeyPatch) -> None:
    old = give(PersonFactory()).wording
    monkeypatch.setitem(WORDINGS, Purpose.NEWSLETTER, {"fr": "D’autres mots."})
    new = current_wording(Purpose.NEWSLETTER, "fr")
    assert (new.version, new.text) == (2, "D’autres mots.")
    assert Wording.objects.get(pk=old.pk).text != new.text


@pytest.mark.parametrize(
    "act",
    [
        "UPDATE rights_wording SET text = 'Je veux tout.'",
        "DELETE FROM rights_wording",
        "TRUNCATE rights_wording CASCADE",
    ],
)
def test_nobody_rewrites_what_people_agreed_to(act: str) -> None:
    words = current_wording(Purpose.NEWSLETTER, "fr").text
    with pytest.raises(DatabaseError, match="stay as they were"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(act)
    assert current_wording(Purpose.NEWSLETTER, "fr").text == words


def test_withdrawing_ends_the_ground_and_is_written_on_the_spine() -> None:
    person = PersonFactory(reachable=True)
    count = services.withdraw(person, [Purpose.NEWSLETTER], evidence={"link": 1}, source="tests", actor=Visitor())
    ground = person.grounds.get()
    assert (count, ground.is_live, ground.withdrawal) == (1, False, {"link": 1})
    assert Interaction.objects.get(person=person).kind == Kind.WITHDREW


def test_giving_again_after_a_withdrawal_is_another_ground() -> None:
    person = PersonFactory(reachable=True)
    services.withdraw(person, [Purpose.NEWSLETTER], evidence={}, source="tests", actor=SYSTEM)
    give(person)
    assert [ground.is_live for ground in person.grounds.order_by("id")] == [False, True]


def test_the_database_refuses_two_live_grounds_for_one_purpose() -> None:
    person = PersonFactory(reachable=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        GroundFactory(person=person)


def test_a_choice_on_the_preference_page_gives_and_withdraws_each_purpose_on_its_own() -> None:
    person = PersonFactory(reachable=True)
    services.choose(person, {Purpose.TEXTS}, source="preferences", actor=Visitor())
    live = Ground.objects.live().filter(person=person)
    assert [(ground.purpose, ground.channel) for ground in live] == [(Purpose.TEXTS, Channel.SMS)]


def test_a_visitor_may_not_erase_anybody() -> None:
    with pytest.raises(NotAllowed):
        services.erase(PersonFactory(), actor=Visitor())


def test_a_reader_may_not_give_a_ground() -> None:
    with pytest.raises(NotAllowed):
        services.give(
            PersonFactory(),
            Purpose.CALLS,
            basis=Basis.CONSENT,
            evidence={},
            source="tests",
            actor=staff(Role.READER),
        )


def test_erasing_reaches_every_table() -> None:
    person = PersonFactory(reachable=True)
    PhoneFactory(person=person)
    give(person, Purpose.CALLS)
    services.erase(person, actor=staff(Role.DATA_OFFICER))
    assert not Person.objects.filter(pk=person.pk).exists()
    assert not Ground.objects.exists()


def test_a_person_can_be_told_everything_held_about_them() -> None:
    person = PersonFactory(reachable=True)
    told = everything_about(person)
    assert told["people.emailaddress"][0]["address"] == person.emails.get().address
    assert told["rights.ground"][0]["purpose"] == Purpose.NEWSLETTER


@pytest.mark.parametrize("act", ["give", "withdraw", "erase"])
def test_nobody_touches_the_rights_of_who_is_out_of_their_sight(act: str) -> None:
    person = PersonFactory(in_brest=True, reachable=True)
    local: Any = {"actor": staff(Role.DATA_OFFICER, "35")}
    why: Any = {"evidence": {}, "source": "tests"}
    acts = {
        "give": lambda: services.give(person, Purpose.CALLS, basis=Basis.CONSENT, **why, **local),
        "withdraw": lambda: services.withdraw(person, [Purpose.NEWSLETTER], **why, **local),
        "erase": lambda: services.erase(person, **local),
    }
    with pytest.raises(OutOfSight):
        acts[act]()
    assert list(Ground.objects.values_list("purpose", "withdrawn_at")) == [(Purpose.NEWSLETTER, None)]
