"""A worker is killed while it leads people on, more than once: what a step does is done once for each of them."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from benchmarks.mail import ADD_PEOPLE
from portevoix.delivery.models import Message
from portevoix.journeys import tasks
from portevoix.journeys.models import Mark, Trip
from portevoix.paths.models import Task
from portevoix.people.models import Interaction, Person, Tag, Tagging
from tests.delivery.operator import configure
from tests.journeys.factories import drawn, published, step

PEOPLE, PORTION, KILLS = 1_500, 40, 5
CHANNELS = (("email", "mail"), ("sms", "text"))
ADD_TELEPHONES = """
WITH mobile AS (
    INSERT INTO people_phonenumber (person_id, number, kind, status, is_primary, source)
    SELECT id, '+3363998' || lpad((id %% 10000)::text, 4, '0'), 'mobile', 'verified', true, 'bench' FROM people_person
)
INSERT INTO rights_ground (person_id, purpose, channel, basis, evidence, withdrawal, source)
SELECT id, 'texts', 'sms', 'consent', '{}', '{}', 'bench' FROM people_person
"""
#: Nothing leaves in this test: the queue is what counts.
GATEWAY = "http://127.0.0.1:9/send"
STOP = "STOP au 36111"
WORKER = f"""
import django
django.setup()
from portevoix.journeys import tasks
from portevoix.journeys.models import Journey
from portevoix.journeys.services import following
until = following.settle(actor=tasks.ACTOR)
for journey in Journey.objects.live():
    tasks.lead(journey, until=until, portion={PORTION})
"""


def start_worker(folder: Path) -> subprocess.Popen[bytes]:
    where = connection.settings_dict
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "portevoix.conf.settings.base",
        "DATABASE_URL": f"postgresql://{where['USER']}@/{where['NAME']}?host={where['HOST']}",
        "PORTEVOIX_SECRETS_KEY": "k" * 60,
        "PORTEVOIX_DATA_DIR": str(folder),
        "PORTEVOIX_SMS_BACKEND": "gateway",
        "PORTEVOIX_SMS_GATEWAY_URL": GATEWAY,
        "PORTEVOIX_SMS_STOP_MENTION": STOP,
        "PORTEVOIX_LEGAL_PUBLISHER": "Association des Ondes",
        "PORTEVOIX_LEGAL_PUBLISHER_ADDRESS": "12 rue des Ondes, 00000 Villedeau",
    }
    return subprocess.Popen([sys.executable, "-c", WORKER], env=environment)


def wait_for_marks(number: int, worker: subprocess.Popen[bytes]) -> None:
    """Wait until so many steps are done, or the worker has ended."""
    while Mark.objects.count() < number and worker.poll() is None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            worker.wait(0.005)


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(600)
def test_a_worker_that_is_killed_does_nothing_twice_and_forgets_nobody(tmp_path: Path, settings: Any) -> None:
    configure(settings, None, backend="gateway", gateway_url=GATEWAY, stop_mention=STOP)
    with connection.cursor() as cursor:
        cursor.execute(ADD_PEOPLE, [PEOPLE])
        cursor.execute(ADD_TELEPHONES, [])
    version = drawn()
    step(version, "add_tag", tag=Tag.objects.create(name="Accueilli").pk)
    step(version, "mail", otherwise="leave")
    step(version, "text", words="Ricochet : bienvenue !", otherwise="leave")
    step(version, "task", title="Appeler", days=2)
    published(version)
    Interaction.objects.bulk_create(
        Interaction(person_id=pk, kind="confirmed", source="tests")
        for pk in Person.objects.values_list("pk", flat=True)
    )
    killed = 0
    for number in range(1, KILLS + 1):
        worker = start_worker(tmp_path)
        wait_for_marks(number * PEOPLE // 2, worker)
        killed += worker.poll() is None
        worker.send_signal(signal.SIGKILL)
        worker.wait(10)
        # No more than what the transactions that were committed say; each act with its mark.
        assert Tagging.objects.count() == Mark.objects.filter(kind="add_tag").count()
        for channel, kind in CHANNELS:
            assert Message.objects.filter(channel=channel).count() == Mark.objects.filter(kind=kind).count()
        assert Task.objects.count() == Mark.objects.filter(kind="task").count()
    assert killed >= KILLS - 1
    assert start_worker(tmp_path).wait(300) == 0
    assert Trip.objects.filter(state="done").count() == PEOPLE
    letters, texts = (Message.objects.filter(channel=channel) for channel, _kind in CHANNELS)
    for rows in (Tagging.objects.all(), letters, texts, Task.objects.all()):
        found = rows.values_list("person", flat=True)
        assert (len(found), len(set(found))) == (PEOPLE, PEOPLE)
    assert Mark.objects.count() == 4 * PEOPLE
    assert tasks.ACTOR.kind == "system"
