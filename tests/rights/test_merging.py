"""Two records become one without losing anything, and may be parted again for thirty days."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from portevoix.accounts.types import Role, System
from portevoix.delivery import dispatch
from portevoix.delivery.models import Message, State
from portevoix.delivery.transports.memory import MemoryTransport
from portevoix.journal.models import Entry
from portevoix.kernel import clock
from portevoix.people import interactions
from portevoix.people.exceptions import OutOfSight
from portevoix.people.models import (
    Alias,
    Candidate,
    EmailAddress,
    Interaction,
    Person,
    PhoneNumber,
    Tag,
    Tagging,
)
from portevoix.people.services.duplicates import tell_apart
from portevoix.people.types import Kind
from portevoix.rights import links, services, tasks
from portevoix.rights.exceptions import AlreadyMerged, MailUnderWay, NotUndoable
from portevoix.rights.models import Ground, Merge
from portevoix.rights.purposes import Basis, Purpose
from portevoix.rights.services import merging
from portevoix.rights.types import as_rows
from tests.accounts.factories import staff
from tests.delivery.factories import queue, withdraw
from tests.people.factories import GroundFactory, PersonFactory, PhoneFactory

pytestmark = pytest.mark.django_db
TABLES = (Person, EmailAddress, PhoneNumber, Tagging, Ground, Candidate, Alias)


@pytest.fixture(autouse=True)
def own_spool(settings: Any, tmp_path: Any) -> None:
    settings.DATA_DIR = tmp_path


def send() -> None:
    dispatch.run(MemoryTransport, connections=1)


def merge(kept: Person, absorbed: Person, **how: Any) -> Merge:
    return merging.merge(kept.pk, absorbed.pk, **({"actor": staff()} | how))


def everything() -> dict[str, Any]:
    return {model.__name__: as_rows(model.objects.all()) for model in TABLES}


def tagged(person: Person, *names: str) -> Person:
    for name in names:
        tag, _made = Tag.objects.get_or_create(name=name)
        Tagging.objects.create(person=person, tag=tag, source="tests")
    return person


def live(person: Person) -> set[str]:
    return set(Ground.objects.live().filter(person=person).values_list("purpose", flat=True))


def rich_pair() -> tuple[Person, Person]:
    """Return two records that share a telephone and a tag, and have things of their own."""
    kept = tagged(PersonFactory(reachable=True, external_ref="nb-1", custom={"a": 1}), "local", "new")
    absorbed = tagged(
        PersonFactory(with_email=True, external_ref="nb-2", custom={"a": 2, "b": 3}, born_on=date(1978, 4, 3)),
        "local",
        "old",
    )
    PhoneFactory(person=kept, number="+33600000001", status="verified")
    PhoneFactory(person=absorbed, number="+33600000001", status="refused")
    PhoneFactory(person=absorbed, number="+33600000002")
    GroundFactory(person=absorbed, purpose=Purpose.CALLS, channel="phone")
    interactions.record(kept, Kind.SIGNED_UP)
    interactions.record(absorbed, Kind.CONFIRMED)
    return kept, absorbed


def test_a_merge_keeps_everything_from_both() -> None:
    kept, absorbed = rich_pair()
    merge(kept, absorbed)
    person = Person.objects.get()
    assert person.pk == kept.pk
    assert person.emails.count() == 2
    assert person.emails.filter(is_primary=True).get().person_id == kept.pk
    assert set(person.phones.values_list("number", "status")) == {
        ("+33600000001", "refused"),
        ("+33600000002", "unverified"),
    }
    assert {tagging.tag.name for tagging in person.taggings.all()} == {"local", "new", "old"}
    assert live(person) == {Purpose.NEWSLETTER, Purpose.CALLS}
    kinds = set(person.interactions.values_list("kind", flat=True))
    assert kinds == {Kind.SIGNED_UP, Kind.CONFIRMED, Kind.MERGED}
    assert (person.custom, person.born_on) == ({"a": 1, "b": 3}, date(1978, 4, 3))


def test_values_are_chosen_field_by_field() -> None:
    kept = PersonFactory(first_name="Maëlle", last_name="LE GOFF", occupation="médecin", custom={"a": 1})
    absorbed = PersonFactory(first_name="M.", last_name="Le Goff", occupation="", custom={"a": 2})
    merge(kept, absorbed, chosen={"first_name": False, "last_name": True, "occupation": True, "custom:a": True})
    person = Person.objects.get()
    assert (person.first_name, person.last_name, person.occupation, person.custom) == (
        "Maëlle",
        "Le Goff",
        "",
        {"a": 2},
    )
    assert person.sort_key == "le goff maelle"


def test_left_to_the_rules_the_fuller_value_stays() -> None:
    kept = PersonFactory(first_name="MAELLE", last_name="LE GOFF")
    merge(kept, PersonFactory(first_name="Maëlle", last_name="Le Goff"))
    assert str(Person.objects.get()) == "Maëlle Le Goff"


@pytest.mark.parametrize("is_kept_refusing", [True, False])
def test_a_withdrawal_on_either_record_beats_the_consent_of_the_other(is_kept_refusing: bool) -> None:
    agreeing, refusing = PersonFactory(reachable=True), PersonFactory(reachable=True)
    withdraw(refusing)
    kept, absorbed = (refusing, agreeing) if is_kept_refusing else (agreeing, refusing)
    GroundFactory(person=absorbed, purpose=Purpose.CALLS, channel="phone")
    merge(kept, absorbed)
    assert live(kept) == {Purpose.CALLS}


def test_what_a_rule_ended_on_one_record_is_no_refusal_of_the_other() -> None:
    kept, absorbed = PersonFactory(reachable=True), PersonFactory(reachable=True)
    Ground.objects.filter(person=absorbed).update(withdrawn_at=clock.now(), withdrawal={"retention": 36})
    merge(kept, absorbed)
    assert live(kept) == {Purpose.NEWSLETTER}


def test_what_a_former_merge_ended_because_it_was_held_twice_is_no_refusal() -> None:
    kept, twin, other = (PersonFactory(reachable=True) for _each in range(3))
    merge(kept, twin)
    Ground.objects.live().filter(person=kept).update(withdrawn_at=clock.now(), withdrawal={"retention": 36})
    merge(kept, other)
    assert live(kept) == {Purpose.NEWSLETTER}


def test_two_consents_for_one_purpose_leave_one_in_force() -> None:
    kept, absorbed = PersonFactory(reachable=True), PersonFactory(reachable=True)
    merge(kept, absorbed)
    assert Ground.objects.live().get().person_id == kept.pk
    assert Ground.objects.filter(person=kept).count() == 2


def test_whoever_withdrew_and_agreed_again_has_agreed() -> None:
    kept, absorbed = PersonFactory(reachable=True), PersonFactory(reachable=True)
    withdraw(absorbed)
    GroundFactory(person=absorbed)
    merge(kept, absorbed)
    assert live(kept) == {Purpose.NEWSLETTER}


def test_an_undone_merge_leaves_both_as_they_were() -> None:
    kept, absorbed = rich_pair()
    withdraw(absorbed)
    before = everything()
    done = merge(kept, absorbed)
    assert everything() != before
    restored = merging.undo_merge(done.pk, actor=staff())
    after = everything()
    for rows in (before, after):
        for person in rows["Person"]:
            person.pop("updated_at")
        rows["Ground"] = []  # told below: a ground that ended is given again by another one
        rows["Candidate"] = []
    assert after == before
    assert (live(kept), live(restored)) == ({Purpose.NEWSLETTER}, {Purpose.CALLS})
    assert restored.interactions.filter(kind=Kind.CONFIRMED).exists()
    assert not kept.interactions.filter(kind=Kind.CONFIRMED).exists()
    assert Candidate.objects.get().told_apart_at


def test_a_consent_that_only_the_merge_ended_is_given_again_when_it_is_undone() -> None:
    agreeing, refusing = PersonFactory(reachable=True), PersonFactory(reachable=True)
    withdraw(refusing)
    done = merge(refusing, agreeing)
    assert live(refusing) == set()
    restored = merging.undo_merge(done.pk, actor=staff())
    assert (live(restored), live(refusing)) == ({Purpose.NEWSLETTER}, set())


def test_what_was_withdrawn_after_the_merge_stays_withdrawn_for_both() -> None:
    kept, absorbed = PersonFactory(reachable=True), PersonFactory(reachable=True)
    done = merge(kept, absorbed)
    withdraw(kept)
    restored = merging.undo_merge(done.pk, actor=staff())
    assert (live(kept), live(restored)) == (set(), set())
    agreeing = PersonFactory(reachable=True)
    merge(agreeing, restored)
    assert live(agreeing) == set(), "a refusal still beats the consent of another record"


def test_who_agreed_and_withdrew_after_a_merge_gets_nothing_back_when_it_is_undone() -> None:
    agreeing, refusing = PersonFactory(reachable=True), PersonFactory(reachable=True)
    withdraw(refusing)
    done = merge(refusing, agreeing)
    why: dict[str, Any] = {"evidence": {}, "source": "tests", "actor": System("tests")}
    services.give(refusing, Purpose.NEWSLETTER, basis=Basis.CONSENT, **why)
    withdraw(refusing)
    restored = merging.undo_merge(done.pk, actor=staff())
    assert (live(restored), live(refusing)) == (set(), set())


def test_what_was_edited_after_the_merge_is_not_overwritten_by_undoing() -> None:
    kept = PersonFactory(first_name="MAELLE", occupation="")
    done = merge(kept, PersonFactory(first_name="Maëlle", occupation="médecin"))
    Person.objects.filter(pk=kept.pk).update(occupation="chirurgienne")
    merging.undo_merge(done.pk, actor=staff())
    kept.refresh_from_db()
    assert (kept.first_name, kept.occupation) == ("MAELLE", "chirurgienne")


def test_a_merge_is_undone_once_in_order_and_within_thirty_days() -> None:
    kept, second, third = PersonFactory.create_batch(3)
    first_merge, later_merge = merge(kept, second), merge(kept, third)
    with pytest.raises(NotUndoable):
        merging.undo_merge(first_merge.pk, actor=staff())
    with clock.stopped_at(later_merge.at + timedelta(days=29, hours=23)):
        merging.undo_merge(later_merge.pk, actor=staff())
    with pytest.raises(NotUndoable):
        merging.undo_merge(later_merge.pk, actor=staff())
    with clock.stopped_at(first_merge.at + timedelta(days=30)), pytest.raises(NotUndoable):
        merging.undo_merge(first_merge.pk, actor=staff())


def test_merges_of_merges_are_undone_one_by_one() -> None:
    one, two, three = (PersonFactory(reachable=True) for _each in range(3))
    inner = merge(two, one)
    outer = merge(three, two)
    assert Person.objects.get().emails.count() == 3
    merging.undo_merge(outer.pk, actor=staff())
    merging.undo_merge(inner.pk, actor=staff())
    assert [person.emails.count() for person in Person.objects.all()] == [1, 1, 1]


def test_after_thirty_days_what_undoing_takes_is_destroyed() -> None:
    done = merge(*PersonFactory.create_batch(2))
    with clock.stopped_at(done.at + timedelta(days=29)):
        tasks.forget_merges()
    done.refresh_from_db()
    assert done.snapshot
    with clock.stopped_at(done.at + timedelta(days=30)):
        tasks.forget_merges()
    done.refresh_from_db()
    assert done.snapshot is None


def test_erasing_the_kept_person_erases_the_snapshot_too() -> None:
    kept = PersonFactory()
    merge(kept, PersonFactory(first_name="Introuvable"))
    services.erase(kept, actor=staff())
    for model in (Merge, Alias, Person, Interaction):
        assert not model.objects.exists(), model


def test_links_and_files_still_find_a_person_by_the_name_of_the_absorbed_record() -> None:
    kept, absorbed = PersonFactory(external_ref="nb-1"), PersonFactory(external_ref="nb-2")
    token = links.preferences_token(absorbed.ref)
    merge(kept, absorbed)
    assert links.person_of(token) == kept
    assert kept.aliases.get().external_ref == "nb-2"


def test_merging_twice_merging_with_oneself_and_out_of_sight_have_clear_outcomes() -> None:
    kept, absorbed = PersonFactory(in_rennes=True), PersonFactory(in_brest=True)
    with pytest.raises(ValidationError):
        merge(kept, kept)
    with pytest.raises(OutOfSight):
        merge(kept, absorbed, actor=staff(Role.LOCAL_LEAD, "35"))
    merge(kept, absorbed)
    with pytest.raises(AlreadyMerged):
        merge(kept, absorbed)


def test_the_journal_tells_of_a_merge_and_names_nobody() -> None:
    merge(PersonFactory(first_name="Introuvable"), PersonFactory(last_name="Introuvable"))
    entry = Entry.objects.get(command="rights.merge")
    assert entry.detail["automatic"] is False
    assert "Introuvable" not in str(vars(entry))


def test_whom_the_absorbed_record_was_told_apart_from_the_kept_one_is_too() -> None:
    kept, absorbed, other = PersonFactory.create_batch(3)
    tell_apart(absorbed, other, actor=staff())
    done = merge(kept, absorbed)
    assert Candidate.objects.between(kept.pk, other.pk).get().told_apart_at
    merging.undo_merge(done.pk, actor=staff())
    assert Candidate.objects.between(absorbed.pk, other.pk).get().told_apart_at


def test_in_a_merge_during_a_mailing_nobody_is_written_to_twice() -> None:
    kept, absorbed, other = (PersonFactory(reachable=True) for _each in range(3))
    batch = queue()
    merge(kept, absorbed)
    send()
    sent = Message.objects.filter(batch=batch, state=State.SENT).values_list("person", flat=True)
    assert sorted(sent) == sorted([kept.pk, other.pk])
    assert Message.objects.filter(batch=batch, person=kept).count() == 2


def test_whoever_was_written_to_under_one_name_is_not_under_the_other() -> None:
    kept, absorbed = PersonFactory(reachable=True), PersonFactory(reachable=True)
    batch = queue()
    Message.objects.filter(person=absorbed).update(state=State.SENT)
    merge(kept, absorbed)
    send()
    assert Message.objects.filter(batch=batch, state=State.SENT).count() == 1


def test_what_waits_for_somebody_who_refused_under_another_name_never_leaves() -> None:
    refusing, agreeing = PersonFactory(reachable=True), PersonFactory(reachable=True)
    withdraw(refusing)
    batch = queue()
    done = merge(refusing, agreeing)
    send()
    assert set(Message.objects.filter(batch=batch).values_list("state", flat=True)) == {State.SUPPRESSED}
    merging.undo_merge(done.pk, actor=staff())
    assert Message.objects.get().person_id == agreeing.pk


def test_a_message_queued_before_its_reader_withdrew_does_not_stop_a_merge() -> None:
    kept, absorbed = PersonFactory(reachable=True), PersonFactory(reachable=True)
    queue()
    withdraw(absorbed)
    withdraw(kept)
    merge(kept, absorbed)
    assert set(Message.objects.values_list("state", "person")) == {(State.SUPPRESSED, kept.pk)}


def test_a_message_that_leaves_this_very_second_makes_a_forbidding_merge_wait() -> None:
    refusing, agreeing = PersonFactory(reachable=True), PersonFactory(reachable=True)
    withdraw(refusing)
    queue()
    Message.objects.update(state=State.SENDING)
    with pytest.raises(MailUnderWay):
        merge(refusing, agreeing)
    assert Person.objects.count() == 2


def test_pairs_merge_by_themselves_only_from_the_likeness_that_the_campaign_set() -> None:
    likely, doubtful = PersonFactory.create_batch(2), PersonFactory.create_batch(2)
    for pair, score in ((likely, 98), (doubtful, 94)):
        Candidate.objects.create(first=pair[0], second=pair[1], score=score, reasons=[])
    tasks.merge_alike()
    assert Person.objects.count() == 4
    merging.set_merging_threshold(95, actor=staff())
    tasks.merge_alike()
    assert Person.objects.count() == 3
    done = Merge.objects.get()
    assert (done.is_automatic, done.kept_id) == (True, likely[0].pk)
    assert Entry.objects.filter(command="rights.merge", actor_kind="system").count() == 1
    merging.undo_merge(done.pk, actor=staff())
    tasks.merge_alike()
    assert Person.objects.count() == 4, "what somebody undid is not done again"


def test_no_machine_merges_data_that_are_only_kept() -> None:
    pair = PersonFactory.create_batch(2)
    Candidate.objects.create(first=pair[0], second=pair[1], score=99, reasons=[])
    merging.set_merging_threshold(95, actor=staff())
    Person.objects.filter(pk=pair[1].pk).update(restricted_at=clock.now())
    tasks.merge_alike()
    assert Person.objects.count() == 2
    Person.objects.update(restricted_at=None)
    tasks.merge_alike()
    assert Person.objects.count() == 1


def test_no_machine_merges_what_is_merely_likely() -> None:
    with pytest.raises(ValidationError):
        merging.set_merging_threshold(60, actor=staff())
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO rights_mergingrule (id, threshold) VALUES (1, 60)")


@pytest.mark.django_db(transaction=True)
def test_of_two_who_merge_one_pair_at_once_one_does_and_the_other_is_told() -> None:
    pair = PersonFactory.create_batch(2)
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def act(kept: Person, absorbed: Person) -> None:
        start.wait()
        try:
            merge(kept, absorbed, actor=System("tests"))
            outcomes.append("merged")
        except AlreadyMerged:
            outcomes.append("told")
        finally:
            connection.close()

    hands = [threading.Thread(target=act, args=order) for order in (pair, pair[::-1])]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert sorted(outcomes) == ["merged", "told"]
    assert Person.objects.count() == 1
