"""The dispatcher: takes queued messages out of the outbox and hands them to a transport.

The only importer of `delivery.transports`. One thread talks to the database and several to the server.
Whatever happens to this process, no message is sent twice and none is lost: claims are committed before
anything leaves, a diary on disk is a step ahead of each act (`spool`), and what a dead run left is
settled by it (`recovery`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from portevoix.accounts.models import Notice
from portevoix.delivery.dispatch import recovery, staff
from portevoix.delivery.dispatch.work import Summary, Work
from portevoix.delivery.models import Message
from portevoix.delivery.transports import Transport, signing
from portevoix.delivery.transports.signing import SigningTransport
from portevoix.delivery.transports.smtp import SmtpServer, SmtpTransport
from portevoix.kernel import clock
from portevoix.rights.purposes import Channel

#: Seconds of work in one run: short, so that a worker told to stop need not be killed.
SLICE = 5.0
#: The advisory locks of the dispatchers' seats; 0 is the door.
SEAT = 0x706F7274


def run(
    transport: Callable[[], Transport] | None = None,
    *,
    connections: int | None = None,
    seconds: float = SLICE,
) -> Summary:
    """Settle what dead runs left, then send what is due, for at most so many seconds.

    By default to the instance's server, over as many connections as it is configured for. Does nothing, and says so,
    while as many dispatchers are at work as the server was promised. Must not be called inside a transaction: claims
    have to be committed before anything leaves.
    """
    mail = settings.INSTANCE.mail
    with seat(SEAT, mail.workers) as is_mine:
        if not is_mine:
            return Summary(is_turned_away=True)
        # One begins at a time: a diary that is not locked yet must not be taken for a dead worker's.
        with locked(SEAT, 0):
            settled = recovery.recover(spool_folder(), Channel.EMAIL)
            if not Message.objects.due(clock.now()).filter(channel=Channel.EMAIL).exists():
                return Summary(settled=settled)
            begun = Work(spool_folder(), transport or _configured, connections or mail.connections)
        with begun as work:
            work.go_on(until=time.monotonic() + seconds)
        work.summary.settled = settled
        return work.summary


def write_to_staff(transport: Callable[[], Transport] | None = None) -> Iterator[Notice]:
    """Send the letters that staff are owed, by the instance's server unless told otherwise."""
    return staff.write_to_staff(transport or _configured)


def spool_folder() -> Path:
    """Return where runs keep their diaries."""
    return Path(settings.DATA_DIR) / "spool"


def _configured() -> Transport:
    mail = settings.INSTANCE.mail
    line = _line()
    if not mail.dkim_selector or mail.backend != "smtp":
        return line
    return SigningTransport(line, signing.signers(key_folder(), mail.dkim_selector, sender_domain()))


def make_keys(selector: str) -> list[signing.Published]:
    """Make the keys that messages are signed with, unless they are there; return what the DNS must say."""
    return signing.make_keys(key_folder(), selector, sender_domain())


def published_keys(selector: str) -> list[signing.Published]:
    """Return what the DNS must say of keys made before. Raises FileNotFoundError."""
    return signing.published(key_folder(), selector, sender_domain())


def key_folder() -> Path:
    """Return where the keys of DKIM are."""
    return Path(settings.DATA_DIR) / "keys" / "dkim"


def sender_domain() -> str:
    """Return the domain that messages are written from, signed for and judged by."""
    return str(settings.INSTANCE.mail.sender).rpartition("@")[2]


def _line() -> Transport:
    mail = settings.INSTANCE.mail
    if mail.backend != "smtp":
        # The library takes long to import, and most instances do without it.
        from portevoix.delivery.transports.provider import Provider, ProviderTransport

        return ProviderTransport(
            Provider(name=mail.backend, key=mail.api_key, secret=mail.api_secret, url=mail.api_url)
        )
    server = SmtpServer(
        host=mail.host,
        port=mail.port,
        security=mail.security,
        user=mail.user,
        password=mail.password,
        # The library's default asks a name server for this machine's name, and may wait long for the answer.
        hello=urlsplit(settings.BASE_URL).hostname,
        timeout=mail.timeout,
        final_timeout=mail.final_timeout,
    )
    return SmtpTransport(server)


@contextmanager
def seat(kind: int, number: int) -> Iterator[bool]:
    """Take one of the dispatchers' seats, if any is free: the server is promised so many lines and no more.

    Nobody waits for one: a server that hangs would hold every slot of the worker, and all its other jobs.
    """
    taken = None
    with connection.cursor() as cursor:
        for one in range(1, number + 1):
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [kind, one])
            if cursor.fetchone()[0]:
                taken = one
                break
    try:
        yield taken is not None
    finally:
        if taken is not None:
            _let_go(kind, taken)


@contextmanager
def locked(kind: int, number: int) -> Iterator[None]:
    """Hold an advisory lock, waiting for it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [kind, number])
    try:
        yield
    finally:
        _let_go(kind, number)


def _let_go(kind: int, number: int) -> None:
    # A connection that is lost has lost its locks too.
    with suppress(OperationalError, InterfaceError), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [kind, number])
