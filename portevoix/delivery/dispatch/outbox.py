"""What the dispatcher reads and writes in the outbox, many messages a statement.

Every statement that puts a message where it may leave locks the ground it leans on and looks at it, so
that the database's own gate (migration 0002) finds nothing to refuse.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any

from django.db import connection, transaction

from portevoix.delivery.dispatch import meter as meters
from portevoix.delivery.dispatch import returns
from portevoix.delivery.dispatch.meter import Meter, Room
from portevoix.delivery.models import Batch, State
from portevoix.delivery.rules import reports, retries
from portevoix.delivery.types import Found, Outcome, Recipient, Result
from portevoix.kernel import clock
from portevoix.people import interactions
from portevoix.people.types import USABLE, Kind
from portevoix.rights.purposes import OPTIONAL

# A message is due when this machine's clock or the database's says so: a clock that is slow holds nothing up.
# Statements name their messages in an array, so that none of them can make the planner read the whole outbox: while
# a mailing is being queued its statistics say that the table is empty.
TAKE = """
WITH next AS MATERIALIZED (
    SELECT priority, id, batch_id, attempts, person_id, ground_id FROM delivery_message
    WHERE state = 'queued' AND channel = 'email' AND not_before <= greatest(%(now)s, now()) AND priority <= %(priority)s
    ORDER BY priority, id
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
)
SELECT next.priority, next.id, next.batch_id, next.attempts, b.paused_at IS NOT NULL AND b.stopped_at IS NULL,
    p.id, p.ref, p.first_name, p.last_name, coalesce(c.name, ''),
    CASE WHEN g.withdrawn_at IS NULL AND NOT g.is_held AND b.stopped_at IS NULL THEN e.address END
FROM next
JOIN rights_ground g ON g.id = next.ground_id
JOIN delivery_batch b ON b.id = next.batch_id
JOIN people_person p ON p.id = next.person_id
LEFT JOIN people_emailaddress e ON e.person_id = p.id AND e.is_primary AND e.status = ANY(%(usable)s)
LEFT JOIN territory_commune c ON c.code = p.commune_id
FOR SHARE OF g, b
"""

#: Where a row taken says that its batch is paused.
PAUSED = 4

PUT = """
UPDATE delivery_message SET state = %s, run_id = %s, done_at = %s WHERE id = ANY(%s)
"""

WAIT = """
UPDATE delivery_message m SET not_before = w.not_before
FROM unnest(%s::bigint[], %s::timestamptz[]) AS w(id, not_before) WHERE m.id = w.id
"""

CLOSE = """
UPDATE delivery_message m
SET state = r.state, code = r.code, reply = r.reply, attempts = m.attempts + 1, done_at = %s
FROM unnest(%s::bigint[], %s::text[], %s::smallint[], %s::text[]) AS r(id, state, code, reply)
WHERE m.id = r.id AND m.id = ANY(%s) AND m.run_id = %s AND m.state = 'sending'
RETURNING m.batch_id, m.purpose, m.state, m.person_id
"""

RETURN = """
WITH back AS MATERIALIZED (
    SELECT m.id, CASE WHEN g.withdrawn_at IS NOT NULL OR g.is_held OR b.stopped_at IS NOT NULL THEN 'suppressed'
            WHEN b.paused_at IS NOT NULL THEN 'paused' ELSE 'queued' END AS state,
        r.tried, r.not_before, r.code, r.reply
    FROM unnest(%(ids)s::bigint[], %(tried)s::int[], %(moments)s::timestamptz[], %(codes)s::smallint[],
        %(replies)s::text[]) AS r(id, tried, not_before, code, reply)
    JOIN delivery_message m ON m.id = r.id
    JOIN rights_ground g ON g.id = m.ground_id
    JOIN delivery_batch b ON b.id = m.batch_id
    WHERE m.id = ANY(%(ids)s) AND m.run_id = %(run)s AND m.state = 'sending'
    FOR UPDATE OF m FOR SHARE OF g, b
)
UPDATE delivery_message m
SET state = back.state, done_at = CASE WHEN back.state = 'suppressed' THEN %(now)s::timestamptz END,
    attempts = m.attempts + back.tried, not_before = back.not_before, run_id = NULL,
    code = coalesce(back.code, m.code), reply = coalesce(back.reply, m.reply)
FROM back WHERE m.id = back.id AND m.id = ANY(%(ids)s)
"""

STILL_ADMITTED = """
SELECT m.id FROM delivery_message m
JOIN rights_ground g ON g.id = m.ground_id
JOIN delivery_batch b ON b.id = m.batch_id
WHERE m.id = ANY(%s) AND m.state = 'sending' AND g.withdrawn_at IS NULL AND NOT g.is_held AND b.stopped_at IS NULL
    AND b.paused_at IS NULL
"""

STATES = {
    Outcome.SENT: State.SENT,
    Outcome.DEFERRED: State.FAILED,  # for the last time
    Outcome.REFUSED: State.FAILED,
    Outcome.UNCERTAIN: State.UNCERTAIN,
}


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that is ours to send."""

    batch_id: int
    attempts: int
    recipient: Recipient


#: What a person waits for; what many receive comes after.
WAITED_FOR, ALL = 0, 32767


def claim(run_id: int, limit: int, meter: Meter | None = None) -> tuple[list[Claimed], int]:
    """Take up to `limit` due messages; hold back those that were stopped, whose reader withdrew or has no address.

    Those of a paused batch are set aside. Return what to send, and how many were taken in all. The claim is committed
    before anything leaves: a crash must never find a message queued that has been sent.
    """
    now = clock.now()
    meter = meter or Meter()
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        room = meter.room(now)
        if room.total:
            limit = min(limit, room.total)
        # The index of waiting messages has the right order; see above for why the planner might not believe it.
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute(
            TAKE,
            {
                "now": now,
                "limit": limit,
                "priority": WAITED_FOR if room.total == 0 else ALL,
                "usable": [str(one) for one in USABLE],
            },
        )
        # A join keeps no order: what a person waits for leaves first.
        taken = sorted(cursor.fetchall(), key=itemgetter(0, 1))
        rows = _in_their_turn(taken, room, meter, now) if room.by_domain else taken
        aside = [row[1] for row in rows if row[PAUSED]]
        ours = [row for row in rows if row[-1] is not None and not row[PAUSED]]
        held = [row[1] for row in rows if row[-1] is None and not row[PAUSED]]
        _put(cursor, [row[1] for row in ours], State.SENDING, run=run_id)
        _put(cursor, held, State.SUPPRESSED, done_at=now)
        _put(cursor, aside, State.PAUSED)
    claimed = [
        Claimed(batch_id, attempts, Recipient(message_id, *person))
        for _priority, message_id, batch_id, attempts, _is_paused, *person in ours
    ]
    return claimed, len(taken)


def _put(cursor: Any, ids: list[int], state: State, *, run: int | None = None, done_at: datetime | None = None) -> None:
    """Put the messages that were just taken where they go."""
    if ids:
        cursor.execute(PUT, [state.value, run, done_at, ids])


def _in_their_turn(rows: list[tuple[Any, ...]], room: Room, meter: Meter, now: datetime) -> list[tuple[Any, ...]]:
    """Keep the messages that their domain has room for; the others wait until it has."""
    kept, later = [], []
    for row in rows:
        full = room.take(row[-1]) if row[-1] is not None and not row[PAUSED] else None
        if full is None or row[0] == WAITED_FOR:
            kept.append(row)
        else:
            later.append((row[1], meter.later(full, now)))
    if later:
        with connection.cursor() as cursor:
            cursor.execute(WAIT, [[one for one, _moment in later], [moment for _one, moment in later]])
    return kept


def still_admitted(message_ids: Collection[int]) -> set[int]:
    """Return which of our messages still lean on a live ground, in a batch that was not stopped."""
    with connection.cursor() as cursor:
        cursor.execute(STILL_ADMITTED, [list(message_ids)])
        return {row[0] for row in cursor.fetchall()}


@transaction.atomic
def write(run_id: int, results: Sequence[Result], attempts: dict[int, int]) -> None:
    """Write what servers answered; what was refused for now is queued again, as often as the rules allow.

    `attempts` tells how often each message was tried before.
    """
    final: list[Result] = []
    later: list[tuple[Result, datetime]] = []
    now = clock.now()
    for result in results:
        delay = retries.delay_after(attempts[result.ref] + 1) if result.outcome is Outcome.DEFERRED else None
        if delay is None:
            final.append(result)
        else:
            later.append((result, now + delay))
    if final:
        _close(run_id, final, now)
        returns.enter(list(_refusals(final)), at=now)
    if later:
        _return(
            run_id,
            ids=[result.ref for result, _moment in later],
            tried=1,
            moments=[moment for _result, moment in later],
            codes=[result.code for result, _moment in later],
            replies=[result.reply for result, _moment in later],
        )
    meters.count(results, now)


def _refusals(results: Sequence[Result]) -> Iterator[Found]:
    """Judge what servers refused at once as what they send back later is judged."""
    for result in results:
        if result.outcome in (Outcome.REFUSED, Outcome.DEFERRED) and result.code >= 400:
            bad, status = reports.verdict(f"{result.code} {result.reply}")
            if bad is not None:
                yield Found(result.ref, None, bad, status)


def give_back(run_id: int, message_ids: Sequence[int], *, not_before: datetime) -> None:
    """Put back what was never tried; it costs no attempt.

    Where it goes is asked again: held back if its reader withdrew or the batch was stopped, set aside if that is
    paused, queued otherwise.
    """
    ids = list(message_ids)
    _return(
        run_id,
        ids=ids,
        tried=0,
        moments=[not_before] * len(ids),
        codes=[None] * len(ids),
        replies=[None] * len(ids),
    )


def _close(run_id: int, results: list[Result], now: datetime) -> None:
    columns = zip(*((one.ref, STATES[one.outcome].value, one.code, one.reply) for one in results), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(CLOSE, [now, *(_clean(column) for column in columns), [one.ref for one in results], run_id])
        closed = cursor.fetchall()
    written_to: dict[int, list[int]] = defaultdict(list)
    for batch_id, purpose, state, person_id in closed:
        # A confirmation is not yet contact: whoever never confirms must be forgotten (intake).
        if state == State.SENT and purpose in OPTIONAL and person_id is not None:
            written_to[batch_id].append(person_id)
    for batch_id, person_ids in written_to.items():
        interactions.record_all(person_ids, Kind.MAILED, at=now, about=Batch(pk=batch_id), source="delivery")


def _return(
    run_id: int,
    *,
    ids: list[int],
    tried: int,
    moments: list[datetime],
    codes: Sequence[int | None],
    replies: Sequence[str | None],
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            RETURN,
            {
                "run": run_id,
                "now": clock.now(),
                "ids": ids,
                "tried": [tried] * len(ids),
                "moments": moments,
                "codes": list(codes),
                "replies": _clean(replies),
            },
        )


def _clean(column: Sequence[object]) -> list[object]:
    """Drop what PostgreSQL's text cannot hold from servers' words."""
    return [value.replace("\0", "") if isinstance(value, str) else value for value in column]
