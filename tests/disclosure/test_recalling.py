"""Whom no file may hold any more: erased, restricted or objecting before, while or after an export is written."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest

from portevoix.accounts.types import Role, Staff, System
from portevoix.disclosure import tasks
from portevoix.disclosure.exceptions import NotYours
from portevoix.disclosure.models import Export
from portevoix.disclosure.services import exporting
from portevoix.disclosure.types import End, State
from portevoix.journal.models import Entry
from portevoix.kernel import clock
from portevoix.people.models import Person
from portevoix.rights import services as rights
from portevoix.rights.services import answers, requests
from portevoix.rights.services.merging import merge
from portevoix.rights.types import Asked, RequestKind, RequestWay
from tests.accounts.factories import MandateFactory, UserFactory, staff
from tests.disclosure.factories import left, ordered, rows_of, written
from tests.people.factories import PersonFactory, reachable

pytestmark = pytest.mark.django_db
Commits = Callable[..., AbstractContextManager[list[Callable[[], None]]]]


def test_who_is_erased_before_the_file_is_written_is_not_in_it() -> None:
    erased, _other = reachable("partie@mail.example"), reachable("reste@mail.example")
    actor = staff()
    export = ordered(actor)
    rights.erase(erased, actor=actor)
    tasks.write(export.pk)
    assert [row["email"] for row in rows_of(export, actor)] == ["reste@mail.example"]


def test_who_is_erased_while_the_file_is_written_is_not_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "PORTION", 1)
    erased = reachable("partie@mail.example", last_name="Abgrall")
    reachable("reste@mail.example", last_name="Riou")
    actor = staff()
    export = ordered(actor)
    export = exporting.begin_export(export.pk, actor=tasks.ACTOR)
    rows = tasks._rows(export)
    assert "partie@mail.example" in next(rows)
    rights.erase(erased, actor=actor)
    with pytest.raises(tasks.Overtaken):
        list(rows)
    tasks.write(export.pk)
    assert [row["email"] for row in rows_of(export, actor)] == ["reste@mail.example"]


def test_a_file_finished_after_an_erasure_is_not_opened() -> None:
    erased = reachable("partie@mail.example")
    export = exporting.begin_export(ordered(staff()).pk, actor=tasks.ACTOR)
    rights.erase(erased, actor=System("tests"))
    ended = exporting.finish_export(export.pk, recalls=export.recalls, size=1, count=1, actor=tasks.ACTOR)
    assert ended.state == State.WRITING


def test_a_file_that_holds_somebody_erased_is_destroyed(django_capture_on_commit_callbacks: Commits) -> None:
    erased = PersonFactory()
    export, other = written(staff()), written(staff(), people=Person.objects.exclude(pk=erased.pk))
    with django_capture_on_commit_callbacks(execute=True):
        rights.erase(erased, actor=System("tests"))
    export.refresh_from_db()
    assert (export.state, export.end, export.seed) == (State.DESTROYED, End.ERASURE, "")
    assert left() == [f"{other.pk}.zip"]
    assert not export.must_be_recalled  # nobody downloaded it: there is no copy


def test_copies_of_a_file_that_holds_somebody_erased_are_recalled_even_long_after(
    django_capture_on_commit_callbacks: Commits,
) -> None:
    erased = PersonFactory()
    actor = staff()
    export = written(actor)
    rows_of(export, actor)
    with clock.stopped_at(clock.now() + timedelta(days=100)), django_capture_on_commit_callbacks(execute=True):
        tasks.destroy_expired()
        rights.erase(erased, actor=System("tests"))
    export.refresh_from_db()
    assert (export.end, export.must_be_recalled) == (End.EXPIRED, True)
    exporting.confirm_recall(export.pk, actor=actor)
    assert not Export.objects.to_recall().exists()
    assert Entry.objects.get(command="disclosure.confirm_recall").count == 1


def test_reading_all_of_france_lets_nobody_export_it() -> None:
    PersonFactory(in_rennes=True, first_name="Ici")
    PersonFactory(in_brest=True, first_name="Ailleurs")
    user = UserFactory(role=Role.ORGANISER, departement="35")
    MandateFactory(user=user, role=Role.READER)
    with pytest.raises(NotYours):
        ordered(Staff(user), ("first_name", "last_name"))
    organiser = Staff(user).within({Role.ORGANISER})
    assert [row["first_name"] for row in rows_of(written(organiser), organiser)] == ["Ici"]


# Restriction and objection, as erasure


def asked(person: Person, kind: RequestKind) -> None:
    """Have somebody ask for their right at the desk, and get it."""
    said = Asked(kind=kind, way=RequestWay.LETTER, received_on=clock.today())
    answers.answer_request(requests.enter_request(person, said, actor=staff()).pk, actor=staff())


@pytest.mark.parametrize(
    ("kind", "end"), [(RequestKind.RESTRICTION, End.RESTRICTED), (RequestKind.OBJECTION, End.OBJECTED)]
)
def test_a_file_that_holds_whom_no_file_may_hold_as_it_does_is_destroyed_and_its_copies_called_back(
    kind: RequestKind, end: End, django_capture_on_commit_callbacks: Commits
) -> None:
    person, actor = reachable("a@mail.example"), staff()
    export, other = written(actor), written(actor, people=Person.objects.exclude(pk=person.pk))
    exporting.download_export(export.pk, actor=actor)[1].close()
    with django_capture_on_commit_callbacks(execute=True):
        asked(person, kind)
    for one in (export, other):
        one.refresh_from_db()
    assert (export.state, export.end, export.must_be_recalled) == (State.DESTROYED, end, True)
    assert (other.state, left()) == (State.READY, [f"{other.pk}.zip"])


def test_who_is_restricted_while_the_file_is_written_is_not_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "PORTION", 1)
    kept, _other = reachable("gardee@mail.example", last_name="Abgrall"), reachable("b@mail.example", last_name="Riou")
    actor = staff()
    export = exporting.begin_export(ordered(actor).pk, actor=tasks.ACTOR)
    rows = tasks._rows(export)
    assert "gardee@mail.example" in next(rows)
    asked(kept, RequestKind.RESTRICTION)
    with pytest.raises(tasks.Overtaken):
        list(rows)
    tasks.write(export.pk)
    assert [row["email"] for row in rows_of(export, actor)] == ["b@mail.example"]


def test_a_file_begun_before_an_objection_says_what_was_refused() -> None:
    person, actor = reachable("a@mail.example"), staff()
    export = exporting.begin_export(ordered(actor, ("email", "email_opt_in")).pk, actor=tasks.ACTOR)
    asked(person, RequestKind.OBJECTION)
    ended = exporting.finish_export(export.pk, recalls=export.recalls, size=1, count=1, actor=tasks.ACTOR)
    assert ended.state == State.WRITING, "what was written before the objection is not opened"
    tasks.write(export.pk)
    assert [row["email_opt_in"] for row in rows_of(export, actor)] == ["false"]


@pytest.mark.parametrize("is_kept", [True, False])
def test_a_record_that_a_merge_makes_restricted_calls_its_files_back(is_kept: bool) -> None:
    person, restricted = reachable("a@mail.example"), PersonFactory(restricted_at=clock.now())
    export = written(staff())
    kept, absorbed = (person, restricted) if is_kept else (restricted, person)
    merge(kept.pk, absorbed.pk, actor=staff())
    export.refresh_from_db()
    assert (export.state, export.end) == (State.DESTROYED, End.RESTRICTED)


def test_a_consent_taken_back_leaves_files_alone() -> None:
    """They end within days, and the gate asks again before anything leaves; else every unsubscription empties them."""
    person = reachable("a@mail.example")
    export = written(staff())
    asked(person, RequestKind.WITHDRAWAL)
    export.refresh_from_db()
    assert export.state == State.READY
