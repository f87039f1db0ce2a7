"""A small LMTP server (RFC 2033) that a mail server on the same machine hands bounces to.

It does nothing but put them into the Maildir: once it has said 250 they are on the disk.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session

from portevoix.delivery.readers import maildir

MOST_OCTETS = 10 * 1024 * 1024


class LmtpServer(Controller):
    """Listens while it is started, in a thread of its own."""

    def __init__(self, folder: Path, return_address: str, *, hostname: str, port: int) -> None:
        super().__init__(_Box(folder, return_address), hostname=hostname, port=port)

    def factory(self) -> LMTP:
        return _Lmtp(self.handler, data_size_limit=MOST_OCTETS, enable_SMTPUTF8=True, ident="portevoix")


class _Lmtp(LMTP):
    #: Reports quote what they were sent, longer than RFC 5321 allows (4.5.3.1.6) or not.
    line_length_limit = 64 * 1024


class _Box:
    """Takes what is for the return address, one recipient at a time: a report has one, and one answer is enough."""

    def __init__(self, folder: Path, return_address: str) -> None:
        self._folder = folder
        self._local, _at, self._domain = return_address.lower().rpartition("@")

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[Any]
    ) -> str:
        if envelope.rcpt_tos:
            return "452 4.5.3 one recipient at a time"
        local, _at, domain = address.lower().rpartition("@")
        if domain != self._domain or local.partition("+")[0] != self._local or not address.isprintable():
            return "550 5.1.1 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.original_content or b""
        head = f"Return-Path: <{envelope.mail_from or ''}>\r\nDelivered-To: {envelope.rcpt_tos[0]}\r\n"
        try:
            maildir.deposit(self._folder, head.encode("utf-8", "replace") + content)
        except OSError:
            return "452 4.3.1 no room"
        return "250 2.0.0 kept"
