"""SMTP over a kept-open connection, with as few round trips as the server allows.

`smtplib` opens the session (EHLO, STARTTLS, AUTH); from there on we speak ourselves. Where the server
offers PIPELINING (RFC 2920) a message costs one round trip instead of four: its content leaves in the
same write as the next message's MAIL, RCPT and DATA, and the four replies come back together.

The outcome of a message is never guessed. Only a line lost between the final dot and its reply leaves a
message uncertain; lost any earlier, the server cannot have it.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Literal

from portevoix.delivery.exceptions import ServerUnavailable
from portevoix.delivery.rules import reports
from portevoix.delivery.transports.replies import BrokenLine, Reply, SmtpLine
from portevoix.delivery.types import Envelope, Outcome, Result

#: Replies kept as evidence are cut there.
LONGEST_EVIDENCE = 300
#: So many sessions lost in a row without one message through: the server is not well.
MOST_BROKEN_SESSIONS = 3
#: So many messages refused in a row because of who sends them: it is ours to mend, and the others wait.
MOST_REFUSALS_OF_US = 3
#: The server wants a login (RFC 4954): our settings are wrong, not the recipient's address.
LOGIN_WANTED = (530, 534, 535, 538)
CLOSING = 421
GO_AHEAD = 354

NO_ADDRESS = "not an address that this server can be given"
TOO_EARLY = "line lost before the message was complete: "
UNANSWERED = "line lost after the final dot: "


@dataclass(frozen=True, kw_only=True)
class SmtpServer:
    """Where and how to reach the server."""

    host: str
    port: int = 25
    security: Literal["none", "starttls", "tls"] = "none"
    user: str = ""
    password: str = ""
    #: Name given in EHLO; by default the machine's own.
    hello: str | None = None
    #: Seconds to wait for a connection, and for each reply before the content.
    timeout: float = 60
    #: Seconds to wait for the reply to the final dot (RFC 5321, 4.5.3.2.6: ten minutes).
    final_timeout: float = 600
    #: Whom to trust; by default the system's authorities.
    tls: ssl.SSLContext | None = None


class SmtpTransport:
    """One session at a time with one server: opened when first needed, opened again when lost."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server
        self._session: _Session | None = None
        self._broken_in_a_row = 0
        self._refused_in_a_row = 0

    def deliver(self, envelopes: Iterable[Envelope], *, committing: Callable[[int], bool]) -> Iterator[Result]:
        """Send in order; see `Transport`."""
        waiting = _Waiting(envelopes)
        while waiting.first is not None:
            session = self._session = self._session or self._open()
            try:
                for result in session.deliver(waiting, committing):
                    if result.outcome is Outcome.SENT:
                        self._broken_in_a_row = self._refused_in_a_row = 0
                    yield result
                    self._mind_refusals_of_us(session, result)
            except _Withheld:
                self._drop(session)
            except BrokenLine as broken:
                self._drop(session)
                self._broken_in_a_row += 1
                if self._broken_in_a_row >= MOST_BROKEN_SESSIONS:
                    self._broken_in_a_row = 0
                    raise ServerUnavailable(str(broken)) from broken
            except BaseException:
                # Replies may be on their way: nobody may take this exchange up again.
                self._drop(session)
                raise

    def _mind_refusals_of_us(self, session: _Session, result: Result) -> None:
        """Stop before a slip in our own name fails a whole mailing. Raises ServerUnavailable."""
        if session.has_refused_us:
            self._refused_in_a_row += 1
        if self._refused_in_a_row >= MOST_REFUSALS_OF_US:
            self._refused_in_a_row = 0
            raise ServerUnavailable(f"{result.code} {result.reply}")

    def _drop(self, session: _Session) -> None:
        self._session = None
        session.hang_up()

    def close(self) -> None:
        """Say goodbye; see `Transport`."""
        if self._session is not None:
            self._session.quit()
        self._session = None

    def _open(self) -> _Session:
        try:
            return _Session(_connect(self._server), self._server)
        except (smtplib.SMTPException, OSError) as error:
            raise ServerUnavailable(_in_words(error)) from error


class _Withheld(Exception):
    """A message was announced and may no longer leave."""


class _Waiting:
    """Envelopes still to send, drawn one at a time; the first stays until it is left behind."""

    def __init__(self, envelopes: Iterable[Envelope]) -> None:
        self._rest = iter(envelopes)
        self.first = next(self._rest, None)

    def leave_first(self) -> None:
        self.first = next(self._rest, None)


class _Session:
    """A session past EHLO and AUTH. Raises BrokenLine when it is over."""

    def __init__(self, smtp: smtplib.SMTP, server: SmtpServer) -> None:
        if smtp.sock is None:
            raise ConnectionError("closed by the server")
        self._smtp = smtp
        self._server = server
        self._line = SmtpLine(smtp.sock, smtp.file or smtp.sock.makefile("rb"))
        self._pipelining = smtp.has_extn("pipelining")
        self._utf8 = smtp.has_extn("smtputf8")
        #: Whether a message was answered in this session.
        self._has_served = False
        #: Whether the first waiting message's commands went out behind the previous content.
        self._is_announced = False
        #: A refused recipient leaves MAIL open on the server's side; RSET goes before the next one.
        self._must_reset = False
        #: The envelope whose commands were written last, and those: each is asked for twice.
        self._written: tuple[Envelope | None, list[bytes] | None] = (None, None)
        #: Whether the last refusal was of who sends, not of who was written to.
        self.has_refused_us = False
        #: What ended the session, when a message's outcome was known all the same.
        self._broken: BrokenLine | None = None

    def deliver(self, waiting: _Waiting, committing: Callable[[int], bool]) -> Iterator[Result]:
        """Send until nothing waits; when the session breaks, what has no result still waits."""
        while (envelope := waiting.first) is not None:
            commands = self._commands(envelope)
            if commands is None:
                waiting.leave_first()
                yield Result(envelope.ref, Outcome.REFUSED, 0, NO_ADDRESS)
                continue
            try:
                refusal = self._announce(commands)
            except BrokenLine as broken:
                if self._has_served:
                    # An old session that ends (idle for too long, "enough messages") blames no message.
                    raise
                self._broken = broken
                refusal = Reply(0, TOO_EARLY + str(broken))
            waiting.leave_first()
            if refusal is None:
                if not committing(envelope.ref):
                    # The server waits for a content now; only hanging up sends it none.
                    raise _Withheld
                yield self._content(envelope, waiting.first)
            else:
                result = _result(envelope, refusal, otherwise=Outcome.DEFERRED)
                # Whoever was written to is not to blame, and may be written to when we have mended it.
                yield replace(result, outcome=Outcome.DEFERRED, is_of_sender=True) if self.has_refused_us else result
            if self._broken is not None:
                raise self._broken

    def _commands(self, envelope: Envelope) -> list[bytes] | None:
        """Write the envelope as commands; None for an address that cannot stand in one."""
        if self._written[0] is not envelope:
            self._written = envelope, self._write(envelope)
        return self._written[1]

    def _write(self, envelope: Envelope) -> list[bytes] | None:
        addresses = envelope.sender + envelope.recipient
        if not envelope.recipient or not addresses.isprintable() or any(sign in addresses for sign in " <>"):
            return None
        options = b""
        if not addresses.isascii():
            if not self._utf8:
                return None
            options = b" SMTPUTF8"
        return [
            b"MAIL FROM:<" + envelope.sender.encode() + b">" + options + b"\r\n",
            b"RCPT TO:<" + envelope.recipient.encode() + b">\r\n",
            b"DATA\r\n",
        ]

    def _announce(self, commands: list[bytes]) -> Reply | None:
        """Announce a message; return the refusal, or None when the server waits for the content."""
        replies = self._ask_at_once(commands) if self._pipelining else self._ask_in_turn(commands)
        if replies[0].code in LOGIN_WANTED:
            raise ServerUnavailable(f"{replies[0].code} {replies[0].words}")
        refusal = next((reply for reply in replies[:2] if not reply.is_success), None)
        if refusal is None and replies[2].code != GO_AHEAD:
            refusal = replies[2]
        self.has_refused_us = (
            refusal is not None
            and refusal.code >= 400
            and ((refusal.is_final_refusal and refusal is replies[0]) or reports.is_about_the_sender(refusal.words))
        )
        if refusal is not None:
            self._must_reset = True
            if replies[-1].code == GO_AHEAD and self._broken is None:
                # A server that asks for a content that has nobody to go to (RFC 2920, 3.1): an empty one.
                self._line.write(b".\r\n", timeout=self._server.timeout)
                self._line.read(timeout=self._server.timeout)
        return refusal

    def _ask_at_once(self, commands: list[bytes]) -> list[Reply]:
        if not self._is_announced:
            reset = b"RSET\r\n" if self._must_reset else b""
            self._line.write(reset + b"".join(commands), timeout=self._server.timeout)
        self._is_announced = False
        self._read_reset()
        replies: list[Reply] = []
        try:
            replies.extend(self._read() for _ in commands)
        except BrokenLine as broken:
            # A server may refuse and hang up; the refusal counts.
            if all(reply.code < 400 for reply in replies):
                raise
            self._broken = broken
        return replies

    def _ask_in_turn(self, commands: list[bytes]) -> list[Reply]:
        if self._must_reset:
            self._line.write(b"RSET\r\n", timeout=self._server.timeout)
        self._read_reset()
        replies = []
        for command in commands:
            self._line.write(command, timeout=self._server.timeout)
            replies.append(self._read())
            if replies[-1].code >= 400:
                break
        return replies

    def _read_reset(self) -> None:
        if self._must_reset and not self._read().is_success:
            raise BrokenLine("RSET refused")
        self._must_reset = False

    def _read(self) -> Reply:
        reply = self._line.read(timeout=self._server.timeout)
        if reply.code == CLOSING:
            raise BrokenLine(f"{reply.code} {reply.words}")
        return reply

    def _content(self, envelope: Envelope, following: Envelope | None) -> Result:
        """Send the content, with the next envelope's commands behind it."""
        content = _stuffed(envelope.content)
        ahead = self._commands(following) if following is not None and self._pipelining else None
        octets = b"".join((content, *(ahead or ())))
        try:
            self._line.write(octets, timeout=self._server.timeout, vital=len(content))
        except BrokenLine as broken:
            self._broken = broken
            reply = self._line.last_words() or Reply(0, TOO_EARLY + str(broken))
            return _result(envelope, reply, otherwise=Outcome.DEFERRED)
        try:
            reply = self._line.read(timeout=self._server.final_timeout)
        except BrokenLine as broken:
            self._broken = broken
            return _result(envelope, Reply(0, UNANSWERED + str(broken)), otherwise=Outcome.UNCERTAIN)
        self._has_served = True
        self._is_announced = bool(ahead)
        if reply.code == CLOSING or reply.code < 200 or reply.code == GO_AHEAD:
            self._broken = BrokenLine(f"{reply.code} {reply.words}")
        return _result(envelope, reply, otherwise=Outcome.UNCERTAIN)

    def quit(self) -> None:
        """End the session politely, without waiting for a slow server."""
        with suppress(BrokenLine):
            self._line.write(b"QUIT\r\n", timeout=1)
        self.hang_up()

    def hang_up(self) -> None:
        self._smtp.close()


def _result(envelope: Envelope, reply: Reply, *, otherwise: Outcome) -> Result:
    if reply.is_success:
        outcome = Outcome.SENT
    elif reply.is_for_later:
        outcome = Outcome.DEFERRED
    elif reply.is_final_refusal:
        outcome = Outcome.REFUSED
    else:
        outcome = otherwise
    return Result(envelope.ref, outcome, reply.code, reply.words[:LONGEST_EVIDENCE])


def _stuffed(content: bytes) -> bytes:
    """End the content with its dot; double each dot that opens a line (RFC 5321, 4.5.2)."""
    if b"\r\n." in content:
        content = content.replace(b"\r\n.", b"\r\n..")
    if content.startswith(b"."):
        content = b"." + content
    return content + (b".\r\n" if content.endswith(b"\r\n") else b"\r\n.\r\n")


def _connect(server: SmtpServer) -> smtplib.SMTP:
    """Open a session; never falls back to a clear line when TLS was asked for."""
    context = server.tls or ssl.create_default_context()
    smtp: smtplib.SMTP
    if server.security == "tls":
        smtp = smtplib.SMTP_SSL(server.host, server.port, server.hello, timeout=server.timeout, context=context)
    else:
        smtp = smtplib.SMTP(server.host, server.port, server.hello, timeout=server.timeout)
    try:
        smtp.ehlo_or_helo_if_needed()
        if server.security == "starttls":
            smtp.starttls(context=context)
            smtp.ehlo_or_helo_if_needed()
        if server.user:
            smtp.login(server.user, server.password)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _in_words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        words = error.smtp_error
        return f"{error.smtp_code} {words.decode('utf-8', 'replace') if isinstance(words, bytes) else words}"
    return str(error) or type(error).__name__
