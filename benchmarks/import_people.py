"""A NationBuilder file through the whole door, against `COPY` of the rows that it leaves behind."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.core.management import call_command
from django.db import connection, transaction

from benchmarks import harness
from benchmarks.harness import Benchmark, register, timed
from portevoix.accounts.types import System
from portevoix.exchange import services, tasks
from portevoix.exchange.models import ImportRun
from portevoix.operations.generation.people import Order, write

ACTOR = System("benchmark")
BASE, WORK = "bench_import_base", "bench_import_work"
#: In the order of their keys.
TABLES = (
    *("people_tag", "people_customfield", "people_person", "people_emailaddress", "people_phonenumber"),
    *("people_postaladdress", "people_tagging", "people_interaction", "rights_ground"),
)


@register
class ImportNationBuilder(Benchmark):
    """From a file on disk to persons, contact points, tags, consents and their evidence, among 100,000 known people.

    The file: 100,000 rows as they are, 2 % of them spoilt, one in ten about somebody known. Ours: receive, read,
    normalise, match, report, merge. Reference: `COPY` from files, in one transaction, of the very rows that ours
    added, clean, into the same tables with the same indexes and constraints.
    """

    name = "import.nationbuilder"
    n = 100_000
    unit = "rows/s"
    goal = 0.4
    side = "at least"
    rounds = 3
    memory_limit = 300

    def set_up(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="portevoix-bench-")
        self._file = _generate(Path(self._folder.name) / "file.csv", first=90_001)
        call_command("import_communes", verbosity=0)
        _import(_generate(Path(self._folder.name) / "known.csv", first=1))
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        self._name = connection.settings_dict["NAME"]
        _copy_database(self._name, BASE)
        known = _last_ids()
        self.between()
        _import(self._file)
        for table in TABLES:
            self._keep(table, known[table])
        self._counts = _counts()

    def between(self) -> None:
        """Each measure begins on the same bytes."""
        _copy_database(BASE, WORK)

    def ours(self) -> float:
        with timed() as seconds:
            _import(self._file)
        assert _counts() == self._counts
        return self.n / seconds()

    def reference(self) -> float:
        with timed() as seconds, transaction.atomic(), connection.cursor() as cursor:
            for table in TABLES:
                with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                    for block in _blocks(self._path(table)):
                        copy.write(block)
        assert _counts() == self._counts
        return self.n / seconds()

    def _path(self, table: str) -> Path:
        return Path(self._folder.name) / table

    def _keep(self, table: str, after: int) -> None:
        """Write to a file the rows that ours added."""
        added = f"COPY (SELECT * FROM {table} WHERE id > {after} ORDER BY id) TO STDOUT"
        with self._path(table).open("wb") as file, connection.cursor() as cursor, cursor.copy(added) as copy:
            for block in copy:
                file.write(block)

    def tear_down(self) -> None:
        self._folder.cleanup()
        harness._use("postgres")
        with connection.cursor() as cursor:
            for name in (BASE, WORK):
                cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')


def _generate(path: Path, *, first: int) -> Path:
    with path.open("wb") as file:
        for _summary in write(Order(ImportNationBuilder.n, seed=1, first=first), file):
            continue
    return path


def _import(path: Path) -> ImportRun:
    run = services.receive_file(path.name, _blocks(path), by_worker=False, actor=ACTOR)
    _finish(run)
    services.start_import(run.pk, declares_grounds=True, by_worker=False, actor=ACTOR)
    _finish(run)
    run.refresh_from_db()
    assert run.state == "done", run.state
    return run


def _finish(run: ImportRun) -> None:
    for _step in tasks.steps(run.pk):
        continue


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(1024 * 1024):
            yield block


def _copy_database(source: str, to: str) -> None:
    harness._use("postgres")
    with connection.cursor() as cursor:
        # Without FORCE: PostgreSQL then sends its own autovacuum away, which we may not.
        cursor.execute(f'DROP DATABASE IF EXISTS "{to}"')
        cursor.execute(f'CREATE DATABASE "{to}" TEMPLATE "{source}"')
    harness._use(to)


def _last_ids() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(f"(SELECT coalesce(max(id), 0) FROM {table})" for table in TABLES))
        return dict(zip(TABLES, cursor.fetchone(), strict=True))


def _counts() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(f"(SELECT count(*) FROM {table})" for table in TABLES))
        return dict(zip(TABLES, cursor.fetchone(), strict=True))
