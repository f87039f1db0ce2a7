"""The dispatcher of text messages: the same outbox, diary and recovery as for letters, by other lines.

One dispatcher works at a time, over as many requests at once as the configuration allows. What may not arrive now
where its reader lives waits until it may.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import connection, transaction

from portevoix.delivery.dispatch import locked, outbox, recovery, seat, spool_folder
from portevoix.delivery.dispatch.outbox import ALL, LIVE, WAITED_FOR, Claimed
from portevoix.delivery.dispatch.work import Summary, Work
from portevoix.delivery.exceptions import KeysRefused, LetterError
from portevoix.delivery.models import Batch, Message, State, TextReceipt
from portevoix.delivery.rules import gateways, merge, quiet, texting
from portevoix.delivery.transports import Transport
from portevoix.delivery.transports.texting import Gateway, GatewayTransport, OvhAccount, OvhClient, OvhTransport
from portevoix.delivery.types import MERGE_FIELDS, Envelope, Outcome, Recipient, Result, TextBody
from portevoix.kernel import clock
from portevoix.people.types import USABLE
from portevoix.rights.purposes import OPTIONAL, Channel
from portevoix.territory.selectors.elections import silent_until

SLICE = 5.0
#: The advisory lock of the one dispatcher of texts.
SEAT = 0x736D7300
HOUR = timedelta(hours=1)

TAKE = f"""
WITH next AS MATERIALIZED (
    SELECT priority, id, batch_id, attempts, person_id, ground_id, purpose FROM delivery_message
    WHERE state = 'queued' AND channel = 'sms' AND not_before <= greatest(%(now)s, now())
        AND priority <= %(priority)s
    ORDER BY priority, not_before, id
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
)
SELECT next.priority, next.id, next.batch_id, next.attempts, p.id, p.ref, p.first_name, p.last_name,
    coalesce(c.name, ''), CASE WHEN {LIVE} THEN n.number END,
    coalesce(c.departement_id, ''), p.postcode, b.paused_at IS NOT NULL AND b.stopped_at IS NULL, next.purpose
FROM next
JOIN rights_ground g ON g.id = next.ground_id
JOIN delivery_batch b ON b.id = next.batch_id
JOIN people_person p ON p.id = next.person_id
LEFT JOIN LATERAL (
    SELECT number FROM people_phonenumber
    WHERE person_id = p.id AND kind = 'mobile' AND status = ANY(%(usable)s)
    ORDER BY is_primary DESC, id LIMIT 1
) n ON true
LEFT JOIN territory_commune c ON c.code = p.commune_id
FOR SHARE OF g, b
"""  # noqa: S608 - a constant of ours
#: Where the number is in a row, and the département, which the postcode follows.
NUMBER, DEPARTEMENT = 9, 10
#: Where it says that its batch is paused.
PAUSED = -2


@dataclass(frozen=True)
class Lines:
    """What texts leave by, and when."""

    transport: Callable[[], Transport]
    connections: int
    hours: quiet.Hours
    per_hour: int = 0


def run(transport: Callable[[], Transport] | None = None, *, seconds: float = SLICE) -> Summary:
    """Settle what dead runs left, then send the texts that are due, for at most so many seconds.

    Does nothing, and says so, while another does. Must not be called inside a transaction: claims have to be committed
    before anything leaves.
    """
    with seat(SEAT, 1) as is_mine:
        if not is_mine:
            return Summary(is_turned_away=True)
        with locked(SEAT, 0):
            settled = recovery.recover(spool_folder(), Channel.SMS)
            if not due().exists():
                return Summary(settled=settled)
            begun = TextWork(configured(transport))
        with begun as work:
            work.go_on(until=time.monotonic() + seconds)
        work.summary.settled = settled
        return work.summary


def due() -> Any:
    """Return the texts that may be tried now."""
    return Message.objects.due(clock.now()).filter(channel=Channel.SMS)


def configured(transport: Callable[[], Transport] | None = None) -> Lines:
    """Return the instance's lines."""
    sms = settings.INSTANCE.sms
    hours = quiet.Hours(sms.earliest, sms.latest, is_saturday_quiet=not sms.saturdays)
    return Lines(transport or line, sms.connections, hours, sms.per_hour)


def line() -> Transport:
    """Return a line to the instance's provider. Raises KeysRefused where the configuration names none."""
    sms = settings.INSTANCE.sms
    if sms.backend == "none" or sms.missing():
        return Nowhere()
    if sms.backend == "ovh":
        return OvhTransport(ovh_account())
    return GatewayTransport(
        Gateway(
            method=sms.gateway_method,
            url=sms.gateway_url,
            headers=gateways.headers(sms.gateway_headers),
            body=sms.gateway_body,
            content_type=sms.gateway_content_type,
            success=sms.gateway_success,
            success_pattern=sms.gateway_success_pattern,
            reference=sms.gateway_reference,
            sender=sms.sender,
            stop_mention=sms.mention,
            timeout=sms.timeout,
        )
    )


class Nowhere:
    """No provider: texts wait."""

    def deliver(self, envelopes: Any, *, committing: Callable[[int], bool]) -> Iterator[Result]:
        """Send nothing."""
        for _envelope in envelopes:
            raise KeysRefused("no provider of text messages is configured")
        yield from ()

    def close(self) -> None:
        """Do nothing."""


def ovh_account() -> OvhAccount:
    """Return the account of the configuration."""
    sms = settings.INSTANCE.sms
    return OvhAccount(
        service=sms.ovh_service,
        application_key=sms.ovh_application_key,
        application_secret=sms.ovh_application_secret,
        consumer_key=sms.ovh_consumer_key,
        url=sms.ovh_url.rstrip("/"),
        sender=sms.sender,
        timeout=sms.timeout,
    )


def credits_left() -> float | None:
    """Ask how many parts are paid for; None where the provider cannot be asked. Raises ServerUnavailable."""
    sms = settings.INSTANCE.sms
    if sms.backend != "ovh" or sms.missing():
        return None
    client = OvhClient(ovh_account())
    try:
        return client.credits_left()
    finally:
        client.close()


def incoming(known: set[str], since: datetime) -> list[dict[str, Any]]:
    """Return the answers that the provider holds since a moment, but for those that are known."""
    client = OvhClient(ovh_account())
    try:
        path = f"{client.account.path}/incoming"
        moment = quote(since.astimezone(clock.PARIS).isoformat(timespec="seconds"))
        ids = client.read(f"{path}?creationDatetime.from={moment}")
        new = [str(one) for one in ids if str(one) not in known] if isinstance(ids, list) else []
        found = [client.read(f"{path}/{one}") for one in new]
        return [one for one in found if isinstance(one, dict)]
    finally:
        client.close()


def barred() -> list[str]:
    """Return the numbers that asked the provider itself for no more (STOP to its short number)."""
    client = OvhClient(ovh_account())
    try:
        numbers = client.read(f"{client.account.path}/blacklists")
        return [str(one) for one in numbers] if isinstance(numbers, list) else []
    finally:
        client.close()


def barred_since(numbers: Collection[str]) -> dict[str, str]:
    """Return since when the provider bars each of these numbers, as it writes it. Raises ServerUnavailable."""
    client = OvhClient(ovh_account())
    try:
        found = {one: client.read(f"{client.account.path}/blacklists/{one}") for one in numbers}
        return {number: str(said.get("dateCreation") or "") for number, said in found.items() if isinstance(said, dict)}
    finally:
        client.close()


class TextWork(Work):
    """A run of the dispatcher of texts."""

    channel = Channel.SMS

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        super().__init__(spool_folder(), lines.transport, lines.connections)

    def writer(self) -> TextWriter:
        return TextWriter()

    def claim(self, limit: int) -> tuple[list[Claimed], int]:
        return claim(self._run.pk, limit, self._lines)


def claim(run_id: int, limit: int, lines: Lines) -> tuple[list[Claimed], int]:
    """Take up to `limit` due texts; see `outbox.claim`. What may not arrive now waits for its hour.

    Those of a paused batch are set aside: a large one that was just paused keeps nothing else waiting.
    """
    now = clock.now()
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        room = _room(lines.per_hour, now)
        asked: dict[str, Any] = {
            "now": now,
            "limit": min(limit, room) if room else limit,
            "priority": WAITED_FOR if room == 0 else ALL,
            "usable": [str(one) for one in USABLE],
        }
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute(TAKE, asked)
        taken = sorted(cursor.fetchall(), key=itemgetter(0, 1))
        silent = silent_until(now, outbox.TEXTS_BEFORE_SILENCE) if taken else {}
        aside = [row[1] for row in taken if row[PAUSED]]
        Message.objects.filter(pk__in=aside).update(state=State.PAUSED)
        rows, later = _by_their_hour([row for row in taken if not row[PAUSED]], now, lines.hours, silent)
        if later:
            cursor.execute(outbox.WAIT, [[one for one, _moment in later], [moment for _one, moment in later]])
        ours = {row[1] for row in rows if row[NUMBER] is not None}
        Message.objects.filter(pk__in=ours).update(state=State.SENDING, run_id=run_id)
        held = [row[1] for row in rows if row[1] not in ours]
        Message.objects.filter(pk__in=held).update(state=State.SUPPRESSED, done_at=now)
    claimed = [Claimed(row[2], row[3], Recipient(row[1], *row[4 : NUMBER + 1])) for row in rows if row[1] in ours]
    return claimed, len(taken)


def _room(per_hour: int, now: datetime) -> int | None:
    if not per_hour:
        return None
    gone = TextReceipt.objects.filter(at__gt=now - HOUR).count()
    leaving = Message.objects.filter(state=State.SENDING, channel=Channel.SMS).count()
    return max(per_hour - gone - leaving, 0)


def _by_their_hour(
    rows: list[tuple[Any, ...]], now: datetime, hours: quiet.Hours, silent: Mapping[str, datetime]
) -> tuple[list[tuple[Any, ...]], list[tuple[int, datetime]]]:
    """Part what may arrive now from what waits, with the moment it waits for. What a person asked for never waits."""
    kept, later = [], []
    for row in rows:
        if row[NUMBER] is None or row[-1] not in OPTIONAL:
            kept.append(row)
            continue
        lives = quiet.place(row[DEPARTEMENT], row[DEPARTEMENT + 1], row[NUMBER])
        moment = quiet.opening(silent.get(row[DEPARTEMENT], now), lives, hours)
        if moment > now:
            later.append((row[1], moment))
        else:
            kept.append(row)
    return kept, later


@dataclass(frozen=True)
class _Desk:
    pieces: tuple[merge.Piece, ...]
    is_list: bool
    sender: str


class TextWriter:
    """Writes envelopes for any number of batches of texts."""

    def __init__(self) -> None:
        self._desks: dict[int, _Desk | LetterError] = {}

    def write(self, claimed: Sequence[Claimed]) -> Iterator[Envelope | Result]:
        """Yield an envelope for each message, or a refusal where the text can no longer be written."""
        by_batch: dict[int, list[Recipient]] = defaultdict(list)
        for one in claimed:
            by_batch[one.batch_id].append(one.recipient)
        for batch_id, recipients in by_batch.items():
            desk = self._desk(batch_id)
            if isinstance(desk, LetterError):
                for recipient in recipients:
                    yield Result(recipient.message_id, Outcome.REFUSED, 0, str(desk))
            else:
                yield from _addressed(desk, recipients)

    def _desk(self, batch_id: int) -> _Desk | LetterError:
        if batch_id not in self._desks:
            batch = Batch.objects.get(pk=batch_id)
            try:
                pieces = merge.cut(batch.text, known=MERGE_FIELDS)
            except LetterError as error:
                self._desks[batch_id] = error
            else:
                self._desks[batch_id] = _Desk(pieces, batch.purpose in OPTIONAL, batch.sender_address)
        return self._desks[batch_id]


def _addressed(desk: _Desk, recipients: list[Recipient]) -> Iterator[Envelope]:
    names = merge.names_in(desk.pieces)
    columns = {name: MERGE_FIELDS[name].values(recipients) for name in names}
    for at, recipient in enumerate(recipients):
        values = {name: column[at] for name, column in columns.items()}
        words = texting.worded(desk.pieces, values)
        yield Envelope(recipient.message_id, desk.sender, recipient.address, TextBody(words, desk.is_list).packed())
