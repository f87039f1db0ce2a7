"""An export: ordered for a reason, written by the worker, encrypted, downloaded by one person, destroyed in time."""

from __future__ import annotations

import io
import resource
import stat
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import pyzipper
from django.conf import settings
from django.db import IntegrityError, connection, transaction

from portevoix.accounts.commands import acting
from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.models import User
from portevoix.accounts.rules import MASKS
from portevoix.accounts.types import Fact, Role, Staff, System
from portevoix.disclosure import tasks
from portevoix.disclosure.exceptions import AlreadyShown, NoFile, NotYours, SomebodyIsAtIt, UnknownField
from portevoix.disclosure.forms import ExportForm
from portevoix.disclosure.models import Export, Portion
from portevoix.disclosure.selectors import ALL_FIELDS
from portevoix.disclosure.services import exporting
from portevoix.disclosure.types import End, State
from portevoix.disclosure.writers import package
from portevoix.journal.models import Entry
from portevoix.kernel import clock
from portevoix.people.models import Interaction, Person, Tag, Tagging
from portevoix.people.types import Kind
from portevoix.rights import gate
from portevoix.rights.exceptions import Masked, NotFromTheGate
from tests.accounts.factories import UserFactory, holding, staff
from tests.disclosure.factories import FIELDS, left, ordered, rows_of, written
from tests.people.factories import PersonFactory, PhoneFactory, reachable

pytestmark = pytest.mark.django_db
Commits = Callable[..., AbstractContextManager[list[Callable[[], None]]]]


# What is in the file


def test_the_file_holds_the_asked_fields_in_order() -> None:
    reachable("maelle@mail.example", first_name="Maëlle", last_name="Le Bihan")
    actor = staff()
    assert rows_of(written(actor), actor) == [
        {"first_name": "Maëlle", "last_name": "Le Bihan", "email": "maelle@mail.example"}
    ]


def test_every_field_can_be_exported() -> None:
    person = reachable("maelle@mail.example", in_rennes=True, born_on="1990-02-03")
    PhoneFactory(person=person, number="+33639981234")
    for name in ("tracts", "bénévole"):
        Tagging.objects.create(person=person, tag=Tag.objects.create(name=name), source="tests")
    actor = staff()
    [row] = rows_of(written(actor, ALL_FIELDS), actor)
    assert tuple(row) == ALL_FIELDS
    assert (row["mobile_number"], row["primary_city"], row["born_at"]) == ("+33639981234", "Rennes", "1990-02-03")
    assert row["tag_list"] == "bénévole, tracts"
    assert (row["email_opt_in"], row["mobile_opt_in"]) == ("true", "false")


def test_a_field_that_was_not_asked_for_is_nowhere_in_the_file() -> None:
    PhoneFactory(person=reachable("maelle@mail.example"), number="+33639981234")
    actor = staff()
    [row] = rows_of(written(actor), actor)
    assert set(row) == set(FIELDS)
    assert "+33639981234" not in row.values()


def test_people_are_in_alphabetical_order_over_all_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "PORTION", 2)
    for name in ("Riou", "Abgrall", "Éon", "Kervella", "Le Gall"):
        PersonFactory(last_name=name)
    actor = staff()
    export = ordered(actor)
    assert Portion.objects.filter(export=export).count() == 3
    tasks.write(export.pk)
    assert [row["last_name"] for row in rows_of(export, actor)] == ["Abgrall", "Éon", "Kervella", "Le Gall", "Riou"]


@pytest.mark.parametrize("attack", ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3+cmd"])
def test_no_cell_of_a_file_is_a_formula(attack: str) -> None:
    person = PersonFactory(first_name=attack, last_name=attack, occupation=attack, postcode="=1")
    Tagging.objects.create(person=person, tag=Tag.objects.create(name=attack), source="tests")
    actor = staff()
    [row] = rows_of(written(actor, ALL_FIELDS), actor)
    assert row["first_name"] == row["last_name"] == row["occupation"] == row["tag_list"] == f"'{attack}"
    assert not any(cell.startswith(("=", "@", "\t", "\r")) for cell in row.values())


def test_nobody_at_all_makes_a_file_with_its_titles() -> None:
    actor = staff()
    export = written(actor, people=Person.objects.none())
    assert (export.state, export.people) == (State.READY, 0)
    assert rows_of(export, actor) == []


# Who may, and whom


def test_people_cannot_leave_without_passing_the_gate() -> None:
    with pytest.raises(NotFromTheGate):
        exporting.order_export(Person.objects.all(), by_worker=False, actor=staff())  # type: ignore[arg-type]


def test_a_disclosure_granted_to_one_is_not_used_by_another() -> None:
    shown = gate.reveal(Person.objects.all(), actor=System("tests"), purpose="any", fields=["first_name"])
    with pytest.raises(NotYours):
        exporting.order_export(shown, by_worker=False, actor=staff())


def test_a_field_that_is_not_a_column_is_refused() -> None:
    with pytest.raises(UnknownField, match="password"):
        ordered(staff(), ("first_name", "password"))


def test_a_local_lead_cannot_export_and_the_attempt_is_in_the_journal() -> None:
    with pytest.raises(NotAllowed):
        ordered(staff(Role.LOCAL_LEAD, "35"))
    assert Entry.objects.get(command="disclosure.order_export").outcome == "refused"


def test_an_organiser_of_one_departement_exports_that_one_only() -> None:
    PersonFactory(in_rennes=True, first_name="Ici")
    PersonFactory(in_brest=True, first_name="Ailleurs")
    actor = staff(Role.ORGANISER, "35")
    assert [row["first_name"] for row in rows_of(written(actor), actor)] == ["Ici"]


def test_the_gate_is_asked_again_when_the_file_is_written() -> None:
    PersonFactory(in_rennes=True, first_name="Ici")
    moved = PersonFactory(in_rennes=True, first_name="Partie")
    actor = staff(Role.ORGANISER, "35")
    export = ordered(actor)
    Person.objects.filter(pk=moved.pk).update(commune=PersonFactory(in_brest=True).commune)
    tasks.write(export.pk)
    assert [row["first_name"] for row in rows_of(export, actor)] == ["Ici"]


def test_who_lost_the_right_meanwhile_gets_no_file() -> None:
    PersonFactory()
    UserFactory()  # a campaign keeps a director
    user = UserFactory(role=Role.ORGANISER)
    export = ordered(Staff(user))
    User.objects.filter(pk=user.pk).update(is_active=False)
    tasks.write(export.pk)
    export.refresh_from_db()
    assert (export.state, export.end, left()) == (State.FAILED, End.NO_RIGHT, [])


def test_a_field_that_a_role_may_not_know_is_neither_offered_nor_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MASKS, Role.ORGANISER, frozenset({Fact.EMAIL}))
    reachable("maelle@mail.example", last_name="Riou")
    actor = staff(Role.ORGANISER)
    assert "email" not in dict(ExportForm(masked=gate.masked_fields(actor)).fields["fields_wanted"].choices)  # type: ignore[attr-defined]
    with pytest.raises(Masked):
        ordered(actor)
    assert rows_of(written(actor, ("last_name",)), actor) == [{"last_name": "Riou"}]


def test_a_second_mandate_takes_nobody_further_and_no_field_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    reachable("ici@mail.example", first_name="Ici", in_rennes=True)
    reachable("ailleurs@mail.example", first_name="Ailleurs", in_brest=True)
    reads = holding((Role.ORGANISER, "35"), (Role.READER, ""))
    with pytest.raises(Masked):
        ordered(reads)
    actor = acting(reads, "disclosure.order_export")
    assert [row["email"] for row in rows_of(written(actor), actor)] == ["ici@mail.example"]
    monkeypatch.setitem(MASKS, Role.ORGANISER, frozenset({Fact.EMAIL}))
    both = holding((Role.DATA_OFFICER, "35"), (Role.ORGANISER, ""))
    with pytest.raises(Masked):
        ordered(both)
    assert len(rows_of(written(both, ("first_name",)), both)) == 2


def test_a_field_hidden_between_the_order_and_the_writing_makes_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    reachable("maelle@mail.example")
    export = ordered(staff(Role.ORGANISER))
    monkeypatch.setitem(MASKS, Role.ORGANISER, frozenset({Fact.EMAIL}))
    tasks.write(export.pk)
    export.refresh_from_db()
    assert (export.state, export.end, left()) == (State.FAILED, End.NO_RIGHT, [])


def test_nobody_else_downloads_the_file_or_sees_its_password() -> None:
    PersonFactory()
    export = written(staff())
    other = staff()
    for act in (exporting.show_password, exporting.download_export, exporting.confirm_recall):
        with pytest.raises(NotYours):
            act(export.pk, actor=other)
    with pytest.raises(NotYours):
        exporting.destroy_export(export.pk, actor=staff(Role.ORGANISER))


# The lock on it


def test_the_file_opens_with_its_password_only_and_is_of_strong_encryption() -> None:
    reachable("maelle@mail.example")
    actor = staff()
    export = written(actor)
    content = export.path.read_bytes()
    assert b"maelle" not in content
    with pyzipper.AESZipFile(io.BytesIO(content)) as archive:
        [inside] = archive.infolist()
        assert inside.wz_aes_strength == 3  # 256 bits
        with pytest.raises(RuntimeError, match="password"):
            archive.read(inside, pwd=b"another")
    assert rows_of(export, actor)


def test_only_the_account_of_the_platform_reads_the_file_and_no_address_leads_to_it() -> None:
    PersonFactory()
    export = written(staff())
    assert stat.S_IMODE(export.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(export.path.parent.stat().st_mode) == 0o700
    assert not export.path.is_relative_to(settings.MEDIA_ROOT)
    assert not export.path.is_relative_to(settings.STATIC_ROOT)


def test_a_password_is_shown_once_and_then_nobody_can_make_it_again() -> None:
    PersonFactory()
    actor = staff()
    export = written(actor)
    assert export.seed
    said = exporting.show_password(export.pk, actor=actor)
    with pytest.raises(AlreadyShown):
        exporting.show_password(export.pk, actor=actor)
    export.refresh_from_db()
    assert export.seed == ""
    assert len(said.replace("-", "")) == 25


def test_a_password_seen_before_the_file_is_written_opens_it() -> None:
    reachable("maelle@mail.example")
    actor = staff()
    export = ordered(actor)
    said = exporting.show_password(export.pk, actor=actor)
    tasks.write(export.pk)
    export.refresh_from_db()
    assert export.seed == ""
    with pyzipper.AESZipFile(export.path) as archive:
        assert b"maelle" in archive.read(archive.namelist()[0], pwd=said.encode())


def test_the_password_is_in_no_table(caplog: pytest.LogCaptureFixture) -> None:
    PersonFactory()
    actor = staff()
    export = written(actor)
    said = exporting.show_password(export.pk, actor=actor)
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        assert len(tables) > 50
        for name in tables:
            cursor.execute(f'SELECT count(*) FROM "{name}" AS row WHERE row::text LIKE %s', [f"%{said}%"])
            assert cursor.fetchone() == (0,), name
    assert said not in caplog.text


def test_an_export_that_ended_keeps_no_password_even_by_raw_sql() -> None:
    export = ordered(staff())
    with pytest.raises(IntegrityError), transaction.atomic():
        Export.objects.filter(pk=export.pk).update(state=State.DESTROYED, end=End.EXPIRED)


# What is written down


def test_the_order_each_download_and_each_timeline_say_so() -> None:
    person = PersonFactory()
    actor = staff()
    export = written(actor)
    rows_of(export, actor)
    exporting.download_export(export.pk, actor=actor)[1].close()
    order = Entry.objects.get(command="disclosure.order_export")
    assert (order.count, order.about_id, order.actor_id) == (1, str(export.pk), actor.ident)
    taken = Entry.objects.filter(command="disclosure.download_export").order_by("pk")
    assert [(entry.about_id, entry.detail["download"]) for entry in taken] == [(str(export.pk), 1), (str(export.pk), 2)]
    told = Interaction.objects.get(person=person)
    assert (told.kind, told.source, told.about_id) == (Kind.EXPORTED, "canvassing", export.pk)
    assert "canvassing" not in str(list(Entry.objects.values())), "what somebody typed may name people: it is not kept"
    assert told.by == actor.label


def test_a_file_that_the_platform_ordered_names_nobody() -> None:
    person = PersonFactory()
    written(System("tests"))
    assert Interaction.objects.get(person=person).by == ""


def test_an_export_that_never_was_leaves_no_trace_on_a_timeline(
    django_capture_on_commit_callbacks: Commits,
) -> None:
    person = PersonFactory()
    actor = staff()
    export = ordered(actor)
    with django_capture_on_commit_callbacks(execute=True):
        exporting.destroy_export(export.pk, actor=actor)
    tasks.write(export.pk)
    export.refresh_from_db()
    assert (export.state, export.end, left()) == (State.CANCELLED, End.BY_HAND, [])
    assert not Interaction.objects.filter(person=person).exists()
    assert not Portion.objects.exists()


# Its end


def test_the_file_is_destroyed_when_its_time_is_over(django_capture_on_commit_callbacks: Commits) -> None:
    PersonFactory()
    actor = staff()
    export = written(actor)
    assert left() == [f"{export.pk}.zip"]
    with clock.stopped_at(clock.now() + timedelta(days=8)):
        with pytest.raises(NoFile):
            exporting.download_export(export.pk, actor=actor)
        with django_capture_on_commit_callbacks(execute=True):
            tasks.destroy_expired()
    export.refresh_from_db()
    assert (export.state, export.end, export.seed, left()) == (State.DESTROYED, End.EXPIRED, "", [])


def test_what_is_not_over_stays(django_capture_on_commit_callbacks: Commits) -> None:
    PersonFactory()
    export = written(staff())
    with clock.stopped_at(clock.now() + timedelta(days=6)), django_capture_on_commit_callbacks(execute=True):
        exporting.destroy_expired(actor=System("tests"))
    assert left() == [f"{export.pk}.zip"]


def test_the_sweep_removes_what_a_sudden_death_left() -> None:
    PersonFactory()
    export = written(staff())
    (export.path.parent / "999999.unfinished").write_bytes(b"x")
    (export.path.parent / "999998.zip").write_bytes(b"x")
    exporting.destroy_expired(actor=System("tests"))
    assert left() == [f"{export.pk}.zip"]


def test_an_export_without_a_process_for_an_hour_has_failed(django_capture_on_commit_callbacks: Commits) -> None:
    PersonFactory()
    export = ordered(staff())
    exporting.begin_export(export.pk, actor=tasks.ACTOR)
    with clock.stopped_at(clock.now() + timedelta(hours=2)), django_capture_on_commit_callbacks(execute=True):
        tasks.destroy_expired()
    export.refresh_from_db()
    assert (export.state, export.end) == (State.FAILED, End.UNFORESEEN)


# Faults


@contextmanager
def a_disk_with_room_for(size: int) -> Iterator[None]:
    """Let this process write no file longer than ``size`` bytes, as a full disk would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_is_said_and_leaves_nothing_half_written() -> None:
    for number in range(300):
        PersonFactory(first_name=f"{number * 7919 % 100_003:x}", last_name=f"{number * 104_729:x}")
    export = ordered(staff())
    with a_disk_with_room_for(1000):
        tasks.write(export.pk)
    export.refresh_from_db()
    assert (export.state, export.end, left()) == (State.FAILED, End.NO_ROOM, [])
    assert not Interaction.objects.exists()


def test_a_writer_killed_in_the_middle_is_followed_by_one_that_begins_again() -> None:
    reachable("maelle@mail.example")
    actor = staff()
    export = exporting.begin_export(ordered(actor).pk, actor=tasks.ACTOR)
    export.path.parent.mkdir(mode=0o700, exist_ok=True)
    export.path.with_suffix(".unfinished").write_bytes(b"half of an archive")  # what a killed process leaves
    tasks.write(export.pk)
    assert left() == [f"{export.pk}.zip"]
    assert [row["email"] for row in rows_of(export, actor)] == ["maelle@mail.example"]


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_write_one_file() -> None:
    PersonFactory()
    export = ordered(staff())
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [tasks.LOCK, export.pk])
        with pytest.raises(SomebodyIsAtIt):
            tasks.write(export.pk)
    finally:
        other.close()
    export.refresh_from_db()
    assert export.state == State.WAITING


def test_a_failure_nobody_foresaw_is_tried_again_and_in_the_end_said(monkeypatch: pytest.MonkeyPatch) -> None:
    PersonFactory()
    export = ordered(staff())
    Export.objects.filter(pk=export.pk).update(fields=["no_such_column"])
    for _time in range(exporting.FAILURES_ALLOWED - 1):
        with pytest.raises(KeyError):
            tasks.write(export.pk)
    tasks.write(export.pk)
    export.refresh_from_db()
    assert (export.state, export.end, left()) == (State.FAILED, End.UNFORESEEN, [])


def test_an_archive_that_is_interrupted_leaves_no_file(tmp_path: Path) -> None:
    def interrupted() -> None:
        with package.sealed(tmp_path / "a.zip", inside="a", password="x") as to:
            to.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []
