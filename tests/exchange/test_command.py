"""``portevoix import people``."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from portevoix.exchange import services
from portevoix.exchange.models import ImportRun
from portevoix.operations.generation.people import Order, write
from portevoix.people.models import Person
from portevoix.rights.models import Ground
from tests.exchange import files

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_bytes(files.text(files.person(email_opt_in="true"), files.person(2, email="n/a")))
    return path


def run(*words: Any, **options: Any) -> str:
    out = io.StringIO()
    call_command("import_people", *map(str, words), stdout=out, **options)
    return out.getvalue()


def test_people_come_in_with_a_report(file: Path) -> None:
    assert "nouvelles personnes" in run(file)
    assert (Person.objects.count(), Ground.objects.count()) == (2, 0)


def test_a_dry_run_writes_nobody(file: Path) -> None:
    assert json.loads(run(file, "--dry-run", "--json"))["forecast"]["new"] == 2
    assert not Person.objects.exists()


def test_consents_are_taken_over_only_where_that_is_said(file: Path) -> None:
    run(file, "--consents")
    assert Ground.objects.live().count() == 1


def test_a_dry_run_does_not_go_on_with_an_import(file: Path) -> None:
    left = files.read(file.read_bytes(), file.name)
    services.start_import(left.pk, declares_grounds=False, by_worker=False, actor=files.ACTOR)
    with pytest.raises(CommandError, match="--dry-run"):
        run(file, "--dry-run")
    assert not Person.objects.exists()


def test_rows_left_aside_are_written_with_their_reasons(file: Path, tmp_path: Path) -> None:
    run(file, "--left-aside", tmp_path / "aside.csv")
    [row] = csv.DictReader(io.StringIO((tmp_path / "aside.csv").read_text("utf-8-sig")))
    assert row["email"] == "n/a"
    assert "adresse e-mail" in " ".join(row.values())


def test_a_file_that_is_not_there_or_no_table_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommandError):
        run(tmp_path / "nothing.csv")
    (tmp_path / "empty.csv").write_bytes(b"")
    with pytest.raises(CommandError, match=r"vide|empty"):
        run(tmp_path / "empty.csv")


def test_a_command_run_again_goes_on_with_the_import_it_left(file: Path) -> None:
    left = services.receive_file(file.name, [file.read_bytes()], by_worker=False, actor=files.ACTOR)
    run(file)
    assert [run.pk for run in ImportRun.objects.all()] == [left.pk]
    assert Person.objects.count() == 2


def test_a_generated_export_comes_in_whole_and_twice_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    with path.open("wb") as out:
        for _summary in write(Order(1500, seed=3, dirt=0.3), out):
            continue
    first = json.loads(run(path, "--json"))["counts"]
    again = json.loads(run(path, "--json"))["counts"]
    assert first["rows"] == 1500
    assert first["merged"]["persons"] == first["merged"]["new"] == Person.objects.count()
    assert [again["merged"].get(name, 0) for name in ("new", "filled", "emails", "phones", "remembered")] == [0] * 5
    assert first["reasons"] == again["reasons"]
