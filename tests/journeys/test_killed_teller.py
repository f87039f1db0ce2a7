"""A worker is killed between telling an address and writing that it told: it is told again, and can know that."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from django.db import connection

from portevoix.accounts.types import Role
from portevoix.journeys.models import Call
from portevoix.journeys.services import calling
from tests.accounts.factories import staff
from tests.journeys.factories import drawn, happens, published, run, step
from tests.people.factories import PersonFactory

WORKER = """
import django
django.setup()
from django.conf import settings
settings.WEBHOOK_NETWORKS = ("127.0.0.0/8",)
from portevoix.journeys import tasks
tasks.call()
"""


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


class Service(HTTPServer):
    """Acts once for each key that it has not seen, as the documentation asks; kills who tells it first."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Desk)
        self.keys: list[str] = []
        self.acted: set[str] = set()
        self.teller: subprocess.Popen[bytes] | None = None


class _Desk(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        service = self.server
        assert isinstance(service, Service)
        self.rfile.read(int(self.headers["Content-Length"]))
        service.keys.append(self.headers["Idempotency-Key"])
        service.acted.add(self.headers["Idempotency-Key"])
        if len(service.keys) == 1 and service.teller is not None:
            service.teller.send_signal(signal.SIGKILL)
            service.teller.wait(10)
            return
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(300)
def test_a_service_that_keeps_the_keys_it_saw_acts_once_though_its_teller_is_killed(tmp_path: Path) -> None:
    with Service() as service:
        running = threading.Thread(target=service.serve_forever, kwargs={"poll_interval": 0.01})
        running.start()
        address = calling.add_address(
            name="Outil",
            url=f"http://127.0.0.1:{service.server_port}/",
            fields=[],
            processor_id=None,
            actor=staff(Role.DIRECTOR),
        )
        version = drawn()
        step(version, "webhook", address=address.pk)
        published(version)
        happens(PersonFactory())
        run()
        service.teller = start_worker(tmp_path)
        assert service.teller.wait(120) == -signal.SIGKILL
        # It told, and could write nothing: the call waits as if it had never been tried.
        assert Call.objects.values_list("state", "attempts").get() == ("waiting", 0)
        assert start_worker(tmp_path).wait(120) == 0
        service.shutdown()
        running.join()
    assert Call.objects.values_list("state", "attempts").get() == ("told", 1)
    assert (len(service.keys), len(service.acted)) == (2, 1)
