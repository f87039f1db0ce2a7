"""Background work of the outbox."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.db import InterfaceError, OperationalError

from portevoix.accounts.models import Notice
from portevoix.accounts.types import Actor, System
from portevoix.delivery import dispatch, readers, services
from portevoix.delivery.dispatch import answers, texts
from portevoix.delivery.dispatch.work import Summary
from portevoix.delivery.exceptions import ReaderUnavailable, ServerUnavailable
from portevoix.delivery.models import Batch, Message, Run
from portevoix.delivery.rules import reports
from portevoix.delivery.services import texting
from portevoix.kernel import clock, jobs
from portevoix.rights.purposes import Channel

#: So many reports are taken in together, and so many read in one turn.
REPORTS, MOST_RETURNS = 500, 20_000

#: So many messages are worth a second worker.
MUCH = 2_000

#: Whoever found all seats taken comes back after so long.
TURNED_AWAY = timedelta(seconds=1)

logger = logging.getLogger(__name__)


@jobs.task(name="delivery.dispatch")
def dispatch_queue() -> None:
    """Send what is due, for a while; ask for another turn when there is more, and for another worker when much is."""
    letters = Message.objects.due(clock.now()).filter(channel=Channel.EMAIL)
    if settings.INSTANCE.mail.workers > 1 and letters[MUCH : MUCH + 1].exists():
        jobs.defer("delivery.dispatch", once=True)
    summary = dispatch.run()
    if summary.fault:
        logger.warning("no mail server took anything: %s", summary.fault)
    _close_batches()
    _go_on("delivery.dispatch", summary)


def _go_on(name: str, summary: Summary) -> None:
    """Ask for another turn where there is more to send, or where others had all the seats."""
    if summary.is_turned_away:
        jobs.defer(name, once=True, later=TURNED_AWAY)
    elif summary.has_more:
        jobs.defer(name, once=True)


def _close_batches() -> None:
    for batch in Batch.objects.unfinished():
        if not batch.messages.unsettled().exists():
            services.finish(batch, actor=System("delivery.dispatch"))


@jobs.task(name="delivery.dispatch_texts")
def dispatch_texts() -> None:
    """Send the text messages that are due, for a while; ask for another turn when there is more."""
    summary = texts.run()
    if summary.fault:
        logger.warning("the provider of text messages took nothing: %s", summary.fault)
    _close_batches()
    _go_on("delivery.dispatch_texts", summary)


@jobs.periodic("* * * * *", name="delivery.look_after_texts")
def look_after_texts() -> None:
    """Try again what waits for its hour, for credit or for its provider; settle what a dead worker left."""
    if texts.due().exists() or Run.objects.filter(ended_at=None, channel=Channel.SMS).exists():
        jobs.defer("delivery.dispatch_texts", once=True)


@jobs.periodic("*/5 * * * *", name="delivery.read_replies")
def read_replies() -> None:
    """Ask the provider for the answers that its calls may have failed to tell us of."""
    try:
        said = answers.held_by_the_provider()
    except ServerUnavailable as error:
        logger.warning("answers by text message cannot be read: %s", error)
        return
    if said:
        texting.take_in_replies(said, actor=System("delivery.read_replies"))


@jobs.task(name="delivery.set_aside")
def set_aside(batch_id: int) -> None:
    """Put aside what still waits of a large batch that was paused or stopped."""
    services.set_aside(Batch.objects.get(pk=batch_id), actor=System("delivery.set_aside"))


@jobs.periodic("* * * * *", name="delivery.look_after")
def look_after_queue() -> None:
    """Try again what was refused for now, and settle what a dead worker left."""
    if (
        Message.objects.due(clock.now()).filter(channel=Channel.EMAIL).exists()
        or Run.objects.filter(ended_at=None, channel=Channel.EMAIL).exists()
    ):
        jobs.defer("delivery.dispatch", once=True)


@jobs.periodic("* * * * *", name="delivery.write_to_staff")
def write_to_staff() -> None:
    """Send the letters that members of staff are owed: invitations, sign-ins from new devices."""
    if Notice.objects.due().exists():
        services.write_to_staff(actor=System("delivery.write_to_staff"))


@jobs.periodic("*/5 * * * *", name="delivery.read_returns")
def read_returns() -> None:
    """Read the bounces and complaints that came back."""
    try:
        counts = take_in_returns()
    except ReaderUnavailable as error:
        logger.warning("the mailbox of bounces cannot be read: %s", error)
        return
    if counts.total():
        logger.info("bounces read: %s", dict(counts))


def _read(content: bytes) -> reports.Report | None:
    try:
        return reports.read(content)
    except reports.UNREADABLE:
        # Anybody may write there: one message never keeps the others from being read.
        logger.warning("a message in the mailbox of bounces cannot be read; it stays there", exc_info=True)
        return None


def take_in_returns(*, most: int = MOST_RETURNS) -> Counter[str]:
    """Read what came back where the instance is configured to look; return how much of each kind.

    What is a report is removed once it is written down; anything else stays for people to read, as does a report that
    cannot be written down. Raises ReaderUnavailable.
    """
    counts: Counter[str] = Counter()
    actor = System("delivery.read_returns")
    for reader in readers.configured():
        with reader as box:
            for returned in box.batches(REPORTS, most=most):
                said = {one.name: _read(one.content) for one in returned}
                found = [report for report in said.values() if report is not None]
                taken, refused = take_in_what_can_be(found, actor=actor)
                counts += taken
                counts["other"] += len(said) - len(found)
                for name, report in said.items():
                    box.settle(name, keep=report is None or report in refused)
    return +counts


def take_in_what_can_be(said: Sequence[reports.Report], *, actor: Actor) -> tuple[Counter[str], list[reports.Report]]:
    """Take reports in; return how many of each kind, and those that cannot be written down.

    Halved again and again, a bad one is found in few transactions, and costs no other its place. When the database is
    away none is bad: all wait.
    """
    if not said:
        return Counter(), []
    try:
        return services.take_in(said, actor=actor), []
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the others are taken in
        if len(said) > 1:
            half = len(said) // 2
            first, bad = take_in_what_can_be(said[:half], actor=actor)
            second, worse = take_in_what_can_be(said[half:], actor=actor)
            return first + second, bad + worse
        # Not the error's own words: they quote what was refused.
        logger.error(
            "a report about the message %d cannot be written down (%s); it is set aside, the others are taken in",
            said[0].message_id,
            jobs.named(error),
        )
        return Counter(refused=1), [said[0]]
