"""A storm of sign-ups: two hundred visitors at once, on nginx as shipped, the product's own server and worker."""

from __future__ import annotations

import asyncio
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.core.management import call_command
from django.db import connections

from benchmarks.harness import Benchmark, register
from benchmarks.mail import Sink
from benchmarks.site import free_port, wait_for
from portevoix.actions.models import Participation, SignUpPage
from portevoix.operations.demo.site import build_site
from tests.operations.fronting import configuration, running

VISITORS = 200
SECONDS = 60.0
#: How long a visitor takes to fill the form in: quicker than anybody does.
THINKING = (3.0, 6.0)
HIDDEN = re.compile(rb'name="moment" value="([^"]+)"')


@register
class Storm(Benchmark):
    """The time in which 99 of 100 sign-ups are answered in a storm, against that of one visitor alone.

    Each reads the page, fills the form in, sends it, reads the thanks. The run fails where one is answered with an
    error, or where one that was thanked for is not in the database. The letters leave meanwhile.
    """

    name = "actions.storm"
    n = VISITORS
    unit = "ms (p99)"
    goal = 100.0
    side = "at most"
    rounds = 1
    most = 1000.0

    def set_up(self) -> None:
        self.port, behind, self.sink = free_port(), free_port(), Sink()
        call_command("collectstatic", interactive=False, verbosity=0)
        build_site(hostname="localhost", port=self.port)
        self.path = str(SignUpPage.objects.live().first().url)  # type: ignore[union-attr]
        url = urlsplit(os.environ["DATABASE_URL"])._replace(path="/" + connections["default"].settings_dict["NAME"])
        environment = {
            **os.environ,
            "DATABASE_URL": urlunsplit(url),
            # Secure, so that each visitor is told apart by what nginx says of them; TLS itself is not measured.
            "PORTEVOIX_SITE_BASE_URL": f"https://localhost:{self.port}",
            "PORTEVOIX_MAIL_CONNECTIONS": "4",
            "PORTEVOIX_MAIL_HOST": "127.0.0.1",
            "PORTEVOIX_MAIL_PORT": str(self.sink.port),
        }
        self.processes = [
            subprocess.Popen([sys.executable, "-m", "portevoix", *command], env=environment, stdout=subprocess.DEVNULL)
            for command in (["serve", "--port", str(behind), "--workers", str(os.cpu_count())], ["worker"])
        ]
        wait_for(behind)
        self.stack = ExitStack()
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="portevoix-nginx-")))
        first = configuration(folder, port=self.port, behind=behind, workers="auto")
        self.stack.enter_context(running(first, self.port))

    def ours(self) -> float:
        return self._storm(VISITORS, SECONDS)

    def reference(self) -> float:
        return self._storm(1, SECONDS / 2)

    def tear_down(self) -> None:
        self.stack.close()
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(30)
        self.sink.stop()

    def _storm(self, visitors: int, seconds: float) -> float:
        before = Participation.objects.count()
        took = asyncio.run(storm(self.port, self.path, visitors, seconds))
        kept = Participation.objects.count() - before
        if kept != len(took):
            raise AssertionError(f"{len(took)} sign-ups were thanked for, {kept} are there")
        print(f"    {visitors} visitors: {len(took)} sign-ups, median {statistics.median(took) * 1000:,.0f} ms")
        return sorted(took)[int(len(took) * 0.99)] * 1000


async def storm(port: int, path: str, visitors: int, seconds: float) -> list[float]:
    """Return the seconds in which each sign-up was answered."""
    ends = time.monotonic() + seconds
    stamp = f"{time.time_ns():x}"
    found = await asyncio.gather(*(visitor(port, path, number, stamp, ends) for number in range(visitors)))
    return [one for each in found for one in each]


async def visitor(port: int, path: str, number: int, stamp: str, ends: float) -> list[float]:
    """Sign up again and again, each time as somebody else, from a connection of one's own."""
    took: list[float] = []
    chance = random.Random(number)
    source = f"127.0.{number // 250 + 1}.{number % 250 + 1}"
    await asyncio.sleep(chance.uniform(0, THINKING[1]))
    while time.monotonic() < ends:
        _status, page = await ask(port, source, f"GET {path} HTTP/1.1", b"")
        moment = HIDDEN.search(page)
        assert moment, page[:300]
        await asyncio.sleep(chance.uniform(*THINKING))
        form = {
            "moment": moment[1].decode().replace("&amp;", "&"),
            "email": f"{stamp}.{number}.{len(took)}@mail.example",
            "first_name": "Maëlle",
            "last_name": f"Visiteuse {number}",
            "newsletter": "on",
        }
        began = time.perf_counter()
        status, page = await ask(port, source, f"POST {path} HTTP/1.1", urlencode(form).encode())
        took.append(time.perf_counter() - began)
        assert status == 302, (status, page[:2000])
        status, _page = await ask(port, source, f"GET {path}?sent=1 HTTP/1.1", b"")
        assert status == 200, status
    return took


async def ask(port: int, source: str, line: str, body: bytes) -> tuple[int, bytes]:
    """Send one request on a connection of its own; return the status and the body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0))
    kind = "Content-Type: application/x-www-form-urlencoded\r\n" if body else ""
    head = f"{line}\r\nHost: localhost:{port}\r\n{kind}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    writer.write(head.encode() + body)
    received = await reader.read()
    writer.close()
    head_received, _end, page = received.partition(b"\r\n\r\n")
    return int(head_received.split(b" ", 2)[1]), page
