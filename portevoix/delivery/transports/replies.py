"""Reading and writing on an SMTP line, with exact knowledge of what has left."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from functools import lru_cache
from typing import BinaryIO

LINE_LIMIT = 4096
LINES_LIMIT = 100
REPLY_LINE = re.compile(rb"([1-5]\d\d)(?:([ -])(.*))?\r?\n\Z", re.DOTALL)
#: Seconds given to a server that hung up to have said why.
LAST_WORDS_TIMEOUT = 2


class BrokenLine(Exception):
    """The session is over: closed, silent for too long, or no longer speaking SMTP."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A server's reply: its code and its words on one line."""

    code: int
    words: str

    @property
    def is_success(self) -> bool:
        return 200 <= self.code < 300

    @property
    def is_for_later(self) -> bool:
        return 400 <= self.code < 500

    @property
    def is_final_refusal(self) -> bool:
        return self.code >= 500


class SmtpLine:
    """A connected socket past its greeting."""

    def __init__(self, sock: socket.socket, file: BinaryIO) -> None:
        self._sock = sock
        if sock.family in (socket.AF_INET, socket.AF_INET6):
            # Each write is a whole turn of the conversation: nothing to wait for.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # The file that read the greeting: it may already hold what came behind it.
        self._file = file
        self._timeout: float | None = None

    def write(self, octets: bytes, *, timeout: float, vital: int | None = None) -> None:
        """Send all of it.

        Raises BrokenLine when less than `vital` bytes left (by default: all of them). Past that it returns
        in silence: the next read will tell.
        """
        vital = len(octets) if vital is None else vital
        self._wait_at_most(timeout)
        view = memoryview(octets)
        sent = 0
        while sent < len(octets):
            try:
                sent += self._sock.send(view[sent:])
            except OSError as error:
                if sent < vital:
                    raise BrokenLine(_in_words(error)) from error
                return

    def read(self, *, timeout: float) -> Reply:
        """Read one reply, of one or several lines. Raises BrokenLine without a whole and proper one."""
        self._wait_at_most(timeout)
        words: list[str] = []
        for _ in range(LINES_LIMIT):
            try:
                line = self._file.readline(LINE_LIMIT)
            except OSError as error:
                raise BrokenLine(_in_words(error)) from error
            read, goes_on = _read(line)
            if not goes_on and not words:
                return read
            words.append(read.words)
            if not goes_on:
                return Reply(read.code, " ".join(words))
        raise BrokenLine("an endless reply")

    def last_words(self) -> Reply | None:
        """After a failed write, return the refusal that the server sent before it hung up, if it did."""
        try:
            reply = self.read(timeout=LAST_WORDS_TIMEOUT)
        except BrokenLine:
            return None
        return reply if reply.code >= 400 else None

    def _wait_at_most(self, seconds: float) -> None:
        if seconds != self._timeout:
            self._sock.settimeout(seconds)
            self._timeout = seconds


@lru_cache(maxsize=512)
def _read(line: bytes) -> tuple[Reply, bool]:
    """Read one line of a reply, and whether another follows; servers say the same again and again."""
    found = REPLY_LINE.match(line)
    if found is None:
        raise BrokenLine("not an SMTP reply" if line else "closed by the server")
    return Reply(int(found[1]), (found[3] or b"").decode("utf-8", "replace").strip()), found[2] == b"-"


def _in_words(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return error.strerror or type(error).__name__
