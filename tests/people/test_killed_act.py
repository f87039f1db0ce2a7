"""A process killed in the middle of an act on many people: nobody is missed, nobody is done twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from portevoix.people import tasks
from portevoix.people.exceptions import SomebodyIsAtIt
from portevoix.people.models import BulkChange, BulkRun, Interaction, Person, Tag, Tagging
from portevoix.people.services import bulk
from portevoix.people.services.acts import BulkAct
from tests.accounts.factories import staff
from tests.kernel.worker import run_the_worker
from tests.people.acts import advanced, prepared

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 1000

#: The worker's own code, which dies after as many portions as it is told.
BETWEEN = """
import os, signal, sys
import django
django.setup()
from portevoix.people import tasks
for number, run in enumerate(tasks.act_steps(int(sys.argv[1])), start=1):
    if number == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
"""
#: Dies inside a portion, when people are changed and the mark has not moved.
INSIDE = """
import os, signal, sys
import django
django.setup()
from portevoix.people import interactions, tasks
from portevoix.people.services import bulk
told = []
def dies(*args, **kwargs):
    told.append(args)
    if len(told) == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
    return record_all(*args, **kwargs)
record_all, interactions.record_all = interactions.record_all, dies
for run in tasks.act_steps(int(sys.argv[1])):
    pass
"""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> BulkRun:
    """An act on a thousand people in ten portions, confirmed."""
    monkeypatch.setattr(bulk, "PORTION", 100)
    Person.objects.bulk_create(Person(first_name=f"P{n}", source="tests") for n in range(PEOPLE))
    tag = Tag.objects.create(name="bénévole")
    actor = staff()
    return bulk.start_act(prepared("add_tag", {"tag": tag, "new": ""}, actor), by_worker=False, actor=actor)


def killed(program: str, run: BulkRun, number: int) -> None:
    database = connection.settings_dict
    environment = {
        **os.environ,
        "DATABASE_URL": f"postgresql://{database['USER']}@/{database['NAME']}?host={database['HOST']}",
        "DJANGO_SETTINGS_MODULE": "portevoix.conf.settings.test",
        "PORTEVOIX_TEST_DATA_DIR": str(settings.DATA_DIR),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    command = [sys.executable, "-W", "ignore", "-c", program, str(run.pk), str(number)]
    assert subprocess.run(command, env=environment, check=False).returncode == -signal.SIGKILL
    with connection.cursor() as cursor:
        for _look in range(300):  # the server looks every other second whether its client still lives
            held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = %s"
            cursor.execute(held, [tasks.ACTS_LOCK])
            if cursor.fetchone() == (0,):
                return
            cursor.execute("SELECT pg_sleep(0.05)")
    raise AssertionError("the act is still held")


def done_so_far() -> list[int]:
    return [model.objects.count() for model in (Tagging, BulkChange, Interaction)]


@pytest.mark.parametrize(("program", "number", "so_far"), [(BETWEEN, 3, 300), (INSIDE, 4, 300)])
def test_a_killed_worker_misses_nobody_and_does_nobody_twice(
    run: BulkRun, program: str, number: int, so_far: int
) -> None:
    killed(program, run, number)
    assert done_so_far() == [so_far] * 3
    run = advanced(run)
    assert (run.state, run.touched, run.seen, run.left_out) == ("done", PEOPLE, PEOPLE, {})
    assert done_so_far() == [PEOPLE] * 3


@pytest.mark.parametrize(("program", "number", "so_far"), [(BETWEEN, 3, 300), (INSIDE, 4, 300)])
def test_a_worker_killed_while_it_undoes_goes_on_where_it_was(
    run: BulkRun, program: str, number: int, so_far: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = advanced(run)
    bulk.undo_act(run, BulkAct.every()["add_tag"], by_worker=False, actor=tasks.at_the_helm(run))
    smaller = "\nfrom portevoix.people.services import bulk\nbulk.PORTION = 100\n"
    killed(program.replace("django.setup()", f"django.setup(){smaller}"), run, number)
    assert done_so_far() == [PEOPLE - so_far, PEOPLE - so_far, PEOPLE + so_far]
    run = advanced(run)
    assert (run.state, run.undone, run.kept) == ("undone", PEOPLE, 0)
    assert done_so_far() == [0, 0, 2 * PEOPLE]


def test_a_job_that_finds_an_act_taken_is_asked_again(run: BulkRun) -> None:
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [tasks.ACTS_LOCK, run.pk])
        with pytest.raises(SomebodyIsAtIt):
            tasks.advance_act(run.pk)
    finally:
        other.close()


def test_the_worker_does_what_the_office_confirmed() -> None:
    Person.objects.create(first_name="P", source="tests")
    actor = staff()
    run = prepared("set_language", {"language": "br"}, actor)
    bulk.start_act(run, actor=actor)
    run_the_worker()
    run.refresh_from_db()
    assert (run.state, Person.objects.get().language) == ("done", "br")
