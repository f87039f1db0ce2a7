"""Child processes that are watched while they run, and that never outlive their parent."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from portevoix.operations.embedded import launch
from portevoix.operations.wording import gettext as _

DEATHS_ALLOWED = 3
DEATHS_WITHIN = 60.0
GRACE = 8.0
LOG_KEPT = 5 * 1024 * 1024


class Stopped(Exception):
    """The host asked to stop while something was under way."""


class Failed(Exception):
    """A part cannot run; the text is for the host, one sentence."""


@dataclass
class Child:
    """A part of the campaign: a command of ours, its log, and how often it died lately."""

    label: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str]
    #: What is told when it ends badly, of one that runs once beside the others and that nobody waits for.
    errand: str = ""
    process: subprocess.Popen[bytes] | None = None
    deaths: list[float] = field(default_factory=list)

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        kept = self.log.exists() and self.log.stat().st_size < LOG_KEPT
        with self.log.open("ab" if kept else "wb") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-I", "-S", launch.__file__, str(os.getpid()), str(int(signal.SIGTERM))),
                    *("same", "", sys.executable, "-m", "portevoix", *self.command),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=dict(self.environment),
                process_group=0,  # a Ctrl-C at the terminal is for the parent, who stops children in order
            )

    @property
    def is_dead(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    @property
    def status(self) -> int:
        return self.process.returncode if self.process is not None and self.process.returncode is not None else 0

    def may_live_again(self) -> bool:
        """Count a death; tell whether there were few enough lately to try again."""
        now = time.monotonic()
        self.deaths = [*(death for death in self.deaths if now - death < DEATHS_WITHIN), now]
        return len(self.deaths) <= DEATHS_ALLOWED

    def ask_to_stop(self) -> None:
        """Tell the process alone: it stops those it started itself, in its own order."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def kill(self) -> None:
        """End the process and those it started, for a dead process may leave some behind."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Family:
    """All children, and the wish to stop: a signal at any moment ends whatever is under way."""

    def __init__(self) -> None:
        self.children: list[Child] = []
        self.stopping = threading.Event()
        self.in_a_hurry = threading.Event()

    def listen(self) -> None:
        """Stop in order at the first signal, at once at the second."""

        def wish(_number: int, _frame: object) -> None:
            (self.in_a_hurry if self.stopping.is_set() else self.stopping).set()

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, wish)

    def start(self, child: Child) -> None:
        self.children.append(child)
        child.start()

    def pause(self, seconds: float) -> None:
        """Wait, or raise Stopped as soon as the host wishes to stop."""
        if self.stopping.wait(seconds):
            raise Stopped

    def complete(self, child: Child) -> None:
        """Run a child to its end; raise Failed where it ends badly."""
        self.start(child)
        while not child.is_dead:
            self.pause(0.05)
        self.children.remove(child)
        if child.status != 0:
            raise Failed(_("{part} failed: the reason is in {log}.").format(part=child.label, log=child.log))

    def bury_and_revive(self) -> list[str]:
        """Start dead children again and tell of it; raise Failed for one that keeps dying."""
        told = []
        for child in list(self.children):
            if not child.is_dead:
                continue
            child.kill()
            if child.errand:
                self.children.remove(child)
                told += [child.errand.format(log=child.log)] if child.status else []
                continue
            if not child.may_live_again():
                raise Failed(
                    _("{part} keeps stopping: the reason is in {log}.").format(part=child.label, log=child.log)
                )
            told.append(
                _("{part} stopped unexpectedly (status {status}): started again.").format(
                    part=child.label, status=child.status
                )
            )
            child.start()
        return told

    def stop(self) -> None:
        """Ask every child to end, wait a little, then insist."""
        for child in self.children:
            child.ask_to_stop()
        deadline = time.monotonic() + GRACE
        while not all(child.is_dead for child in self.children):
            if time.monotonic() > deadline or self.in_a_hurry.wait(0.02):
                break
        for child in self.children:
            child.kill()
        self.children.clear()
