"""A mailbox at an IMAP server (RFC 3501)."""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from portevoix.delivery.exceptions import ReaderUnavailable
from portevoix.delivery.rules.reports import MOST_OCTETS
from portevoix.delivery.types import Returned

TIMEOUT = 30
#: What a library may raise when the line is lost or the server talks nonsense.
LOST = (imaplib.IMAP4.error, OSError, EOFError)


@dataclass(frozen=True, kw_only=True)
class ImapServer:
    """Where the mailbox is."""

    host: str
    port: int = 993
    is_encrypted: bool = True
    user: str
    password: str
    folder: str = "INBOX"
    #: Whom to trust; by default the system's authorities.
    tls: ssl.SSLContext | None = None


class ImapReader:
    """Reads what is unseen in a folder."""

    def __init__(self, server: ImapServer) -> None:
        self._server = server

    def __enter__(self) -> Self:
        server = self._server
        try:
            self._line: imaplib.IMAP4 = (
                imaplib.IMAP4_SSL(
                    server.host, server.port, ssl_context=server.tls or ssl.create_default_context(), timeout=TIMEOUT
                )
                if server.is_encrypted
                else imaplib.IMAP4(server.host, server.port, timeout=TIMEOUT)
            )
        except LOST as error:
            raise ReaderUnavailable(str(error)) from error
        try:
            self._line.login(server.user, server.password)
            self._asked(self._line.select(f'"{server.folder}"'))
        except (*LOST, ReaderUnavailable) as error:
            self._line.shutdown()
            raise ReaderUnavailable(str(error)) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(*LOST):
            self._line.close()  # removes what is marked
        with suppress(*LOST):
            self._line.logout()
        with suppress(OSError):
            self._line.shutdown()

    def batches(self, size: int, *, most: int) -> Iterator[list[Returned]]:
        """Yield what is unseen, so many at a time."""
        found = self._asked(self._ask("SEARCH", "UNSEEN"))
        names: list[str] = found[0].decode("ascii").split()[:most] if found and found[0] else []
        for start in range(0, len(names), size):
            yield [self._read(name) for name in names[start : start + size]]

    def _read(self, name: str) -> Returned:
        found = self._asked(self._ask("FETCH", name, f"(BODY.PEEK[]<0.{MOST_OCTETS}>)"))
        content = next((one[1] for one in found if isinstance(one, tuple)), b"")
        return Returned(name, bytes(content))

    def settle(self, name: str, *, keep: bool) -> None:
        """Mark a message seen, or to be removed."""
        self._asked(self._ask("STORE", name, "+FLAGS", r"(\Seen)" if keep else r"(\Seen \Deleted)"))

    def _ask(self, *words: str) -> tuple[str, list[Any]]:
        try:
            return self._line.uid(*words)
        except LOST as error:
            raise ReaderUnavailable(str(error)) from error

    def _asked(self, answer: tuple[str, list[Any]]) -> list[Any]:
        if answer[0] != "OK":
            raise ReaderUnavailable(f"{answer[0]} {answer[1]!r}"[:300])
        return answer[1]
