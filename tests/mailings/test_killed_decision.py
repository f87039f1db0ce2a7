"""A worker is killed while it decides a trial: the best version leaves for all the others or for nobody, and once."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction

from portevoix.delivery.models import Message
from portevoix.kernel import clock
from portevoix.mailings.models import Mailing, Trial
from tests.mailings.factories import deliver
from tests.mailings.test_versions import begun, click

WORKER = """
import django
django.setup()
from portevoix.mailings import tasks
tasks.decide_trials()
"""
WAITS = "SELECT FROM pg_locks WHERE NOT granted AND relation = %s::regclass"


def start_worker(folder: Path) -> subprocess.Popen[bytes]:
    where = connection.settings_dict
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "portevoix.conf.settings.base",
        "DATABASE_URL": f"postgresql://{where['USER']}@/{where['NAME']}?host={where['HOST']}",
        "PORTEVOIX_SECRETS_KEY": "k" * 60,
        "PORTEVOIX_DATA_DIR": str(folder),
    }
    return subprocess.Popen([sys.executable, "-c", WORKER], env=environment)


def kill_at(table: str, folder: Path) -> None:
    """Start a worker, keep it from writing in a table, and kill it while it waits to."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {table} IN SHARE MODE")
        worker = start_worker(folder)
        for _look in range(600):
            cursor.execute(WAITS, [table])
            if cursor.fetchone() is not None:
                break
            with contextlib.suppress(subprocess.TimeoutExpired):
                worker.wait(0.05)
        assert worker.poll() is None, "it ended before it came to this table"
        worker.send_signal(signal.SIGKILL)
        worker.wait(10)


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(300)
def test_a_worker_killed_while_it_decides_sends_to_nobody_twice_and_misses_nobody(
    tmp_path: Path, django_db_serialized_rollback: None
) -> None:
    trial = begun()
    deliver()
    click(trial, 1, 9)
    before = clock.now() - timedelta(hours=5)
    Trial.objects.update(started_at=before)
    Message.objects.update(done_at=before)
    tried = Message.objects.count()
    # Before the rest is queued; once it is, and told in the journal; at the last thing that is written.
    for table in ("delivery_message", "journal_entry", "mailings_trial"):
        kill_at(table, tmp_path)
        assert Message.objects.count() == tried
        assert Trial.objects.get().decided_at is None
    assert start_worker(tmp_path).wait(60) == 0
    trial = Trial.objects.get()
    assert trial.winner is not None
    assert trial.winner.letter == "B"
    # One that was killed and one that comes too late change nothing.
    assert start_worker(tmp_path).wait(60) == 0
    assert len(deliver().sent) == 200 - tried
    assert Message.objects.filter(state="sent").count() == 200
    assert Message.objects.values("person").distinct().count() == 200
    assert sum(Mailing.objects.values_list("recipients", flat=True)) == 200
