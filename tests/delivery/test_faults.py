"""The disk fills, the database goes away, the clock is wrong: nobody is missed, nobody is written to twice."""

from __future__ import annotations

import resource
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import Error, connection

from portevoix.delivery import dispatch
from portevoix.delivery.dispatch import spool
from portevoix.delivery.models import Message, Run
from portevoix.delivery.transports import Transport
from portevoix.delivery.transports.memory import MemoryTransport
from portevoix.delivery.transports.smtp import SmtpServer, SmtpTransport
from portevoix.delivery.types import Outcome, Result
from portevoix.kernel import clock, jobs
from tests.delivery.factories import queue, states
from tests.delivery.hosted import surroundings
from tests.delivery.scripted_server import SAY_NOTHING, ScriptedServer


@pytest.fixture(autouse=True)
def own_spool(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def smtp_to(server: ScriptedServer) -> Callable[[], Transport]:
    return lambda: SmtpTransport(SmtpServer(host="127.0.0.1", port=server.port))


@contextmanager
def room_for(octets: int) -> Iterator[None]:
    """Let no file of this process grow beyond so much: writes are cut short, then refused, as on a full disk."""
    former = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (octets, former[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, former)


@pytest.mark.django_db
@pytest.mark.parametrize("octets", [0, 1, 100, 131, 150])
def test_a_full_disk_stops_the_mailing_and_costs_nobody_their_letter(octets: int) -> None:
    batch = queue(people=20)
    with ScriptedServer() as server:
        with room_for(octets):
            summary = dispatch.run(smtp_to(server), connections=2, seconds=60)
        assert summary.fault
        assert Run.objects.latest("pk").fault == summary.fault
        assert set(states(batch)) <= {"sent", "queued"}, "what was answered is known, what was not begun waits"
        Message.objects.filter(state="queued").update(not_before=clock.now())
        dispatch.run(smtp_to(server), connections=2, seconds=60)
    assert states(batch) == {"sent": 20}
    assert max(Counter(server.recipients).values()) <= 2, "announced again, at most"
    assert len(server.contents) == 20


def test_a_line_cut_short_by_a_full_disk_spoils_no_other(tmp_path: Path) -> None:
    diary = spool.Spool(tmp_path, 1)
    diary.begin(1234)
    with room_for(8), pytest.raises(spool.DiaryFull):
        diary.begin(56789)
    # There is room again; what stands behind half a line could be read as another message.
    with pytest.raises(spool.DiaryFull):
        diary.finish(Result(1234, Outcome.SENT, 250, "ok"))
    diary.close(complete=False)
    assert spool.read(spool.path_of(tmp_path, 1)).begun == {1234}


class Database:
    """What a restart looks like from outside: every line is cut, and for a while nobody gets in."""

    def __enter__(self) -> Database:
        where = connection.settings_dict
        self._name = where["NAME"]
        self._line = psycopg.connect(host=where["HOST"], user=where["USER"], dbname="postgres", autocommit=True)
        self._admit(False)
        self._line.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> ALL(%s)",
            [self._name, [connection.connection.info.backend_pid]],
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._admit(True)
        self._line.close()

    def _admit(self, anybody: bool) -> None:
        self._line.execute(f'ALTER DATABASE "{self._name}" ALLOW_CONNECTIONS {anybody}')


@pytest.mark.django_db(transaction=True)
def test_a_database_that_restarts_in_the_middle_costs_nobody_their_letter() -> None:
    batch = queue(people=60)
    reached, cut, refused = threading.Event(), threading.Event(), threading.Event()

    def answer(count: int) -> str:
        if count == 20:
            reached.set()
            cut.wait(60)
        return "250 taken"

    with ScriptedServer(answers={"final dot": answer}) as server:

        def work() -> None:
            """Begin again after each failure, as the worker does."""
            while True:
                try:
                    dispatch.run(smtp_to(server), connections=2, seconds=60)
                    if not Message.objects.may_leave().exists():
                        connection.close()
                        return
                except Error:
                    connection.close()
                    refused.set()

        worker = threading.Thread(target=work)
        worker.start()
        assert reached.wait(60)
        with Database():
            # What was on its way is answered while nobody can write it down.
            cut.set()
            assert refused.wait(60)
        worker.join(60)
    assert not worker.is_alive()
    assert states(batch) == {"sent": 60}
    assert len(server.contents) == 60
    assert not Run.objects.filter(ended_at=None).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("hours", [-5, 5])
def test_a_machine_whose_clock_is_wrong_holds_no_letter_up(monkeypatch: pytest.MonkeyPatch, hours: int) -> None:
    now = clock.now
    batch = queue(people=3)
    monkeypatch.setattr(clock, "now", lambda: now() + timedelta(hours=hours))
    assert dispatch.run(MemoryTransport, connections=1, seconds=60).answered == 3
    assert states(batch) == {"sent": 3}
    other = queue()
    monkeypatch.undo()
    assert dispatch.run(MemoryTransport, connections=1, seconds=60).answered == 3
    assert states(other) == {"sent": 3}


@pytest.mark.django_db
def test_a_clock_that_jumps_while_a_mailing_runs_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    now = clock.now
    batch = queue(people=30)
    jumps = iter(range(10_000))
    monkeypatch.setattr(clock, "now", lambda: now() + timedelta(hours=next(jumps) % 3 - 1))
    with ScriptedServer() as server:
        dispatch.run(smtp_to(server), connections=2, seconds=60)
    assert states(batch) == {"sent": 30}
    assert len(server.contents) == 30


@pytest.mark.django_db
def test_a_server_that_hangs_over_one_letter_holds_no_other_line_up() -> None:
    batch = queue(people=40)
    began, enough = time.monotonic(), threading.Event()

    def answer(count: int) -> str:
        if count == 1:
            enough.wait(20)
        if count == 2:
            # The other line's first answer comes when the run's time is over.
            enough.wait(began + 1 - time.monotonic())
        if count == 30:
            enough.set()
        return "250 taken"

    with ScriptedServer(answers={"final dot": answer}) as server:
        # Whoever hangs is waited for in any case, and the others go on meanwhile.
        began = time.monotonic()
        dispatch.run(smtp_to(server), connections=2, seconds=0.5)
        assert enough.is_set(), "the other line stood still"
    assert states(batch)["sent"] >= 30


@pytest.mark.django_db(transaction=True)
def test_what_waits_behind_lines_that_all_hang_is_given_back_to_another_worker() -> None:
    batch = queue(people=10)
    hangs, over = threading.Event(), threading.Event()

    def answer(count: int) -> str:
        if count == 1:
            hangs.set()
            over.wait(30)
        return "250 taken"

    def work() -> None:
        dispatch.run(smtp_to(server), connections=1, seconds=0.5)
        connection.close()

    with ScriptedServer(answers={"final dot": answer}) as server:
        slow = threading.Thread(target=work)
        slow.start()
        assert hangs.wait(30)
        until = time.monotonic() + 20
        while states(batch).get("sent", 0) < 8 and time.monotonic() < until:
            dispatch.run(smtp_to(server), connections=1, seconds=5)
        reached = states(batch)
        over.set()
        slow.join(30)
    # One hangs, and the next one was announced behind it on the same line.
    assert reached["sent"] >= 8
    assert reached["sending"] == 10 - reached["sent"]
    assert states(batch) == {"sent": 9, "queued": 1}
    assert len(server.contents) == 9


@pytest.mark.django_db
def test_how_long_a_silent_server_is_waited_for_is_the_hosts_choice(settings: Any) -> None:
    batch = queue(people=1)
    with ScriptedServer(answers={"final dot": SAY_NOTHING}) as server:
        mail = settings.INSTANCE.mail.model_copy(
            update={"host": "127.0.0.1", "port": server.port, "final_timeout": 0.3, "dkim_selector": ""}
        )
        settings.INSTANCE = settings.INSTANCE.model_copy(update={"mail": mail})
        dispatch.run(connections=1, seconds=0.5)
    assert states(batch) == {"uncertain": 1}
    assert "no answer in time" in Message.objects.get().reply


@pytest.mark.django_db(transaction=True)
def test_a_server_that_hangs_over_every_letter_leaves_the_other_jobs_of_the_worker_alone(tmp_path: Path) -> None:
    over = threading.Event()

    def answer(_count: int) -> str:
        over.wait(150)
        return "250 taken"

    with ScriptedServer(answers={"final dot": answer}) as server:
        queue(people=6)
        with worker(server, tmp_path):
            assert soon(lambda: Run.objects.filter(ended_at=None).count() == 1)
            queue()
            assert soon(lambda: Run.objects.filter(ended_at=None).count() == 2), "as many as the server was promised"
            queue()
            # A third finds no seat, and gives its slot back rather than wait in it.
            assert soon(has_been_turned_away)
            jobs.defer("delivery.dispatch_texts")
            assert soon(lambda: state_of("delivery.dispatch_texts") == {"succeeded"})
            assert Run.objects.filter(ended_at=None).count() == 2, "they hang as before"
            over.set()


@pytest.mark.django_db(transaction=True)
def test_a_worker_told_to_stop_claims_no_more_though_a_line_hangs(tmp_path: Path) -> None:
    over = threading.Event()

    def answer(count: int) -> str:
        over.wait(60 if count == 1 else 0.1)
        return "250 taken"

    with ScriptedServer(answers={"final dot": answer}) as server:
        batch = queue(people=300)
        with worker(server, tmp_path, connections=2) as running:
            # At ten a second this is past the run's time.
            assert soon(lambda: states(batch).get("sent", 0) > 60)
            running.terminate()
            # What each line had in hand and announced is all that it still waits for.
            assert soon(lambda: states(batch).get("sending", 0) <= 4)
            assert states(batch).get("queued", 0) > 100
            over.set()
            running.wait(60)


@contextmanager
def worker(server: ScriptedServer, folder: Path, *, connections: int = 1) -> Iterator[subprocess.Popen[bytes]]:
    """Run the worker as a host does, with so many lines for each of two dispatchers."""
    environment = surroundings(server, folder, connections=connections) | {"PORTEVOIX_MAIL_WORKERS": "2"}
    running = subprocess.Popen([sys.executable, "-m", "portevoix", "worker"], env=environment)
    try:
        yield running
    finally:
        running.terminate()
        running.wait(60)


def soon(is_so: Callable[[], bool]) -> bool:
    until = time.monotonic() + 60
    while not is_so():
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


def state_of(task: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status::text FROM procrastinate_jobs WHERE task_name = %s", [task])
        return {status for (status,) in cursor.fetchall()}


def has_been_turned_away() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM procrastinate_jobs"
            " WHERE task_name = 'delivery.dispatch' AND scheduled_at IS NOT NULL)"
        )
        return bool(cursor.fetchone()[0])
