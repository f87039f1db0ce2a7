"""Acts on many people: whom they touch, what they leave alone, how they are undone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.models import Mandate, User
from portevoix.accounts.types import Role, Staff, System
from portevoix.journal.models import Entry
from portevoix.kernel import clock
from portevoix.people import services as people_services
from portevoix.people import tasks
from portevoix.people.exceptions import Impossible, OutOfSight
from portevoix.people.models import (
    BulkChange,
    BulkPortion,
    BulkRun,
    CustomField,
    Interaction,
    Person,
    PersonRole,
    Relationship,
    Tag,
    Tagging,
)
from portevoix.people.selectors import bulk as selectors
from portevoix.people.services import bulk, editing
from portevoix.people.services.acts import BulkAct
from portevoix.people.types import Kind, RunState
from portevoix.rights.services import erasing, merging
from tests.accounts.factories import UserFactory, staff
from tests.people.acts import advanced, done, prepared, undone
from tests.people.factories import EmailFactory, PersonFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "PORTION", 2)


@pytest.fixture
def tag() -> Tag:
    return Tag.objects.create(name="bénévole")


def add(tag: Tag) -> dict[str, Any]:
    return {"tag": tag, "new": ""}


def carriers(tag: Tag) -> set[int]:
    return set(Tagging.objects.filter(tag=tag).values_list("person", flat=True))


def state_of_everything() -> list[Any]:
    """Return all that acts may change, to compare before and after."""
    return [
        sorted(Tagging.objects.values_list("person", "tag", "source")),
        sorted(PersonRole.objects.values_list("person", "kind", "since", "until"), key=str),
        sorted(Relationship.objects.values_list("person", "kind", "other")),
        sorted(Person.objects.values_list("pk", "language", "other_languages", "custom"), key=str),
    ]


# what each act does, and its contrary


def test_a_tag_is_added_to_those_without_it_and_told_on_their_timelines(tag: Tag, small_portions: None) -> None:
    people = PersonFactory.create_batch(5)
    Tagging.objects.create(person=people[0], tag=tag, source="file.csv")
    actor = staff()
    run = done("add_tag", add(tag), actor)
    assert run.state == RunState.DONE
    assert (run.chosen, run.touched, run.left_out) == (5, 4, {"same": 1})
    assert carriers(tag) == {person.pk for person in people}
    told = Interaction.objects.filter(kind=Kind.TAGGED, about_kind="people.bulkrun", about_id=run.pk)
    assert {event.person_id for event in told} == {person.pk for person in people[1:]}
    assert {event.by for event in told} == {actor.label}
    assert not BulkPortion.objects.exists()


def test_undoing_takes_the_tag_from_those_whom_the_act_gave_it_only(tag: Tag, small_portions: None) -> None:
    before, given, kept = PersonFactory.create_batch(3)
    Tagging.objects.create(person=before, tag=tag, source="file.csv")
    actor = staff()
    run = done("add_tag", add(tag), actor)
    # Somebody takes it away, then gives it again: it is theirs now.
    people_services.tag(kept, [], actor=actor)
    people_services.tag(kept, [tag.name], actor=actor)
    run = undone(run, actor)
    assert (run.state, run.undone, run.kept) == (RunState.UNDONE, 1, 1)
    assert carriers(tag) == {before.pk, kept.pk}
    assert Interaction.objects.filter(person=given, kind=Kind.UNTAGGED, detail__undone=True).count() == 1
    assert not BulkChange.objects.exists()


def everything(key: str, other: Person) -> dict[str, Any]:
    """Return what each act may be told."""
    today = date(2028, 4, 23)
    return {
        "add_tag": {"tag": None, "new": "marché"},
        "remove_tag": {"tag": Tag.objects.get_or_create(name="tract")[0]},
        "give_role": {"role": "volunteer", "since": today},
        "end_role": {"role": "member", "until": today},
        "set_language": {"language": "br"},
        "follow": {"other": "Titouan Corvec"},
        "set_field": {"field": "taille", "value": "38"},
    }[key]


@pytest.mark.parametrize(
    "key", ["add_tag", "remove_tag", "give_role", "end_role", "set_language", "follow", "set_field"]
)
def test_each_act_changes_whom_it_says_and_is_undone_without_a_trace(key: str, small_portions: None) -> None:
    other = PersonFactory(first_name="Titouan", last_name="Corvec")
    CustomField.objects.create(key="taille", label="Taille", kind="number", source="tests")
    tract = Tag.objects.create(name="tract")
    for number, person in enumerate(PersonFactory.create_batch(5, other_languages=["br", "en"])):
        Tagging.objects.create(person=person, tag=tract, source="file.csv")
        for detail in ("Rennes", "Brest")[: 1 + number % 2]:
            PersonRole.objects.create(person=person, kind="member", detail=detail, since=date(2027, 1, 1), source="x")
    Person.objects.filter(pk=other.pk + 1).update(custom={"taille": "grand", "autre": [1]})
    actor, before = staff(), state_of_everything()
    run = done(key, everything(key, other), actor)
    assert run.touched == 6 if key in {"add_tag", "give_role", "set_language", "set_field"} else 5
    assert run.touched + sum(run.left_out.values()) == run.chosen == 6
    assert state_of_everything() != before
    assert Interaction.objects.filter(about_id=run.pk, about_kind="people.bulkrun").count() == run.touched
    again = done(key, everything(key, other), actor)
    assert again.touched == 0, "done again, it finds nothing to do"
    run = undone(run, actor)
    assert (run.undone, run.kept) == (run.touched, 0)
    assert state_of_everything() == before


def test_what_somebody_changed_since_is_not_undone() -> None:
    one, other = PersonFactory.create_batch(2)
    run = done("set_language", {"language": "br"}, actor := staff())
    Person.objects.filter(pk=one.pk).update(language="oc")
    run = undone(run, actor)
    assert (run.undone, run.kept) == (1, 1)
    assert dict(Person.objects.values_list("pk", "language")) == {one.pk: "oc", other.pk: "fr"}


def test_a_field_is_emptied_and_filled_again_by_undoing() -> None:
    CustomField.objects.create(key="2027", label="En 2027", kind="text", source="tests")
    filled = PersonFactory(custom={"2027": "'); DROP TABLE people_person; --", "b": None})
    PersonFactory()
    actor = staff()
    run = done("set_field", {"field": "2027", "value": ""}, actor)
    filled.refresh_from_db()
    assert filled.custom == {"b": None}
    assert (run.touched, run.left_out) == (1, {"same": 1})
    undone(run, actor)
    filled.refresh_from_db()
    assert filled.custom == {"2027": "'); DROP TABLE people_person; --", "b": None}


@pytest.mark.parametrize(
    "value",
    ["'); DELETE FROM people_person; --", '{"$gt": ""}', "<script>alert(1)</script>", "=HYPERLINK(1)", "%s %(x)s"],
)
def test_a_value_is_only_a_value(value: str) -> None:
    CustomField.objects.create(key="note", label="Note", kind="text", source="tests")
    person = PersonFactory()
    done("set_field", {"field": "note", "value": value}, staff())
    person.refresh_from_db()
    assert person.custom == {"note": value}


@pytest.mark.parametrize(
    ("kind", "value"),
    [("number", "grand"), ("day", "demain"), ("yes_no", "peut-être"), ("choice", "C"), ("choices", "A, C")],
)
def test_a_value_that_is_not_of_the_kind_is_refused(kind: str, value: str) -> None:
    CustomField.objects.create(key="champ", label="Champ", kind=kind, choices=["A", "B"], source="tests")
    PersonFactory()
    with pytest.raises(Impossible):
        prepared("set_field", {"field": "champ", "value": value}, staff())
    assert not BulkRun.objects.exists()


@pytest.mark.parametrize(
    ("kind", "value", "stored"),
    [
        ("number", "3,5", 3.5),
        ("day", "23/04/2028", "2028-04-23"),
        ("yes_no", "oui", True),
        ("choices", "A, B", ["A", "B"]),
    ],
)
def test_a_value_is_stored_as_its_kind_is(kind: str, value: str, stored: Any) -> None:
    CustomField.objects.create(key="champ", label="Champ", kind=kind, choices=["A", "B"], source="tests")
    person = PersonFactory()
    done("set_field", {"field": "champ", "value": value}, staff())
    person.refresh_from_db()
    assert person.custom == {"champ": stored}


# whom it is about


def test_nothing_is_done_before_it_is_confirmed(tag: Tag) -> None:
    PersonFactory()
    run = prepared("add_tag", add(tag), staff())
    assert run.state == RunState.DRAFT
    assert not advanced(run).touched
    assert not carriers(tag)


def test_a_preview_counts_who_would_be_left_out_and_why(tag: Tag) -> None:
    people = PersonFactory.create_batch(3)
    Tagging.objects.create(person=people[0], tag=tag, source="x")
    actor = staff()
    run = prepared("add_tag", add(tag), actor)
    reasons = BulkAct.every()["add_tag"].left_out(run.said)
    people[1].delete()
    assert selectors.left_out(run, reasons, actor) == {"same": 1, "out_of_sight": 1}
    assert selectors.sample(run, reasons, actor) == [people[2]]


def test_whose_data_is_restricted_is_left_alone_and_counted(tag: Tag) -> None:
    restricted, other = PersonFactory(restricted_at=clock.now()), PersonFactory()
    actor = staff()
    run = prepared("add_tag", add(tag), actor)
    assert selectors.left_out(run, BulkAct.every()["add_tag"].left_out(run.said), actor) == {"restricted": 1}
    run = done("add_tag", add(tag), actor)
    assert (run.touched, run.left_out) == (1, {"restricted": 1})
    assert (other.taggings.count(), restricted.taggings.count()) == (1, 0)


def test_a_local_lead_touches_their_departement_only(tag: Tag) -> None:
    mine, _theirs, _nowhere = PersonFactory(in_rennes=True), PersonFactory(in_brest=True), PersonFactory()
    run = done("add_tag", add(tag), staff(Role.LOCAL_LEAD, "35"))
    assert (run.chosen, run.touched) == (1, 1)
    assert carriers(tag) == {mine.pk}


def test_whoever_moves_out_of_sight_after_the_preview_is_left_alone(tag: Tag) -> None:
    stays, moves = PersonFactory.create_batch(2, in_rennes=True)
    actor = staff(Role.LOCAL_LEAD, "35")
    run = prepared("add_tag", add(tag), actor)
    Person.objects.filter(pk=moves.pk).update(commune=PersonFactory(in_brest=True).commune)
    run = advanced(bulk.start_act(run, by_worker=False, actor=actor))
    assert carriers(tag) == {stays.pk}
    assert run.left_out == {"out_of_sight": 1}


def test_whoever_comes_after_the_preview_is_not_touched(tag: Tag) -> None:
    PersonFactory()
    run = prepared("add_tag", add(tag), actor := staff())
    late = PersonFactory()
    advanced(bulk.start_act(run, by_worker=False, actor=actor))
    assert late.pk not in carriers(tag)


def test_erased_and_merged_people_are_left_out_and_said_so(tag: Tag, small_portions: None) -> None:
    erased, kept, absorbed, other = PersonFactory.create_batch(4)
    actor = staff()
    run = prepared("add_tag", add(tag), actor)
    erasing.erase(erased, actor=actor)
    merging.merge(kept.pk, absorbed.pk, actor=actor)
    run = advanced(bulk.start_act(run, by_worker=False, actor=actor))
    assert carriers(tag) == {kept.pk, other.pk}
    assert run.left_out == {"out_of_sight": 2}


def test_what_an_act_changed_goes_with_the_person_and_undoing_says_so(tag: Tag) -> None:
    erased, kept, absorbed, other = PersonFactory.create_batch(4)
    actor = staff()
    run = done("add_tag", add(tag), actor)
    erasing.erase(erased, actor=actor)
    merging.merge(kept.pk, absorbed.pk, actor=actor)
    assert set(BulkChange.objects.values_list("person", flat=True)) == {kept.pk, other.pk}
    run = undone(run, actor)
    assert (run.touched, run.undone, run.kept) == (4, 2, 2)


def test_what_an_act_changed_does_not_come_back_after_its_days_with_a_merge_that_is_undone(tag: Tag) -> None:
    kept, absorbed = PersonFactory.create_batch(2)
    actor = staff()
    run = done("add_tag", add(tag), actor)
    assert run.ended_at is not None
    with clock.stopped_at(run.ended_at + timedelta(days=20)):
        merged = merging.merge(kept.pk, absorbed.pk, actor=actor)
    with clock.stopped_at(run.ended_at + timedelta(days=31)):
        bulk.forget_acts(actor=System("tests"))
    with clock.stopped_at(run.ended_at + timedelta(days=40)):
        merging.undo_merge(merged.pk, actor=actor)
    assert not BulkChange.objects.exists()


# rights


@pytest.mark.parametrize("role", [Role.COMMUNICATIONS, Role.TREASURER, Role.READER])
def test_who_may_not_edit_may_not_act_on_many(role: Role, tag: Tag) -> None:
    PersonFactory()
    with pytest.raises(NotAllowed):
        prepared("add_tag", add(tag), staff(role))


def test_an_act_stops_when_the_mandate_of_who_asked_ends_on_the_way(tag: Tag, small_portions: None) -> None:
    PersonFactory.create_batch(5)
    actor = staff()
    run = bulk.start_act(prepared("add_tag", add(tag), actor), by_worker=False, actor=actor)
    steps = tasks.act_steps(run.pk)
    next(steps)
    UserFactory()  # another director
    Mandate.objects.filter(user=actor.ident).delete()
    for run in steps:  # noqa: B007
        pass
    assert (run.state, run.end, run.touched) == (RunState.STOPPED, "no_right", 2)
    assert len(carriers(tag)) == 2


def test_an_act_stops_when_the_mandate_shrinks_to_where_nobody_of_it_is(tag: Tag) -> None:
    PersonFactory.create_batch(2, in_rennes=True)
    actor = staff(Role.ORGANISER)
    run = prepared("add_tag", add(tag), actor)
    Mandate.objects.filter(user=actor.ident).update(departement_code="29")
    run = advanced(bulk.start_act(run, by_worker=False, actor=Staff(User.objects.get(pk=actor.ident))))
    assert (run.touched, run.left_out) == (0, {"out_of_sight": 2})


def test_an_act_is_of_who_asked_and_of_who_answers_for_the_file(tag: Tag) -> None:
    PersonFactory()
    mine = done("add_tag", add(tag), staff(Role.ORGANISER))
    with pytest.raises(OutOfSight):
        undone(mine, staff(Role.ORGANISER))
    assert undone(mine, staff(Role.DATA_OFFICER)).state == RunState.UNDONE


def test_only_who_prepared_an_act_starts_it(tag: Tag) -> None:
    PersonFactory()
    run = prepared("add_tag", add(tag), staff(Role.ORGANISER))
    with pytest.raises(OutOfSight):
        bulk.start_act(run, actor=staff())


def test_a_point_person_who_goes_on_the_way_stops_the_act(small_portions: None) -> None:
    PersonFactory.create_batch(4, last_name="Suivie")
    other = PersonFactory(first_name="Titouan", last_name="Corvec")
    EmailFactory(person=other, address="titouan@exemple.fr")
    people = Person.objects.exclude(pk=other.pk)
    actor = staff()
    run = prepared("follow", {"other": "titouan@exemple.fr"}, actor, people)
    bulk.start_act(run, by_worker=False, actor=actor)
    steps = tasks.act_steps(run.pk)
    next(steps)
    erasing.erase(other, actor=actor)
    for run in steps:  # noqa: B007
        pass
    assert (run.state, run.end, run.touched) == (RunState.STOPPED, "impossible", 2)


def test_a_masked_field_of_the_campaign_is_neither_offered_nor_written() -> None:
    CustomField.objects.create(key="date_de_naissance_2", label="Née le", kind="day", source="tests")
    PersonFactory(in_rennes=True)
    lead = staff(Role.LOCAL_LEAD, "35")
    assert BulkAct.every()["set_field"].fields(lead) == {}
    with pytest.raises(Impossible):
        prepared("set_field", {"field": "date_de_naissance_2", "value": "1990-01-01"}, lead)


# faults


def test_two_acts_on_the_same_people_end_as_one_after_the_other(tag: Tag, small_portions: None) -> None:
    people = PersonFactory.create_batch(5)
    one, two = staff(), staff()
    first = bulk.start_act(prepared("add_tag", add(tag), one), by_worker=False, actor=one)
    second = bulk.start_act(prepared("add_tag", add(tag), two), by_worker=False, actor=two)
    both: list[Iterator[BulkRun]] = [tasks.act_steps(first.pk), tasks.act_steps(second.pk)]
    while both:
        both = [steps for steps in both if next(steps, None) is not None]
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.touched + second.touched == 5
    assert len(carriers(tag)) == 5
    assert Interaction.objects.filter(kind=Kind.TAGGED, person__in=people).count() == 5
    # What the first gave is the first's to take back.
    undone(first, one)
    assert len(carriers(tag)) == second.touched


def test_a_cancelled_act_keeps_what_it_did_until_it_is_undone(tag: Tag, small_portions: None) -> None:
    PersonFactory.create_batch(5)
    actor = staff()
    run = bulk.start_act(prepared("add_tag", add(tag), actor), by_worker=False, actor=actor)
    steps = tasks.act_steps(run.pk)
    next(steps)
    bulk.cancel_act(run, actor=actor)
    assert list(steps)[-1].state == RunState.CANCELLED
    run.refresh_from_db()
    assert (run.end, run.touched, len(carriers(tag))) == ("by_hand", 2, 2)
    assert undone(run, actor).undone == 2
    assert not carriers(tag)


def test_an_act_that_nobody_confirmed_goes_without_a_trace(tag: Tag) -> None:
    PersonFactory()
    actor = staff()
    bulk.cancel_act(prepared("add_tag", add(tag), actor), actor=actor)
    assert not BulkRun.objects.exists()
    old = prepared("add_tag", add(tag), actor)
    BulkRun.objects.filter(pk=old.pk).update(created_at=clock.now() - timedelta(days=2))
    tasks.forget_acts_every_night()
    assert not BulkRun.objects.exists()


def test_after_thirty_days_what_was_changed_and_told_is_forgotten(tag: Tag) -> None:
    PersonFactory()
    actor = staff()
    run = done("add_tag", add(tag), actor)
    with clock.stopped_at(clock.now() + timedelta(days=31)):
        assert not BulkRun.objects.get(pk=run.pk).is_undoable
        with pytest.raises(Impossible):
            undone(run, actor)
        assert bulk.forget_acts(actor=System("tests")) == 1
    run.refresh_from_db()
    assert (run.said, run.touched, BulkChange.objects.count()) == ({}, 1, 0)


def test_an_act_of_a_room_that_is_gone_stops(tag: Tag) -> None:
    PersonFactory()
    actor = staff()
    run = bulk.start_act(prepared("add_tag", add(tag), actor), by_worker=False, actor=actor)
    BulkRun.objects.filter(pk=run.pk).update(act="of_a_room_that_is_gone")
    assert advanced(run).end == "impossible"


def test_a_portion_costs_the_same_number_of_queries_whatever_its_size(tag: Tag) -> None:
    actor = staff()

    def cost(number: int) -> int:
        PersonFactory.create_batch(number)
        run = bulk.start_act(prepared("set_language", {"language": "br"}, actor), by_worker=False, actor=actor)
        with CaptureQueriesContext(connection) as queries:
            bulk.carry_out(run, BulkAct.every()["set_language"], actor=actor)
        return len(queries)

    few = cost(3)
    assert cost(30) == few


def test_the_journal_says_who_did_how_much_and_nothing_of_anybody(tag: Tag) -> None:
    PersonFactory(last_name="Introuvable")
    actor = staff()
    CustomField.objects.create(key="note", label="Note", kind="text", source="tests")
    done("set_field", {"field": "note", "value": "un secret"}, actor)
    lines = Entry.objects.filter(command__startswith="people.")
    assert {line.command for line in lines} >= {"people.prepare_act", "people.start_act", "people.carry_out"}
    assert "secret" not in str(list(lines.values()))
    assert "Introuvable" not in str(list(lines.values()))


def test_what_an_act_changed_is_told_to_the_person_who_asks(tag: Tag) -> None:
    person = PersonFactory()
    done("set_language", {"language": "br"}, staff())
    from portevoix.rights.types import HANDLERS

    (handler,) = (one for _name, one in HANDLERS.items() if one.model is BulkChange)
    (row,) = handler.export(person.pk)
    assert row["run__act"] == "set_language"
    assert row["before"] == {"language": "fr", "others": []}


def test_an_edit_between_two_portions_stands(small_portions: None) -> None:
    people = PersonFactory.create_batch(4)
    actor = staff()
    run = bulk.start_act(prepared("set_language", {"language": "br"}, actor), by_worker=False, actor=actor)
    steps = tasks.act_steps(run.pk)
    next(steps)
    identity = editing.identity_of(people[0])
    people[0].refresh_from_db()
    editing.edit(people[0], identity, seen=editing.identity_of(people[0]), actor=actor)
    list(steps)
    people[0].refresh_from_db()
    assert people[0].language == "fr"
