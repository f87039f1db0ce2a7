"""Merging takes a whole record along, and parting gives it back: contacts, roles, ties, opinions, the ledger."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from portevoix.accounts.types import System
from portevoix.kernel import clock
from portevoix.people.models import (
    Attachment,
    EmailAddress,
    Note,
    Person,
    PersonRole,
    PhoneNumber,
    PostalAddress,
    Relationship,
    Tag,
    Tagging,
)
from portevoix.people.types import ContactStatus, RelationKind, RoleKind
from portevoix.rights import services
from portevoix.rights.models import Ground, LedgerEntry, Merge, Opinion, Suppression
from portevoix.rights.purposes import Act, Channel, Purpose
from portevoix.rights.services import keeping, merging
from portevoix.rights.types import as_rows
from portevoix.segments.models import Snapshot, SnapshotMember
from tests.delivery.factories import withdraw
from tests.people.factories import EmailFactory, GroundFactory, PersonFactory, PhoneFactory
from tests.segments.factories import SegmentFactory

pytestmark = pytest.mark.django_db
ACTOR = System("tests")
RECORD = (
    *(EmailAddress, PhoneNumber, PostalAddress, PersonRole, Relationship, Note, Attachment, Tagging),
    SnapshotMember,
)


def merge(kept: Person, absorbed: Person) -> Merge:
    return merging.merge(kept.pk, absorbed.pk, actor=ACTOR)


def undo(done: Merge) -> Person:
    return merging.undo_merge(done.pk, actor=ACTOR)


def record() -> dict[str, Any]:
    return {model.__name__: as_rows(model._default_manager.all()) for model in RECORD}


def address(person: Person, line1: str, **known: Any) -> PostalAddress:
    return PostalAddress.objects.create(person=person, line1=line1, postcode="35000", source="tests", **known)


def tie(person: Person, other: Person, kind: str = RelationKind.KNOWS) -> Relationship:
    return Relationship.objects.create(person=person, other=other, kind=kind, source="tests")


def role(person: Person, kind: str, **known: Any) -> PersonRole:
    return PersonRole.objects.create(person=person, kind=kind, source="tests", **known)


def of_opinion(person: Person) -> Ground:
    return GroundFactory(person=person, purpose=Purpose.OPINION, channel=Channel.RECORD)


def opinion(person: Person, level: int, ground: Ground | None = None) -> Opinion:
    return Opinion.objects.create(
        person=person, ground=ground or of_opinion(person), support_level=level, source="tests"
    )


def levels() -> dict[int, int | None]:
    return dict(Opinion.objects.values_list("person", "support_level"))


def check_the_ledger() -> None:
    """Assert that nothing in the ledger is broken, and that every ground is what it says."""
    assert keeping.verify(actor=ACTOR).broken is None
    assert keeping.rebuild(dry_run=True, actor=ACTOR).total == 0


def pair() -> tuple[Person, Person]:
    """Return two records that hold much of the same, and things of their own."""
    kept, absorbed, friend = PersonFactory(), PersonFactory(), PersonFactory()
    for person in (kept, absorbed):
        EmailFactory(person=person)
        PhoneFactory(person=person, number="+33600000001", is_primary=True)
        role(person, RoleKind.ACTIVIST)
        tie(person, friend)
        tie(friend, person, RelationKind.RECRUITED_BY)
        Note.objects.create(person=person, text="A word.", source="tests")
        Attachment.objects.create(person=person, name="a.pdf", file=f"{person.pk}/a", size=1, source="tests")
    address(kept, "3 rue du Puits", is_primary=True)
    address(absorbed, "3 rue du Puits", status=ContactStatus.REFUSED)
    address(absorbed, "5 rue du Puits", is_primary=True)
    role(kept, RoleKind.MEMBER, since=date(2024, 1, 1), dues_until=date(2025, 1, 1))
    role(absorbed, RoleKind.MEMBER, since=date(2024, 1, 1), dues_until=date(2026, 1, 1))
    tie(kept, absorbed, RelationKind.FAMILY)
    snapshot = Snapshot.objects.create(segment=SegmentFactory(), name="All", tree={}, taken_at=clock.now())
    for person in (kept, absorbed):
        SnapshotMember.objects.create(snapshot=snapshot, person=person)
    return kept, absorbed


def test_a_merged_record_has_everything_once_and_one_main_contact_of_each_kind() -> None:
    kept, absorbed = pair()
    merge(kept, absorbed)
    assert kept.emails.count() == 2
    for points in (kept.emails, kept.phones, kept.addresses):
        assert points.filter(is_primary=True).count() == 1
    assert set(kept.addresses.values_list("line1", "status", "is_primary")) == {
        ("3 rue du Puits", ContactStatus.REFUSED, True),
        ("5 rue du Puits", ContactStatus.UNVERIFIED, False),
    }
    assert set(kept.roles.values_list("kind", "dues_until")) == {
        (RoleKind.ACTIVIST, None),
        (RoleKind.MEMBER, date(2026, 1, 1)),
    }
    assert sorted(Relationship.objects.values_list("kind", flat=True)) == [
        RelationKind.KNOWS,
        RelationKind.RECRUITED_BY,
    ]
    assert (kept.notes.count(), kept.attachments.count(), SnapshotMember.objects.count()) == (2, 2, 1)


def test_an_undone_merge_gives_each_record_back_to_the_letter() -> None:
    kept, absorbed = pair()
    before = record()
    done = merge(kept, absorbed)
    assert record() != before
    undo(done)
    assert record() == before


def test_a_main_contact_chosen_since_the_merge_stays_the_main_one() -> None:
    kept, absorbed = PersonFactory(with_email=True), PersonFactory(with_email=True)
    second = EmailFactory(person=absorbed, is_primary=False)
    done = merge(kept, absorbed)
    kept.emails.update(is_primary=False)
    EmailAddress.objects.filter(pk=second.pk).update(is_primary=True)
    restored = undo(done)
    assert restored.emails.get(is_primary=True) == second


def test_what_leads_to_something_removed_since_does_not_come_back() -> None:
    kept, absorbed, friend = PersonFactory.create_batch(3)
    tag = Tag.objects.create(name="local")
    for person in (kept, absorbed):
        tie(person, friend)
        Tagging.objects.create(person=person, tag=tag, source="tests")
    done = merge(kept, absorbed)
    services.erase(friend, actor=ACTOR)
    tag.delete()
    undo(done)
    assert not Relationship.objects.exists()
    assert not Tagging.objects.exists()


def test_an_opinion_moves_with_its_ground_and_comes_back_with_it() -> None:
    kept, absorbed = PersonFactory.create_batch(2)
    opinion(absorbed, 4)
    done = merge(kept, absorbed)
    assert levels() == {kept.pk: 4}
    undo(done)
    assert levels() == {absorbed.pk: 4}
    check_the_ledger()


@pytest.mark.parametrize("is_kept_refusing", [True, False])
def test_a_refusal_on_either_record_takes_the_opinion_of_the_other_away(is_kept_refusing: bool) -> None:
    agreeing, refusing = PersonFactory.create_batch(2)
    opinion(agreeing, 4)
    of_opinion(refusing)
    Ground.objects.filter(person=refusing).update(withdrawn_at=clock.now())
    done = merge(*((refusing, agreeing) if is_kept_refusing else (agreeing, refusing)))
    assert (levels(), Ground.objects.live().exists()) == ({}, False)
    undo(done)
    assert levels() == {agreeing.pk: 4}
    assert Opinion.objects.get().ground.is_live
    check_the_ledger()


def test_of_two_opinions_the_newer_stays_and_both_come_back() -> None:
    kept, absorbed = PersonFactory.create_batch(2)
    opinion(kept, 2)
    opinion(absorbed, 4)
    done = merge(kept, absorbed)
    assert levels() == {kept.pk: 4}
    undo(done)
    assert levels() == {kept.pk: 2, absorbed.pk: 4}


def test_an_opinion_goes_over_to_the_ground_of_the_record_that_has_none() -> None:
    kept, absorbed = PersonFactory.create_batch(2)
    ground = of_opinion(kept)
    opinion(absorbed, 4)
    done = merge(kept, absorbed)
    assert Opinion.objects.get().ground == ground
    Opinion.objects.update(support_level=5)
    undo(done)
    assert levels() == {absorbed.pk: 5}
    assert Opinion.objects.get().ground.is_live


def test_an_opinion_whose_ground_was_withdrawn_since_does_not_come_back() -> None:
    kept, absorbed = PersonFactory.create_batch(2)
    opinion(kept, 2)
    opinion(absorbed, 4)
    done = merge(kept, absorbed)
    Ground.objects.live().update(withdrawn_at=clock.now())
    undo(done)
    assert levels() == {}


def test_the_ledger_is_whole_and_true_after_a_merge() -> None:
    kept, absorbed = PersonFactory(reachable=True), PersonFactory(reachable=True)
    GroundFactory(person=absorbed, purpose=Purpose.CALLS, channel=Channel.PHONE)
    of_opinion(kept)
    of_opinion(absorbed)
    Ground.objects.filter(person=absorbed, purpose=Purpose.OPINION).update(withdrawn_at=clock.now())
    merge(kept, absorbed)
    said = LedgerEntry.objects.filter(person_ref=kept.ref).values_list("act", flat=True)
    assert {Act.WITHDRAWN, Act.MOVED} <= set(said)
    check_the_ledger()
    before = as_rows(Ground.objects.all())
    keeping.rebuild(dry_run=False, actor=ACTOR)
    assert as_rows(Ground.objects.all()) == before


def test_the_ledger_is_whole_and_true_after_a_merge_was_undone() -> None:
    kept, absorbed = PersonFactory(reachable=True), PersonFactory(reachable=True)
    withdraw(kept)
    GroundFactory(person=absorbed, purpose=Purpose.CALLS, channel=Channel.PHONE)
    undo(merge(kept, absorbed))
    check_the_ledger()
    before = as_rows(Ground.objects.all())
    keeping.rebuild(dry_run=False, actor=ACTOR)
    assert as_rows(Ground.objects.all()) == before
    purposes = Ground.objects.live().filter(person=absorbed).values_list("purpose", flat=True)
    assert set(purposes) == {Purpose.NEWSLETTER, Purpose.CALLS}


def test_erasing_keeps_files_from_bringing_back_the_absorbed_record_too() -> None:
    kept, absorbed = PersonFactory(external_ref="nb-1"), PersonFactory(external_ref="nb-2")
    merge(kept, absorbed)
    services.erase(kept, actor=ACTOR)
    assert Suppression.objects.count() == 2
