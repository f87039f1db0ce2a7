"""A dispatcher of texts is killed in the middle: nobody gets it twice, nobody is lost, what is in doubt is said."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from portevoix.delivery import selectors
from portevoix.delivery.models import Message, Run
from portevoix.kernel import clock
from tests.delivery.operator import HANG_UP, KEYS, TUESDAY, Telephones, configure, queue

CONNECTIONS = 3
WORKER = """
import django
django.setup()
from datetime import datetime, UTC
from portevoix.delivery.dispatch import texts
from portevoix.kernel import clock
with clock.stopped_at(datetime(2027, 3, 16, 9, tzinfo=UTC)):
    while texts.run().has_more:
        pass
"""


def start_worker(telephones: Telephones, folder: Path) -> subprocess.Popen[bytes]:
    where = connection.settings_dict
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "portevoix.conf.settings.base",
        "DATABASE_URL": f"postgresql://{where['USER']}@/{where['NAME']}?host={where['HOST']}",
        "PORTEVOIX_SECRETS_KEY": "k" * 60,
        "PORTEVOIX_DATA_DIR": str(folder),
        "PORTEVOIX_SMS_BACKEND": "ovh",
        "PORTEVOIX_SMS_SENDER": "Ricochet",
        "PORTEVOIX_SMS_OVH_URL": telephones.url,
        "PORTEVOIX_SMS_OVH_SERVICE": KEYS.service,
        "PORTEVOIX_SMS_OVH_APPLICATION_KEY": KEYS.application,
        "PORTEVOIX_SMS_OVH_APPLICATION_SECRET": KEYS.secret,
        "PORTEVOIX_SMS_OVH_CONSUMER_KEY": KEYS.consumer,
        "PORTEVOIX_SMS_CONNECTIONS": str(CONNECTIONS),
    }
    return subprocess.Popen([sys.executable, "-c", WORKER], env=environment)


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(300)
def test_a_dispatcher_that_is_killed_sends_nothing_twice_and_loses_nothing(tmp_path: Path, settings: Any) -> None:
    people, kills = 240, (30, 90, 170)
    with Telephones() as telephones, clock.stopped_at(TUESDAY):
        configure(settings, telephones)
        batch = queue(people=people)
        for count in kills:
            held, killed = threading.Event(), threading.Event()

            def hold(number: int, at: int = count, held: Any = held, killed: Any = killed) -> int | None:
                if number != at:
                    return None
                held.set()
                killed.wait(20)
                return HANG_UP

            telephones.fault = hold
            worker = start_worker(telephones, tmp_path)
            assert held.wait(60), worker.poll()
            worker.send_signal(signal.SIGKILL)
            worker.wait(10)
            killed.set()
            assert Run.objects.filter(ended_at=None).count() == 1
        telephones.fault = lambda number: None
        assert start_worker(telephones, tmp_path).wait(120) == 0
        taken = Counter(one.phone for one in telephones.store.outgoing())
    found = selectors.results(batch)
    assert max(taken.values()) == 1
    assert found.sent + found.uncertain == found.total == people
    assert len(kills) <= found.uncertain <= len(kills) * CONNECTIONS
    sent = Message.objects.filter(state="sent").values_list("person__phones__number", flat=True)
    assert set(sent) <= set(taken)
