"""A worker is killed in the middle of a mailing, more than once: nobody is written to twice, nobody is lost."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest
from django.db import connection

from benchmarks.mail import ADD_PEOPLE
from portevoix.delivery import selectors, tasks
from portevoix.delivery.models import Message, Run
from tests.delivery.factories import queue
from tests.delivery.hosted import surroundings
from tests.delivery.scripted_server import HANG_UP, ScriptedServer

CONNECTIONS = 3
WORKER = """
import django
django.setup()
from portevoix.kernel import jobs
jobs.run_worker(wait=False)
"""


def add_people(number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(ADD_PEOPLE, [number])


def start_worker(server: ScriptedServer, folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", WORKER], env=surroundings(server, folder, connections=CONNECTIONS))


class Server(ScriptedServer):
    """Holds back the reply to one content, and tells the test, so that a kill falls between the two."""

    def __enter__(self) -> Server:
        super().__enter__()
        self.hold_at = 0
        self.held = threading.Event()
        self.killed = threading.Event()
        self.answers["final dot"] = self.answer
        return self

    def answer(self, count: int) -> str:
        if count != self.hold_at:
            return "250 taken"
        self.held.set()
        self.killed.wait(20)
        return HANG_UP

    def kill_at(self, count: int, worker: subprocess.Popen[bytes]) -> None:
        assert self.held.wait(120), worker.poll()
        worker.send_signal(signal.SIGKILL)
        worker.wait(10)
        self.killed.set()

    def arm(self, count: int) -> None:
        self.hold_at = count
        self.held.clear()
        self.killed.clear()


def deliveries(server: ScriptedServer) -> Counter[int]:
    """Count what the server took by message: the number before the first dot of its Message-ID."""
    ids = (content.split(b"Message-ID: <")[1].split(b".")[0] for content in server.contents)
    return Counter(int(number) for number in ids)


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("people", "kills"),
    [(500, (60, 200, 330)), (20_000, tuple(range(1_500, 20_000, 1_900)))],
    ids=["three-times", "ten-times"],
)
def test_a_worker_that_is_killed_sends_nothing_twice_and_loses_nothing(
    people: int, kills: tuple[int, ...], tmp_path: Path
) -> None:
    add_people(people)
    batch = queue(text="Bonjour {{ first_name }}, {{ unsubscribe_url }}", html="")
    with Server() as server:
        for count in kills:
            server.arm(count)
            worker = start_worker(server, tmp_path)
            server.kill_at(count, worker)
            assert Run.objects.filter(ended_at=None).count() == 1
            # What the periodic job does within the minute.
            tasks.look_after_queue()
        server.arm(0)
        assert start_worker(server, tmp_path).wait(300) == 0
    taken = deliveries(server)
    found = selectors.results(batch)
    assert max(taken.values()) == 1
    assert found.sent + found.uncertain == found.total == people
    # Each kill leaves at most the one message that each connection had in hand, and at least the one held.
    assert len(kills) <= found.uncertain <= len(kills) * CONNECTIONS
    sent = set(Message.objects.filter(state="sent").values_list("pk", flat=True))
    uncertain = set(Message.objects.filter(state="uncertain").values_list("pk", flat=True))
    assert sent <= taken.keys() <= sent | uncertain
    replies = Message.objects.filter(state="uncertain").values_list("reply", flat=True)
    assert set(replies) == {"the worker stopped; nothing tells whether this left"}
    batch.refresh_from_db()
    assert batch.finished_at is not None
    assert not Run.objects.filter(ended_at=None).exists()
    assert list((tmp_path / "spool").iterdir()) == []
