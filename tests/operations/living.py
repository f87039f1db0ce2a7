"""Real demos in temporary folders, and a count of what they leave behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from portevoix.operations.embedded.cluster import is_running

NOBODY = 65534
#: Reads root's files, so that the interpreter is found, but writes no more than anybody.
AS_NOBODY = [
    *("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"),
    *("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"),
]


def free_port() -> int:
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        return int(any_port.getsockname()[1])


def all_gone(numbers: set[int], *, within: float = 15.0) -> bool:
    deadline = time.monotonic() + within
    while any(is_running(number) for number in numbers):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _parents() -> dict[int, int]:
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    return parents


@dataclass
class LivingDemo:
    """``portevoix demo`` as a host runs it, without the content, which other tests read."""

    folder: Path
    port: int = field(default_factory=free_port)
    prefix: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PORTEVOIX_")}
        self.process = subprocess.Popen(
            [*self.prefix, sys.executable, "-m", "portevoix", "demo", "--without-content"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={
                **environment,
                "PORTEVOIX_DATA_DIR": str(self.folder),
                "PORTEVOIX_PORT": str(self.port),
                "LANG": "en_GB.UTF-8",
            },
        )
        self.lines: list[str] = []

    def read_until(self, text: str) -> str:
        """Return what was said up to the line that holds the text, or to the end."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            if text in line:
                break
        return "".join(self.lines)

    def wait_until_announced(self) -> str:
        said = self.read_until("Ctrl-C")
        assert "Ctrl-C" in said, self.end()
        return said

    def address(self, name: str) -> str:
        """Return one of the addresses that were announced."""
        line = next(line for line in self.lines if name in line)
        return line.split()[-1]

    def family(self) -> set[int]:
        """Return the numbers of the supervisor's descendants."""
        parents, found, fresh = _parents(), set[int](), {self.process.pid}
        while fresh:
            fresh = {child for child, parent in parents.items() if parent in fresh}
            found |= fresh
        return found

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def end(self, number: signal.Signals | None = None) -> tuple[int, str, str]:
        """Return the exit status, and the rest of what was said on each stream."""
        if number is not None:
            self.send(number)
        said, complained = self.process.communicate(timeout=60)
        return self.process.returncode, said, complained


def fetch(address: str) -> str:
    with urllib.request.urlopen(address, timeout=30) as answer:
        return str(answer.read().decode())
