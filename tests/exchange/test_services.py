from __future__ import annotations

import stat
from datetime import timedelta

import pytest

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.types import Role
from portevoix.exchange import selectors, services, tasks
from portevoix.exchange.models import ImportRun
from portevoix.intake.exceptions import FileRefused, SomebodyElseCameFirst
from portevoix.intake.models import LeftAside
from portevoix.intake.readers import opening
from portevoix.intake.services import merging
from portevoix.intake.types import Fault
from portevoix.journal.models import Entry
from portevoix.kernel import clock
from portevoix.people.models import Person, Tag
from tests.accounts.factories import staff
from tests.exchange import files

pytestmark = pytest.mark.django_db


def test_the_file_is_kept_for_nobody_else_and_goes_with_the_end() -> None:
    run = files.read(files.text(files.person()))
    assert stat.S_IMODE(run.path.stat().st_mode) == 0o600
    services.start_import(run.pk, declares_grounds=True, by_worker=False, actor=files.ACTOR)
    assert not files.advance(run).path.exists()


def test_nothing_is_written_before_somebody_decides() -> None:
    run = files.read(files.text(files.person(), files.person(2)))
    assert run.state == "ready"
    assert run.forecast["new"] == 2
    assert not Person.objects.exists()
    files.advance(run)
    assert not Person.objects.exists()


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", Fault.EMPTY),
        (b"email,first_name\n", Fault.NO_ROWS),
        (b"colour,size\nred,1\n", Fault.STRANGE_TITLES),
        (b"email,email\na@mail.example,b\n", Fault.SAME_TITLE),
        (b"PK\x03\x04xxxx", Fault.ZIP_DAMAGED),
    ],
)
def test_a_file_that_is_no_table_is_refused_and_leaves_nothing(content: bytes, fault: Fault) -> None:
    run = files.read(content)
    assert (run.state, run.fault) == ("refused", fault)
    assert run.explanation
    assert not run.path.exists()
    assert not Person.objects.exists()


def test_a_file_that_is_too_large_is_refused_while_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "LARGEST", 10)
    with pytest.raises(FileRefused) as refusal:
        services.receive_file("p.csv", [b"x" * 6, b"x" * 6], by_worker=False, actor=files.ACTOR)
    assert refusal.value.fault == Fault.TOO_BIG
    assert not ImportRun.objects.exists()


def test_a_file_of_rejected_rows_only_imports_nobody() -> None:
    run = files.imported_file(b"email,first_name\nx\ny\n")
    assert run.state == "done"
    assert run.arrival.counts["rejected"] == 2


@pytest.mark.parametrize("role", [Role.READER, Role.ORGANISER, Role.COMMUNICATIONS])
def test_only_directors_and_the_data_officer_import(role: Role) -> None:
    with pytest.raises(NotAllowed):
        services.receive_file("p.csv", [b""], by_worker=False, actor=staff(role))
    assert Entry.objects.filter(command="exchange.receive_file", outcome="refused").exists()


def test_a_mandate_over_one_departement_is_not_enough() -> None:
    with pytest.raises(NotAllowed):
        services.receive_file("p.csv", [b""], by_worker=False, actor=staff(Role.DATA_OFFICER, "35"))


def test_the_journal_tells_who_how_many_and_which_file() -> None:
    run = files.imported(files.person(), files.person(2))
    lines = {entry.command: entry for entry in Entry.objects.filter(command__startswith="exchange.")}
    assert lines["exchange.receive_file"].detail["sha256"] == run.arrival.sha256
    assert lines["exchange.start_import"].detail["declares_grounds"] is True
    assert lines["exchange.finish_import"].count == 2
    assert "maelle1@mail.example" not in str([entry.detail for entry in Entry.objects.all()])


def test_a_chunk_that_met_a_form_is_merged_again(monkeypatch: pytest.MonkeyPatch) -> None:
    run = files.read(files.text(files.person()))
    services.start_import(run.pk, declares_grounds=True, by_worker=False, actor=files.ACTOR)
    looks = iter([True, False])

    def robbed(_cursor: object) -> None:
        if next(looks):
            raise SomebodyElseCameFirst

    monkeypatch.setattr(merging, "_check_nobody_was_robbed", robbed)
    assert files.advance(run).state == "done"
    assert Person.objects.count() == 1


def test_a_run_that_fails_again_and_again_is_stopped_and_can_be_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    run = files.read(files.text(files.person()))
    services.start_import(run.pk, declares_grounds=True, by_worker=False, actor=files.ACTOR)
    with monkeypatch.context() as patch:
        patch.setattr(merging, "_merge_rows", lambda *_args: 1 / 0)
        for _time in range(services.FAILURES_ALLOWED - 1):
            with pytest.raises(ZeroDivisionError):
                tasks.advance(run.pk)
        tasks.advance(run.pk)
        run.refresh_from_db()
        assert run.state == "stopped"
        assert "ZeroDivisionError" in run.explanation
    services.start_import(run.pk, declares_grounds=True, by_worker=False, actor=files.ACTOR)
    assert files.advance(run).state == "done"


def test_what_nobody_decides_on_and_what_was_left_aside_is_forgotten_in_time() -> None:
    undecided = files.read(files.text(files.person()))
    done = files.imported(files.person(2, email="n/a"))
    assert LeftAside.objects.filter(arrival=done.arrival).exists()
    with clock.stopped_at(clock.now() + services.UNDECIDED_LIFETIME + timedelta(hours=1)):
        tasks.forget()
    undecided.refresh_from_db()
    assert undecided.state == "given_up"
    assert not undecided.path.exists()
    assert LeftAside.objects.filter(arrival=done.arrival).exists()
    with clock.stopped_at(clock.now() + services.LEFT_ASIDE_LIFETIME + timedelta(hours=1)):
        tasks.forget()
    assert not LeftAside.objects.filter(arrival=done.arrival).exists()


def test_a_file_that_has_gone_is_told() -> None:
    run = services.receive_file("p.csv", [files.text(files.person())], by_worker=False, actor=files.ACTOR)
    run.path.unlink()
    assert files.advance(run).fault == Fault.MISSING


def test_the_largest_file_is_a_gibibyte() -> None:
    assert opening.LARGEST == services.LARGEST == 1024**3


def test_tags_that_say_an_opinion_stay_outside_and_the_report_says_which_and_why() -> None:
    rows = [files.person(1, tag_list="tractage, Soutien 4"), files.person(2, tag_list="vote intention 5,Soutien 4")]
    run = files.imported(*rows, files.person(3, tag_list="accueil"))
    assert sorted(Tag.objects.values_list("name", flat=True)) == ["accueil", "tractage"]
    assert [(tag, count) for tag, _why, count in selectors.tags_refused(run)] == [
        ("Soutien 4", 2),
        ("vote intention 5", 1),
    ]
    assert "RGPD art. 9" in selectors.tags_refused(run)[0][1]
    assert Person.objects.count() == 3
