"""Roles, dues, ties, what lies on a record, the campaign's own answers, opinions: each finds whom it should."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from portevoix.kernel import clock
from portevoix.people.models import Alias, Attachment, Consultation, Note, Person, PersonRole, Relationship
from portevoix.people.types import RelationKind, RoleKind, Why
from portevoix.rights import gate
from portevoix.rights import services as rights
from portevoix.rights.models import Ground, Opinion
from portevoix.rights.purposes import Basis, Channel, Purpose
from portevoix.rights.services.opinions import record_opinion
from portevoix.rights.types import Views
from portevoix.segments import rules
from portevoix.segments.exceptions import InvalidTree
from portevoix.segments.types import Names
from tests.people.factories import EmailFactory, GroundFactory, PersonFactory, PhoneFactory
from tests.segments.factories import rule, tree
from tests.segments.test_criteria import NOON, SYSTEM, assert_finds, count_of

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)


def role(person: Person, kind: RoleKind, **known: Any) -> PersonRole:
    made: PersonRole = PersonRole.objects.create(person=person, kind=kind, source="tests", **known)
    return made


def tie(person: Person, kind: RelationKind, other: Person) -> None:
    Relationship.objects.create(person=person, kind=kind, other=other, source="tests")


def holding(views: Views, **known: Any) -> Person:
    person: Person = PersonFactory(**known)
    rights.give(person, Purpose.OPINION, basis=Basis.CONSENT, evidence={}, source="tests", actor=SYSTEM)
    record_opinion(person, views, seen=Views(), actor=SYSTEM)
    return person


def test_roles_are_held_from_their_first_day_to_their_last() -> None:
    with clock.stopped_at(NOON):
        always, last_day, over, later, other = PersonFactory.create_batch(5)
        role(always, RoleKind.VOLUNTEER)
        role(last_day, RoleKind.VOLUNTEER, since=TODAY - timedelta(days=400), until=TODAY)
        role(over, RoleKind.VOLUNTEER, until=TODAY - timedelta(days=1))
        role(later, RoleKind.VOLUNTEER, since=TODAY + timedelta(days=1))
        role(other, RoleKind.PRESS)
        assert_finds(rule("role", role="volunteer"), always, last_day)
        assert_finds(rule("role_over", role="volunteer"), over)
        assert_finds(rule("role_for", role="volunteer", days=400), last_day)
        assert_finds(rule("role_for", role="volunteer", days=401))
        role(over, RoleKind.VOLUNTEER, detail="again", since=TODAY)
        assert_finds(rule("role_over", role="volunteer"))


def test_members_by_their_dues() -> None:
    with clock.stopped_at(NOON):
        paid, lapsed, never, renewed, gone, _other = PersonFactory.create_batch(6)
        role(paid, RoleKind.MEMBER, dues_paid_on=TODAY, dues_until=TODAY + timedelta(days=30))
        role(lapsed, RoleKind.MEMBER, dues_until=TODAY - timedelta(days=1))
        role(never, RoleKind.MEMBER)
        role(renewed, RoleKind.MEMBER, detail="2025", dues_until=TODAY - timedelta(days=90))
        role(renewed, RoleKind.MEMBER, detail="2026", dues_until=TODAY + timedelta(days=275))
        role(gone, RoleKind.MEMBER, until=TODAY - timedelta(days=1), dues_until=TODAY + timedelta(days=30))
        assert_finds(rule("dues", state="paid"), paid, renewed)
        assert_finds(rule("dues", state="lapsed"), lapsed)
        assert_finds(rule("dues", state="never"), never)
        assert_finds(rule("dues_soon", days=30), paid)
        assert_finds(rule("dues_soon", days=29))
        assert_finds(rule("dues_soon", days=365), paid, renewed)


def test_ties_are_read_from_the_end_that_one_means() -> None:
    recruit, recruiter, spouse, other_spouse, _alone = PersonFactory.create_batch(5)
    tie(recruit, RelationKind.RECRUITED_BY, recruiter)
    tie(spouse, RelationKind.KNOWS, other_spouse)
    assert_finds(rule("tie", tie="recruited_by"), recruit)
    assert_finds(rule("tie_back", tie="recruited_by"), recruiter)
    assert_finds(rule("tied_to", tie="recruited_by", person=recruiter.pk), recruit)
    assert_finds(rule("tied_to", tie="recruited_by", person=recruit.pk))
    assert_finds(rule("tie", tie="knows"), spouse, other_spouse)
    assert_finds(rule("tie_back", tie="knows"), spouse, other_spouse)
    assert_finds(rule("tied_to", tie="knows", person=spouse.pk), other_spouse)
    assert_finds(rule("tie", tie="point_person"))


def test_a_sentence_never_names_the_person_to_whom_others_are_tied() -> None:
    person = PersonFactory(first_name="Zoé", last_name="Kerbrat")
    said = rules.sentence(rules.read(tree(rule("tied_to", tie="point_person", person=person.pk))), Names())
    assert str(person.pk) in said
    assert "Kerbrat" not in said


def test_what_lies_on_a_record() -> None:
    with clock.stopped_at(NOON):
        noted, filed, merged, read, _other = PersonFactory.create_batch(5)
        Note.objects.create(person=noted, text="x", source="tests", created_at=NOON - timedelta(days=30))
        Attachment.objects.create(person=filed, name="x", file="x", size=1, source="tests")
        Alias.objects.create(person=merged, ref="00000000-0000-4000-8000-000000000001")
        Consultation.objects.create(
            person=read, at=NOON - timedelta(days=3), reader_id="1", reader="x", why=Why.RECORD, roles=[]
        )
        assert_finds(rule("note", days=30), noted)
        assert_finds(rule("note", days=29))
        assert_finds(rule("file"), filed)
        assert_finds(rule("merged"), merged)
        assert_finds(rule("read", days=3), read)
        assert_finds(rule("read", days=2))


def test_addresses_and_numbers_are_counted_and_mails_known_by_their_end() -> None:
    several, one = PersonFactory.create_batch(2)
    EmailFactory(person=several, address="a@exemple.fr")
    EmailFactory(person=several, address="b@ville.exemple.fr", is_primary=False)
    EmailFactory(person=one, address="c@pas-exemple.fr")
    PhoneFactory.create_batch(2, person=one)
    one.addresses.create(line1="1 rue X", postcode="35000", city="Rennes", status="bouncing", source="tests")
    assert_finds(rule("emails", least=2), several)
    assert_finds(rule("emails", least=3))
    assert_finds(rule("phones", least=2), one)
    assert_finds(rule("address_state", state="bouncing"), one)
    assert_finds(rule("email_at", domain="Exemple.FR"), several)
    assert_finds(rule("email_at", domain="@pas-exemple.fr"), one)
    assert_finds(rule("email_at", domain="_as-exemple.fr"))


def test_whom_the_gate_would_admit() -> None:
    willing = PersonFactory(reachable=True)
    without_address = PersonFactory()
    GroundFactory(person=without_address)
    PersonFactory(with_email=True)
    GroundFactory(person=PersonFactory(with_email=True), purpose=Purpose.TEXTS, channel=Channel.SMS)
    restricted = PersonFactory(reachable=True)
    restricted.restricted_at = restricted.created_at
    restricted.save()
    assert_finds(rule("reachable", purpose="newsletter"), willing)
    assert set(gate.admit(Person.objects.all(), purpose=Purpose.NEWSLETTER, channel=Channel.EMAIL).grounds) == set(
        willing.grounds.all()
    )
    for nobody_is_reached in ("opinion", "local_group", "service"):
        with pytest.raises(InvalidTree):
            rules.read(tree(rule("reachable", purpose=nobody_is_reached)))


def test_polling_stations_one_or_all_of_a_commune() -> None:
    one, other = PersonFactory(polling_station="35238_0012"), PersonFactory(polling_station="35238_0013")
    PersonFactory(polling_station="352380")
    PersonFactory(polling_station="")
    assert_finds(rule("polling_station", code="35238_0012"), one)
    assert_finds(rule("polling_station", code="35238"), one, other)


def test_languages_spoken_are_also_the_other_ones() -> None:
    first, second = PersonFactory(language="br"), PersonFactory(language="fr", other_languages=["br", "en"])
    PersonFactory(language="fr")
    assert_finds(rule("speaks", language="br"), first, second)


def test_answers_that_were_chosen_alone_or_among_several() -> None:
    alone, among = PersonFactory(custom={"envie": "coller"}), PersonFactory(custom={"envie": ["tracter", "coller"]})
    PersonFactory(custom={"envie": "décoller"})
    PersonFactory(custom={"envie": ["décoller"]})
    PersonFactory(custom={"envie": None})
    PersonFactory(custom={"envie": {"coller": 1}})
    PersonFactory()
    assert_finds(rule("custom_choice", field="envie", value="coller"), alone, among)


def test_boxes_and_days_of_the_campaigns_own_fields() -> None:
    with clock.stopped_at(NOON):
        ticked, soon = PersonFactory(custom={"permis": True}), PersonFactory(custom={"fin": "2026-12-01"})
        PersonFactory(custom={"permis": False, "fin": "2026-11-23"})
        written = PersonFactory(custom={"permis": "Oui", "fin": "bientôt"})
        assert_finds(rule("custom_yes", field="permis"), ticked, written)
        assert_finds(rule("custom_soon", field="fin", days=7), soon)
        assert_finds(rule("custom_soon", field="fin", days=6))


def test_opinions_are_found_while_their_ground_holds() -> None:
    firm = holding(Views(5, ("eau", "école"), "premier tour"))
    holding(Views(2, ("Eau",)))
    PersonFactory()
    for part in (
        rule("support", least=4, most=5),
        rule("issue", issue="école"),
        rule("vote", text="PREMIER"),
    ):
        assert count_of(part) == 1
        assert count_of(part, match="none") == 2
    assert count_of(rule("opinion")) == 2
    assert count_of(rule("issue", issue="eau")) == 1
    rights.withdraw(firm, [Purpose.OPINION], evidence={}, source="tests", actor=SYSTEM)
    assert count_of(rule("support", least=4, most=5)) == 0
    assert count_of(rule("opinion")) == 1


def test_an_opinion_that_outlived_its_ground_by_a_fault_is_not_found() -> None:
    """The trigger removes it; should it not, the question itself is lawful."""
    person = holding(Views(5))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE rights_ground DISABLE TRIGGER opinion_ends")
    Ground.objects.filter(person=person).update(withdrawn_at=clock.now() + timedelta(minutes=1))
    assert Opinion.objects.exists()
    assert count_of(rule("support", least=1, most=5)) == 0
    assert count_of(rule("opinion")) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        rule("role", role="king"),
        rule("role_for", role="member", days=0),
        rule("dues", state="late"),
        rule("dues_soon", days=-1),
        rule("tie", tie="loves"),
        rule("tied_to", tie="knows", person=0),
        rule("tied_to", tie="knows", person=2**63),
        rule("support", least=5, most=4),
        rule("support", least=0, most=5),
        rule("issue", issue=" "),
        rule("vote", text="x" * 201),
        rule("note", days=40_000),
        rule("emails", least=1),
        rule("email_at", domain="' OR 1=1"),
        rule("polling_station", code="35238_0012%"),
        rule("speaks", language="français"),
        rule("custom_choice", field="x", value=""),
        rule("custom_soon", field='x")', days=1),
    ],
)
def test_nonsense_is_refused_where_it_is_written(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidTree) as fault:
        rules.read(tree(wrong))
    assert list(fault.value.faults) == ["0"]


def test_a_night_of_clock_change_moves_no_role() -> None:
    with clock.stopped_at(datetime(2026, 10, 25, 1, 30, tzinfo=UTC)):
        person = PersonFactory()
        role(person, RoleKind.VOLUNTEER, since=date(2026, 10, 24))
        assert_finds(rule("role_for", role="volunteer", days=1), person)
