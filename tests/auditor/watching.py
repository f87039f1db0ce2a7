"""What an audit takes of the machine, and what it leaves: every process below this one, looked at while it works."""

from __future__ import annotations

import contextlib
import os
import threading
from collections import defaultdict
from pathlib import Path
from types import TracebackType

from portevoix.auditor.engine.capture.browser import MARK

EVERY = 0.5


class Watch:
    """Counts, while it is open, the memory of this process and all below; knows the browsers that it has seen."""

    def __init__(self) -> None:
        self.peak_mib = 0.0
        self.browsers: set[int] = set()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(EVERY):
            pids = below(os.getpid())
            self.browsers |= {pid for pid in pids if is_marked(pid)}
            self.peak_mib = max(self.peak_mib, sum(memory(pid) for pid in (os.getpid(), *pids)))

    @property
    def left(self) -> set[int]:
        """The browsers seen that live still."""
        return {pid for pid in self.browsers if is_marked(pid)}


def below(top: int) -> set[int]:
    """Return the numbers of all processes that a process started, and those did."""
    children: defaultdict[int, set[int]] = defaultdict(set)
    for place in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent = int(place.read_text().rpartition(")")[2].split()[1])
            children[parent].add(int(place.parent.name))
    found, new = set[int](), {top}
    while new:
        new = set().union(*(children[pid] for pid in new)) - found
        found |= new
    return found


def is_marked(pid: int) -> bool:
    """Tell whether a process is an audit's browser."""
    with contextlib.suppress(OSError):
        return f"{MARK}=".encode() in Path(f"/proc/{pid}/environ").read_bytes()
    return False


def memory(pid: int) -> float:
    """Return what a process takes, its part of what it shares, in MiB."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0
