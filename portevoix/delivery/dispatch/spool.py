"""A run's own diary on disk: what was about to leave, and what the server answered.

Each line is in the kernel's hands before the act that it tells of, so a worker that is killed, at any
instant, leaves an exact account: answered, unanswered, or never begun. The file is locked while its
worker lives, and the kernel lets the lock go with the process. A machine that stops dead may lose the
last lines: then silence proves nothing, see `recovery`.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
from dataclasses import dataclass, field
from json.encoder import encode_basestring_ascii
from pathlib import Path

from portevoix.delivery.exceptions import ServerUnavailable
from portevoix.delivery.types import Outcome, Result

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class StillRunning(Exception):
    """The run's worker lives; its account is not closed."""


class DiaryFull(ServerUnavailable):
    """The diary cannot be written: nothing more may leave, as if there were no server."""


@dataclass
class Account:
    """What a spool tells: messages begun and unanswered, and the answers."""

    begun: set[int] = field(default_factory=set)
    results: dict[int, Result] = field(default_factory=dict)


class Spool:
    """The diary of a living run."""

    def __init__(self, folder: Path, run_id: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = path_of(folder, run_id)
        self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._lock = threading.Lock()
        self._is_full = False

    def begin(self, message_id: int) -> None:
        """Say that a message is about to leave. Raises DiaryFull: then it must not."""
        self._write(b"%d\n" % message_id)

    def finish(self, result: Result) -> None:
        """Say what was answered. Raises DiaryFull."""
        # What json.dumps would write, in a third of the time.
        reply = encode_basestring_ascii(result.reply)
        self._write(f'[{result.ref}, "{result.outcome}", {result.code}, {reply}]\n'.encode("ascii"))

    def _write(self, line: bytes) -> None:
        with self._lock:
            if self._is_full:
                raise DiaryFull("no room on the disk")
            try:
                self._is_full = os.write(self._file, line) < len(line)
            except OSError as error:
                self._is_full = True
                raise DiaryFull(error.strerror or "no room on the disk") from error
            # A line cut short is the last one: what stood behind it would be read as part of it.
            if self._is_full:
                raise DiaryFull("no room on the disk")

    def close(self, *, complete: bool) -> None:
        """Let go; remove the diary when everything in it is in the database."""
        if complete:
            self._path.unlink(missing_ok=True)
        os.close(self._file)


def path_of(folder: Path, run_id: int) -> Path:
    """Return where a run's diary is."""
    return folder / f"run-{run_id}.spool"


def boot() -> str:
    """Return the name of the time since this machine started."""
    return BOOT_ID.read_text("ascii").strip() if BOOT_ID.exists() else ""


def read(path: Path) -> Account:
    """Read a dead run's diary. Raises StillRunning, and FileNotFoundError when it is not on this machine."""
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StillRunning from error
        account = Account()
        for line in file:
            if line.endswith(b"\n"):
                _enter(account, line)
        return account


def _enter(account: Account, line: bytes) -> None:
    if not line.startswith(b"["):
        message_id = int(line)
        account.begun.add(message_id)
        account.results.pop(message_id, None)
        return
    ref, outcome, code, reply = json.loads(line)
    account.begun.discard(ref)
    account.results[ref] = Result(ref, Outcome(outcome), code, reply)
