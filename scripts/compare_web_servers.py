"""Measure granian, gunicorn and uvicorn on a running demo's data: ``python scripts/compare_web_servers.py var/demo``.

The figures of docs/decisions/0002-web-server.md. Each server gets one process of four threads and answers the same
pages in turn, round after round, so that a busy machine disturbs them alike; the best round of each counts.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

SECONDS = 4.0
CONNECTIONS = 8
PAGES = {"cached page": "/", "static file": "/static/kernel/icon.svg", "uncached page": "/gestion/login/"}
PORT = 8790
BIN = Path(sys.executable).parent

COMMANDS: Mapping[str, list[str]] = {
    "granian (WSGI)": [sys.executable, "-m", "portevoix", "serve", f"--port={PORT}"],
    "gunicorn (gthread)": [
        *(str(BIN / "gunicorn"), "portevoix.conf.wsgi:application", f"--bind=127.0.0.1:{PORT}"),
        *("--workers=1", "--threads=4", "--worker-class=gthread", "--log-level=error"),
    ],
    "uvicorn (ASGI)": [
        *(str(BIN / "uvicorn"), "django.core.asgi:get_asgi_application", "--factory", f"--port={PORT}"),
        *("--log-level=error", "--no-access-log"),
    ],
}


@contextmanager
def running(command: list[str], environment: Mapping[str, str]) -> Iterator[tuple[int, float]]:
    """Run a server; give its process number and the seconds until its first answer."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, process_group=0
    )
    try:
        while True:
            try:
                with Connection() as connection:
                    connection.get("/gestion/login/")
                break
            except OSError:
                if process.poll() is not None:
                    sys.exit(f"{command[0]} stopped.")
                time.sleep(0.02)
        yield process.pid, time.perf_counter() - began
    finally:
        os.killpg(process.pid, 15)
        process.wait()


class Connection:
    """One kept-open connection that asks and waits: little work, so that the server is what is measured."""

    def __enter__(self) -> Connection:
        self.socket = socket.create_connection(("127.0.0.1", PORT), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self

    def __exit__(self, *_error: object) -> None:
        self.socket.close()

    def get(self, path: str) -> int:
        """Ask for a page; return its status."""
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n".encode())
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._receive()
        head, _, body = data.partition(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), None)
        while len(body) < length if length is not None else not body.endswith(b"0\r\n\r\n"):
            body += self._receive()
        return int(lines[0].split()[1])

    def _receive(self) -> bytes:
        received = self.socket.recv(262144)
        if not received:
            raise ConnectionError
        return received


def rate(path: str) -> float:
    """Return the answers a second over a few connections."""
    stop = time.perf_counter() + SECONDS
    counts = [0] * CONNECTIONS

    def ask(number: int) -> None:
        connection = Connection().__enter__()
        while time.perf_counter() < stop:
            try:
                status = connection.get(path)
            except ConnectionError:  # a server may close a connection that it has kept long enough
                connection.__exit__()
                connection = Connection().__enter__()
                continue
            if status >= 400:
                sys.exit(f"{path}: answer {status}")
            counts[number] += 1
        connection.__exit__()

    askers = [threading.Thread(target=ask, args=(number,)) for number in range(CONNECTIONS)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    return sum(counts) / SECONDS


def memory(leader: int) -> float:
    """Return the MiB of the server's processes, pages they share counted once."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(folder.name)) == leader:
                rollup = (folder / "smaps_rollup").read_text()
                total += int(next(line for line in rollup.splitlines() if line.startswith("Pss:")).split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    return total / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="data folder of a demo that runs")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    folder = options.folder.absolute()
    environment = {
        **os.environ,
        "PORTEVOIX_DATA_DIR": str(folder),
        "PORTEVOIX_CONFIG": str(folder / "portevoix.toml"),
        "DJANGO_SETTINGS_MODULE": "portevoix.conf.settings.base",
    }
    best: dict[tuple[str, str], float] = {}
    for _round in range(options.rounds):
        for name, command in COMMANDS.items():
            with running(command, environment) as (leader, start):
                best[name, "start (s)"] = min(best.get((name, "start (s)"), 1e9), start)
                for label, path in PAGES.items():
                    best[name, label] = max(best.get((name, label), 0), rate(path))
                best[name, "memory (MiB)"] = min(best.get((name, "memory (MiB)"), 1e9), memory(leader))
    columns = [*PAGES, "start (s)", "memory (MiB)"]
    print("| server | " + " | ".join(columns) + " |")
    print("|---" * (len(columns) + 1) + "|")
    for name in COMMANDS:
        cells = [f"{best[name, column]:.1f}" if "(" in column else f"{best[name, column]:.0f}/s" for column in columns]
        print(f"| {name} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
