"""``portevoix worker`` as a host runs it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection

from portevoix.operations.management.commands.worker import NICENESS


@pytest.mark.django_db(transaction=True)
def test_the_worker_gives_way_to_visitors(tmp_path: Path) -> None:
    where = connection.settings_dict
    environment = {
        **os.environ,
        "DATABASE_URL": f"postgresql://{where['USER']}@/{where['NAME']}?host={where['HOST']}",
        "PORTEVOIX_SECRETS_KEY": "k" * 60,
        "PORTEVOIX_DATA_DIR": str(tmp_path),
    }
    worker = subprocess.Popen([sys.executable, "-m", "portevoix", "worker"], env=environment)
    try:
        expected = min(os.getpriority(os.PRIO_PROCESS, 0) + NICENESS, 19)
        deadline = time.monotonic() + 60
        while os.getpriority(os.PRIO_PROCESS, worker.pid) != expected:
            assert worker.poll() is None, "the worker ended"
            assert time.monotonic() < deadline, "the worker is as eager as those who answer visitors"
            time.sleep(0.1)
    finally:
        worker.terminate()
        worker.wait(30)
