"""What a merge settles by itself and what undoing leaves alone – dues, main numbers, opinions –, and how one begins."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from portevoix.accounts.types import Role, System
from portevoix.kernel import clock
from portevoix.people.models import Consultation, Person, PersonRole, PhoneNumber
from portevoix.people.types import RoleKind
from portevoix.rights.models import Ground, Opinion
from portevoix.rights.purposes import Basis, Channel, Purpose
from portevoix.rights.selectors import merging as selectors
from portevoix.rights.services import keeping, merging
from tests.accounts.factories import signed_in
from tests.people.factories import EmailFactory, GroundFactory, PersonFactory, PhoneFactory

pytestmark = pytest.mark.django_db
ACTOR = System("tests")


def member(person: Person, dues_until: date) -> PersonRole:
    return PersonRole.objects.create(
        person=person, kind=RoleKind.MEMBER, since=date(2024, 1, 1), dues_until=dues_until, source="tests"
    )


def test_dues_that_were_paid_since_the_merge_stay_paid() -> None:
    kept, absorbed = PersonFactory.create_batch(2)
    role = member(kept, date(2025, 1, 1))
    member(absorbed, date(2026, 1, 1))
    done = merging.merge(kept.pk, absorbed.pk, actor=ACTOR)
    PersonRole.objects.filter(pk=role.pk).update(dues_until=date(2027, 1, 1))
    merging.undo_merge(done.pk, actor=ACTOR)
    assert kept.roles.get().dues_until == date(2027, 1, 1)
    assert Person.objects.get(pk=absorbed.pk).roles.get().dues_until == date(2026, 1, 1)


def test_dues_that_nobody_touched_are_what_they_were() -> None:
    kept, absorbed = PersonFactory.create_batch(2)
    role = member(kept, date(2025, 1, 1))
    member(absorbed, date(2026, 1, 1))
    done = merging.merge(kept.pk, absorbed.pk, actor=ACTOR)
    PersonRole.objects.filter(pk=role.pk).update(dues_paid_on=date(2026, 5, 5))
    merging.undo_merge(done.pk, actor=ACTOR)
    assert kept.roles.values_list("dues_until", "dues_paid_on").get() == (date(2025, 1, 1), date(2026, 5, 5))


def test_the_main_number_is_still_the_main_one_when_both_records_have_it() -> None:
    kept, absorbed = PersonFactory.create_batch(2)
    PhoneFactory(person=kept, number="+33600000002")
    twin = PhoneFactory(person=kept, number="+33600000001")
    PhoneFactory(person=absorbed, number="+33600000001", is_primary=True)
    done = merging.merge(kept.pk, absorbed.pk, actor=ACTOR)
    assert kept.phones.get(is_primary=True) == twin
    restored = merging.undo_merge(done.pk, actor=ACTOR)
    assert not kept.phones.filter(is_primary=True).exists()
    assert restored.phones.get(is_primary=True).number == "+33600000001"


def test_a_main_number_that_only_the_absorbed_record_has_stays_the_main_one() -> None:
    kept, absorbed = PersonFactory.create_batch(2)
    PhoneFactory(person=kept, number="+33600000002")
    main = PhoneFactory(person=absorbed, number="+33600000001", is_primary=True)
    merging.merge(kept.pk, absorbed.pk, actor=ACTOR)
    assert PhoneNumber.objects.get(person=kept, is_primary=True) == main


def opinion(person: Person, level: int, days_ago: int, basis: Basis = Basis.CONSENT) -> Opinion:
    ground: Ground = GroundFactory(person=person, purpose=Purpose.OPINION, channel=Channel.RECORD, basis=basis)
    return Opinion.objects.create(
        person=person,
        ground=ground,
        support_level=level,
        recorded_at=clock.now() - timedelta(days=days_ago),
        source="tests",
    )


@pytest.mark.parametrize(
    ("kept_basis", "absorbed_basis", "is_absorbed_newer", "level"),
    [
        (Basis.CONSENT, Basis.CONSENT, True, 5),
        (Basis.CONSENT, Basis.CONSENT, False, 2),
        (Basis.CONSENT, Basis.DECLARED_AT_IMPORT, True, 2),
        (Basis.DECLARED_AT_IMPORT, Basis.CONSENT, True, 5),
        (Basis.DECLARED_AT_IMPORT, Basis.DECLARED_AT_IMPORT, True, 5),
    ],
)
def test_the_newer_opinion_stays_unless_its_ground_is_weaker(
    kept_basis: Basis, absorbed_basis: Basis, is_absorbed_newer: bool, level: int
) -> None:
    kept, absorbed = PersonFactory.create_batch(2)
    opinion(kept, 2, days_ago=10, basis=kept_basis)
    opinion(absorbed, 5, days_ago=1 if is_absorbed_newer else 20, basis=absorbed_basis)
    done = merging.merge(kept.pk, absorbed.pk, actor=ACTOR)
    assert Opinion.objects.get().support_level == level
    merging.undo_merge(done.pk, actor=ACTOR)
    assert dict(Opinion.objects.values_list("person", "support_level")) == {kept.pk: 2, absorbed.pk: 5}
    assert keeping.verify(actor=ACTOR).broken is None
    assert keeping.rebuild(dry_run=True, actor=ACTOR).total == 0


def test_a_record_leads_to_its_twin_and_both_are_shown_before_anything_is_merged() -> None:
    one = PersonFactory(first_name="Noémie", last_name="Quéméneur")
    twin = PersonFactory(first_name="Noemie", last_name="Quemeneur")
    EmailFactory(person=twin, address="noemie@poste.example")
    client = signed_in(Role.ORGANISER)
    assert f"/gestion/doublons/avec/{one.pk}/" in client.get(f"/gestion/personnes/{one.pk}/").content.decode()
    page = client.get(f"/gestion/doublons/avec/{one.pk}/").content.decode()
    assert f"/gestion/doublons/{one.pk}/{twin.pk}/" in page
    assert f"/gestion/doublons/{one.pk}/{one.pk}/" not in page
    assert "noemie@poste.example" in client.get(f"/gestion/doublons/avec/{one.pk}/", {"q": "noemie@"}).content.decode()
    assert (
        f"/gestion/doublons/avec/{one.pk}/"
        not in signed_in(Role.TREASURER).get(f"/gestion/personnes/{one.pk}/").content.decode()
    )


def test_a_twin_out_of_sight_is_not_offered() -> None:
    one = PersonFactory(in_rennes=True, first_name="Noémie", last_name="Quéméneur")
    PersonFactory(in_brest=True, first_name="Noemie", last_name="Quemeneur-Brest")
    page = signed_in(Role.LOCAL_LEAD, "35").get(f"/gestion/doublons/avec/{one.pk}/", {"q": "quemeneur"})
    assert "Brest" not in page.content.decode()


def test_the_review_shows_roles_and_counts_and_opinions_only_to_who_records_them() -> None:
    kept, absorbed = PersonFactory.create_batch(2)
    member(kept, date(2026, 1, 1))
    kept.notes.create(text="A word.", source="tests")
    opinion(absorbed, 4, days_ago=1)
    address = f"/gestion/doublons/{kept.pk}/{absorbed.pk}/"
    page = signed_in().get(address).content.decode()
    for told in ("cotisation valable", "Notes", "4 sur 5"):
        assert told in page
    assert selectors.brought(absorbed, with_opinion=False).opinion is None


@pytest.mark.parametrize("way", ["effacer", "retirer", "opinions"])
def test_a_screen_that_acts_on_a_record_is_a_reading_of_it(way: str) -> None:
    person = PersonFactory(reachable=True)
    ground = Ground.objects.get(person=person)
    path = f"{way}/{ground.pk}/" if way == "retirer" else f"{way}/"
    assert signed_in().get(f"/gestion/droits/{person.pk}/{path}").status_code == 200
    assert Consultation.objects.filter(person=person).count() == 1


@pytest.mark.parametrize("way", ["coordonnees", "roles", "liens", "foyer"])
def test_so_is_each_screen_below_the_record(way: str) -> None:
    person = PersonFactory()
    assert signed_in().get(f"/gestion/personnes/{person.pk}/{way}/").status_code == 200
    assert Consultation.objects.filter(person=person).count() == 1
