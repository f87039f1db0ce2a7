"""What the dispatcher reads and writes in the outbox, many messages a statement.

Every statement that puts a message where it may leave locks the ground it leans on and looks at it, so
that the database's own gate (migration 0002) finds nothing to refuse.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from django.db import connection, transaction

from portevoix.delivery.dispatch import meter as meters
from portevoix.delivery.dispatch import receipts, returns
from portevoix.delivery.dispatch.meter import Meter, Room
from portevoix.delivery.dispatch.returns import NOT_KNOWN
from portevoix.delivery.models import Batch, State
from portevoix.delivery.rules import reports, retries
from portevoix.delivery.types import Found, Outcome, Recipient, Result
from portevoix.kernel import clock
from portevoix.people import interactions
from portevoix.people.types import USABLE, Kind
from portevoix.rights.purposes import OPTIONAL, Channel
from portevoix.territory.selectors.elections import silent_until

# A message is due when this machine's clock or the database's says so: a clock that is slow holds nothing up.
# Statements name their messages in an array, so that none of them can make the planner read the whole outbox: while
# a mailing is being queued its statistics say that the table is empty.
#: Whether a message's ground `g` and batch `b` let it leave: nobody withdrew, restricted or stopped it, it is still of
#: use, and whom a political advertisement goes to has the age for it and, where it is targeted, still agrees to that
#: (regulation (EU) 2024/900, art. 18).
LIVE = """(g.withdrawn_at IS NULL AND NOT g.is_held AND b.stopped_at IS NULL
    AND (b.not_after IS NULL OR b.not_after > now()) AND (b.advertising = 'none' OR EXISTS (
    SELECT FROM people_person a WHERE a.id = g.person_id AND CASE b.advertising
        WHEN 'targeted' THEN a.born_on <= (now() AT TIME ZONE 'Europe/Paris')::date - interval '17 years' AND EXISTS (
            SELECT FROM rights_ground t WHERE t.person_id = a.id AND t.purpose = 'targeting'
            AND t.withdrawn_at IS NULL AND NOT t.is_held)
        ELSE a.born_on IS NULL OR a.born_on <= (now() AT TIME ZONE 'Europe/Paris')::date - interval '17 years' END)))"""

TAKE = f"""
WITH next AS MATERIALIZED (
    SELECT priority, id, batch_id, attempts, person_id, ground_id FROM delivery_message
    WHERE state = 'queued' AND channel = 'email' AND not_before <= greatest(%(now)s, now()) AND priority <= %(priority)s
    ORDER BY priority, not_before, id
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
)
SELECT next.priority, next.id, next.batch_id, next.attempts, b.paused_at IS NOT NULL AND b.stopped_at IS NULL,
    p.id, p.ref, p.first_name, p.last_name, coalesce(c.name, ''),
    CASE WHEN {LIVE} THEN e.address END, coalesce(c.departement_id, ''), b.purpose
FROM next
JOIN rights_ground g ON g.id = next.ground_id
JOIN delivery_batch b ON b.id = next.batch_id
JOIN people_person p ON p.id = next.person_id
LEFT JOIN people_emailaddress e ON e.person_id = p.id AND e.is_primary AND e.status = ANY(%(usable)s)
LEFT JOIN territory_commune c ON c.code = p.commune_id
FOR SHARE OF g, b
"""  # noqa: S608 - a constant of ours

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
RETURNING m.batch_id, m.purpose, m.state, m.person_id, m.channel
"""

RETURN = f"""
WITH back AS MATERIALIZED (
    SELECT m.id, CASE WHEN NOT {LIVE} THEN 'suppressed'
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
"""  # noqa: S608 - a constant of ours

STILL_ADMITTED = f"""
SELECT m.id FROM delivery_message m
JOIN rights_ground g ON g.id = m.ground_id
JOIN delivery_batch b ON b.id = m.batch_id
WHERE m.id = ANY(%s) AND m.state = 'sending' AND {LIVE} AND b.paused_at IS NULL
"""  # noqa: S608 - a constant of ours

# Where each of our messages goes that must not leave in electoral silence.
WHERE_THEY_GO = """
SELECT m.id, coalesce(c.departement_id, ''), m.channel = 'sms' FROM delivery_message m
JOIN people_person p ON p.id = m.person_id
LEFT JOIN territory_commune c ON c.code = p.commune_id
WHERE m.id = ANY(%s) AND m.state = 'sending' AND m.purpose = ANY(%s)
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


#: So long before electoral silence begins nothing is taken any more, so that the last letter is gone by then.
BEFORE_SILENCE = timedelta(seconds=5)
#: Operators may keep a text for a while before they deliver it.
TEXTS_BEFORE_SILENCE = timedelta(minutes=10)
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
        found = sorted(cursor.fetchall(), key=itemgetter(0, 1))
        taken = _after_silence(found, now)
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
    return claimed, len(found)


def _after_silence(rows: list[tuple[Any, ...]], now: datetime) -> list[tuple[Any, ...]]:
    """Keep the messages that electoral silence lets leave; the others wait until it is over where they go."""
    silent = silent_until(now, BEFORE_SILENCE) if rows else {}
    later = [(row[1], silent[row[-2]]) for row in rows if row[-2] in silent and row[-1] in OPTIONAL] if silent else []
    _wait(later)
    held = {one for one, _moment in later}
    return [row[:-2] for row in rows if row[1] not in held]


def _wait(later: Sequence[tuple[int, datetime]]) -> None:
    if later:
        with connection.cursor() as cursor:
            cursor.execute(WAIT, [[one for one, _moment in later], [moment for _one, moment in later]])


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
    _wait(later)
    return kept


def still_admitted(message_ids: Collection[int]) -> set[int]:
    """Return which of our messages still lean on a live ground, in a batch not stopped, where there is no silence."""
    with connection.cursor() as cursor:
        cursor.execute(STILL_ADMITTED, [list(message_ids)])
        return {row[0] for row in cursor.fetchall()} - silenced(message_ids).keys()


def silenced(message_ids: Collection[int]) -> dict[int, datetime]:
    """Return which of our messages electoral silence keeps here now, and until when."""
    now = clock.now()
    for_texts = silent_until(now, TEXTS_BEFORE_SILENCE)
    if not for_texts:
        return {}
    for_letters = silent_until(now, BEFORE_SILENCE)
    with connection.cursor() as cursor:
        cursor.execute(WHERE_THEY_GO, [list(message_ids), [str(one) for one in OPTIONAL]])
        rows = [(one, where, for_texts if is_text else for_letters) for one, where, is_text in cursor.fetchall()]
    return {one: silent[where] for one, where, silent in rows if where in silent}


@transaction.atomic
def write(
    run_id: int, results: Sequence[Result], attempts: dict[int, int], written_to: Mapping[int, str] = NOT_KNOWN
) -> None:
    """Write what servers answered; what was refused for now is queued again, as often as the rules allow.

    `attempts` tells how often each message was tried before; `written_to` which address or number it went to, where
    that is still known.
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
        if _close(run_id, final, now):
            receipts.enter(final, at=now, written_to=written_to)
        returns.enter(list(_refusals(final)), at=now, written_to=written_to)
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
        if result.outcome in (Outcome.REFUSED, Outcome.DEFERRED) and result.code >= 400 and not result.is_of_sender:
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


def withhold(run_id: int, message_ids: Sequence[int]) -> None:
    """Put back what may not leave now; what electoral silence alone keeps here waits for its end."""
    until, now, ids = silenced(message_ids), clock.now(), list(message_ids)
    _return(
        run_id,
        ids=ids,
        tried=0,
        moments=[until.get(one, now) for one in ids],
        codes=[None] * len(ids),
        replies=[None] * len(ids),
    )


def _close(run_id: int, results: list[Result], now: datetime) -> bool:
    """Write what is final; tell whether there were texts among it."""
    columns = zip(*((one.ref, STATES[one.outcome].value, one.code, one.reply) for one in results), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(CLOSE, [now, *(_clean(column) for column in columns), [one.ref for one in results], run_id])
        closed = cursor.fetchall()
    written_to: dict[tuple[int, str], list[int]] = defaultdict(list)
    for batch_id, purpose, state, person_id, channel in closed:
        # A confirmation is not yet contact: whoever never confirms must be forgotten (intake).
        if state == State.SENT and purpose in OPTIONAL and person_id is not None:
            written_to[batch_id, channel].append(person_id)
    for (batch_id, channel), person_ids in written_to.items():
        kind = Kind.TEXTED if channel == Channel.SMS else Kind.MAILED
        interactions.record_all(person_ids, kind, at=now, about=Batch(pk=batch_id), source="delivery")
    return any(row[-1] == Channel.SMS for row in closed)


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
