"""Where bounces and complaints are read: a mailbox of any kind, in batches, settled one by one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from django.conf import settings

from portevoix.delivery.readers.imap import ImapReader, ImapServer
from portevoix.delivery.readers.maildir import MaildirReader
from portevoix.delivery.types import Returned


class Reader(Protocol):
    """A mailbox, opened by its context. Raises ReaderUnavailable."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def batches(self, size: int, *, most: int) -> Iterator[list[Returned]]:
        """Yield what is new in it, so many at a time."""

    def settle(self, name: str, *, keep: bool) -> None:
        """Say that a message was seen: it is new no more, and gone unless it is to be kept."""


def configured() -> list[Reader]:
    """Return the mailboxes that the instance is configured to read."""
    returns = settings.INSTANCE.returns
    found: list[Reader] = []
    if returns.maildir:
        found.append(MaildirReader(Path(returns.maildir)))
    if returns.imap_host:
        server = ImapServer(
            host=returns.imap_host,
            port=returns.imap_port,
            is_encrypted=returns.imap_security == "tls",
            user=returns.imap_user,
            password=returns.imap_password,
            folder=returns.imap_folder,
        )
        found.append(ImapReader(server))
    return found
