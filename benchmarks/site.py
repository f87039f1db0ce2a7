"""The public home page from the full-page cache, against the same page made anew at each request."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from urllib.parse import urlsplit, urlunsplit

from django.core.management import call_command
from django.db import connections

from benchmarks.harness import Benchmark, register
from portevoix.operations.demo.site import build_site

READERS = 4
SECONDS = 5.0


@register
class Home(Benchmark):
    """The demo's home page by the product's own web server, one worker, connections kept open, gzip accepted."""

    name = "site.home"
    n = READERS
    unit = "requests/s"
    goal = 20.0
    side = "at least"
    rounds = 3

    def set_up(self) -> None:
        self.port = free_port()
        call_command("collectstatic", interactive=False, verbosity=0)
        build_site(hostname="localhost", port=self.port)
        url = urlsplit(os.environ["DATABASE_URL"])._replace(path="/" + connections["default"].settings_dict["NAME"])
        environment = {
            **os.environ,
            "DATABASE_URL": urlunsplit(url),
            "PORTEVOIX_SITE_BASE_URL": f"http://localhost:{self.port}",
        }
        self.server = subprocess.Popen(
            [sys.executable, "-m", "portevoix", "serve", "--port", str(self.port)],
            env=environment,
            stdout=subprocess.DEVNULL,
        )
        wait_for(self.port)
        assert b"x-page-cache: hit" in ask(self.port, "/", times=4).lower()

    def ours(self) -> float:
        return rate(self.port, "/")

    def reference(self) -> float:
        # The cache keeps no address with a question in it, so this one is made anew each time.
        return rate(self.port, "/?anew=1")

    def tear_down(self) -> None:
        if hasattr(self, "server"):  # or it never started, for a reason that is told
            self.server.terminate()
            self.server.wait(20)


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def wait_for(port: int) -> None:
    for _attempt in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(port)


def request(port: int, path: str) -> bytes:
    return (
        f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nUser-Agent: Firefox/140\r\nAccept-Encoding: gzip\r\n\r\n"
    ).encode()


def answer(sock: socket.socket) -> bytes:
    """Read one answer whole; return its head."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += sock.recv(65536)
    head, _end, body = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), head[:100]
    lengths = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    left = int(lengths[0].split(b":")[1]) - len(body)
    while left > 0:
        left -= len(sock.recv(min(left, 65536)))
    return head


def ask(port: int, path: str, *, times: int) -> bytes:
    with socket.create_connection(("127.0.0.1", port)) as sock:
        for _time in range(times):
            sock.sendall(request(port, path))
            head = answer(sock)
    return head


def rate(port: int, path: str) -> float:
    """Return how many answers a second all readers got together."""
    counts = [0] * READERS
    ends = time.perf_counter() + SECONDS

    def read(number: int) -> None:
        wire = request(port, path)
        with socket.create_connection(("127.0.0.1", port)) as sock:
            while time.perf_counter() < ends:
                sock.sendall(wire)
                answer(sock)
                counts[number] += 1

    readers = [threading.Thread(target=read, args=(number,)) for number in range(READERS)]
    began = time.perf_counter()
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    return sum(counts) / (time.perf_counter() - began)
