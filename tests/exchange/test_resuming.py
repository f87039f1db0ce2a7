"""A process killed in the middle of an import: the next one goes on, nothing is lost, nothing comes twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from portevoix.exchange import services, tasks
from portevoix.exchange.exceptions import SomebodyIsAtIt
from portevoix.exchange.models import ImportRun
from portevoix.intake.models import Arrival
from portevoix.people.models import EmailAddress, Interaction, Person, Tagging
from portevoix.rights.models import Ground
from tests.exchange import files
from tests.kernel.worker import run_the_worker

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = 3000

#: The worker's own code, in smaller steps; it says each of them, and dies at the one it is told.
WORKER = """
import os, signal, sys
import django
django.setup()
from portevoix.exchange import tasks
from portevoix.intake.readers import staging
from portevoix.intake.services import merging
staging.BLOCK = merging.CHUNK = 400
for number, run in enumerate(tasks.steps(int(sys.argv[1])), start=1):
    print(number, run.state, run.arrival.staged, run.arrival.merged, flush=True)
    if number == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
"""
IN_A_STATEMENT = """
import os, signal, sys, threading
import django
django.setup()
from portevoix.exchange import tasks
from portevoix.intake.services import merging
killed = merging.STEPS[int(sys.argv[2])]
merging.CHUNK = 700
merging.STEPS = (*merging.STEPS[:int(sys.argv[2])], ("", "SELECT pg_sleep(60)"), *merging.STEPS[int(sys.argv[2]):])
threading.Timer(4, lambda: os.kill(os.getpid(), signal.SIGKILL)).start()
for run in tasks.steps(int(sys.argv[1])):
    pass
"""


@pytest.fixture
def run() -> Iterator[ImportRun]:
    rows = (files.person(n % 2800, tag_list="un,deux", email_opt_in="true") for n in range(ROWS))
    yield services.receive_file("people.csv", [files.text(*rows)], by_worker=False, actor=files.ACTOR)
    for arrival in Arrival.objects.all():
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {arrival.table}")


def work(program: str, run: ImportRun, *words: int) -> int:
    database = connection.settings_dict
    environment = {
        **os.environ,
        "DATABASE_URL": f"postgresql://{database['USER']}@/{database['NAME']}?host={database['HOST']}",
        "DJANGO_SETTINGS_MODULE": "portevoix.conf.settings.test",
        "PORTEVOIX_TEST_DATA_DIR": str(settings.DATA_DIR),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    command = [sys.executable, "-c", program, str(run.pk), *map(str, words)]
    status = subprocess.run(command, env=environment, capture_output=True, check=False).returncode
    wait_until_free()
    return status


def wait_until_free() -> None:
    """Wait until the server has noticed the death: it looks every other second."""
    with connection.cursor() as cursor:
        for _look in range(300):
            cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = %s", [tasks.LOCK])
            if cursor.fetchone() == (0,):
                return
            cursor.execute("SELECT pg_sleep(0.05)")
    raise AssertionError("the run is still held")


def check_whole(run: ImportRun) -> None:
    assert run.state == "done"
    counts = [model.objects.count() for model in (Person, EmailAddress, Interaction, Tagging, Ground)]
    assert counts == [2800, 2800, 2800, 5600, 2800]
    assert run.arrival.counts["rows"] == ROWS
    assert run.arrival.counts["merged"]["rows"] == ROWS


@pytest.mark.parametrize("step", [4, 10])
def test_a_process_killed_while_it_reads_loses_nothing(run: ImportRun, step: int) -> None:
    assert work(WORKER, run, step) == -signal.SIGKILL
    assert not Person.objects.exists()
    assert files.advance(run).state == "ready"
    services.start_import(run.pk, declares_grounds=True, by_worker=False, actor=files.ACTOR)
    check_whole(files.advance(run))


@pytest.mark.parametrize("step", [1, 4])
def test_a_process_killed_while_it_merges_loses_nothing_and_doubles_nothing(run: ImportRun, step: int) -> None:
    files.advance(run)
    services.start_import(run.pk, declares_grounds=True, by_worker=False, actor=files.ACTOR)
    assert work(WORKER, run, step) == -signal.SIGKILL
    halfway = Person.objects.count()
    assert 0 < halfway < 2800
    assert Interaction.objects.count() == halfway
    check_whole(files.advance(run))


def test_a_process_killed_inside_a_chunk_leaves_nothing_of_it(run: ImportRun) -> None:
    files.advance(run)
    services.start_import(run.pk, declares_grounds=True, by_worker=False, actor=files.ACTOR)
    assert work(IN_A_STATEMENT, run, 6) == -signal.SIGKILL
    assert not Person.objects.exists()
    check_whole(files.advance(run))


def test_a_job_that_finds_a_run_taken_is_asked_again(run: ImportRun) -> None:
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [tasks.LOCK, run.pk])
        with pytest.raises(SomebodyIsAtIt):
            tasks.advance(run.pk)
    finally:
        other.close()
    wait_until_free()
    tasks.advance(run.pk)
    run.refresh_from_db()
    assert run.state == "ready"


def test_a_staging_table_emptied_by_a_crash_of_the_server_is_filled_again(run: ImportRun) -> None:
    files.advance(run)
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {run.arrival.table}")
    services.start_import(run.pk, declares_grounds=True, by_worker=False, actor=files.ACTOR)
    check_whole(files.advance(run))


def test_the_worker_reads_then_imports_what_the_office_asked_for() -> None:
    run = services.receive_file("people.csv", [files.text(files.person())], by_worker=True, actor=files.ACTOR)
    run_the_worker()
    run.refresh_from_db()
    assert run.state == "ready"
    services.start_import(run.pk, declares_grounds=True, by_worker=True, actor=files.ACTOR)
    run_the_worker()
    run.refresh_from_db()
    assert run.state == "done"
    assert Person.objects.count() == 1
