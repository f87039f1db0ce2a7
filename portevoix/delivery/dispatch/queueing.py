"""How messages come into the queue, leave it for a while, and come back: whole batches, one statement each.

Locks are taken in one order: the batch, then its messages, and of those none that somebody else holds. Whoever takes
messages out of the queue locks them first and their batch after; it therefore finds the batch as it is now.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection

from portevoix.delivery.dispatch.outbox import LIVE
from portevoix.delivery.models import Batch
from portevoix.kernel import planner
from portevoix.rights.gate import Audience
from portevoix.rights.purposes import OPTIONAL, Purpose

#: What the question who gets a message reads of everybody.
READ = ("people_person", "people_emailaddress", "people_phonenumber", "rights_ground")

#: What a person asked for and waits for, before what is sent to many.
PRIORITIES = {Purpose.SERVICE: 0}

# The lock makes the liveness read here the one that the trigger will see, whoever withdraws meanwhile.
# Where electoral silence holds, a message waits until it is over.
FILL = """
INSERT INTO delivery_message (batch_id, person_id, ground_id, channel, purpose, priority, state, not_before)
SELECT %s, g.person_id, g.id, g.channel, g.purpose, %s, 'queued', {moment}
FROM rights_ground g {places}
WHERE g.withdrawn_at IS NULL AND NOT g.is_held AND g.id IN ({grounds}){others}
FOR SHARE OF g
"""
AT_ONCE = "least(%s, now())"
AFTER_SILENCE = "coalesce(silent.ends_at, least(%s, now()))"
PLACES = """
JOIN people_person p ON p.id = g.person_id
LEFT JOIN territory_commune c ON c.code = p.commune_id
LEFT JOIN unnest(%s::text[], %s::timestamptz[]) AS silent(departement, ends_at)
    ON silent.departement = coalesce(c.departement_id, '')
"""
BUT_FOR = """ AND NOT EXISTS (
    SELECT FROM delivery_message m WHERE m.person_id = g.person_id AND m.batch_id = ANY(%s)
)"""

# Several persons may share a telephone: it gets one message, theirs who come first.
SAME_TELEPHONE = """
UPDATE delivery_message SET state = 'suppressed', done_at = %(now)s
WHERE batch_id = %(batch)s AND state = 'queued' AND id IN (
    SELECT id FROM (
        SELECT m.id, row_number() OVER (PARTITION BY n.number ORDER BY m.id) AS place
        FROM delivery_message m
        JOIN LATERAL (
            SELECT number FROM people_phonenumber WHERE person_id = m.person_id AND kind = 'mobile'
            AND status IN ('unverified', 'verified') ORDER BY is_primary DESC, id LIMIT 1
        ) n ON true
        WHERE m.batch_id = ANY(%(batches)s) AND m.state <> 'suppressed'
    ) AS numbered WHERE place > 1
)
"""

# What a dispatcher has in hand at this instant is skipped: it looks at the batch itself.
OUT = """
UPDATE delivery_message SET state = %(state)s, done_at = %(done_at)s WHERE id IN (
    SELECT id FROM delivery_message WHERE batch_id = %(batch)s AND state = ANY(%(states)s) FOR UPDATE SKIP LOCKED
)
"""
BACK = f"""
UPDATE delivery_message m SET state = 'queued' FROM (
    SELECT m.id FROM delivery_message m
    JOIN rights_ground g ON g.id = m.ground_id
    JOIN delivery_batch b ON b.id = m.batch_id
    WHERE m.batch_id = %s AND m.state = 'paused' AND {LIVE}
    FOR UPDATE OF m FOR SHARE OF g
) AS live WHERE live.id = m.id
"""  # noqa: S608 - a constant of ours
NOT_BACK = "UPDATE delivery_message SET state = 'suppressed', done_at = %s WHERE batch_id = %s AND state = 'paused'"


def fill(batch: Batch, audience: Audience, *, but_for: Collection[int] = ()) -> int:
    """Queue one message for each person of an audience, but for those with one in other batches; return how many."""
    try:
        grounds, parameters = audience.grounds.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        # The ORM knows without asking that nobody is meant.
        return 0
    silent = audience.silent_until
    statement = FILL.format(
        grounds=grounds,
        others=BUT_FOR if but_for else "",
        moment=AFTER_SILENCE if silent else AT_ONCE,
        places=PLACES if silent else "",
    )
    values: list[Any] = [batch.pk, PRIORITIES.get(audience.purpose, 1), batch.created_at]
    values += [list(silent), list(silent.values())] if silent else []
    values += [*parameters, *([list(but_for)] if but_for else [])]
    if audience.purpose in OPTIONAL:
        planner.count_anew(*READ)
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def one_a_telephone(batch: Batch, beside: Collection[int] = (), *, at: datetime) -> None:
    """Hold back what was just queued for a telephone that gets a text of this batch, or of one ``beside`` it."""
    with connection.cursor() as cursor:
        cursor.execute(SAME_TELEPHONE, {"batch": batch.pk, "batches": [batch.pk, *beside], "now": at})


def kept_as_it_is(batch_id: int) -> Batch:
    """Return a batch that nobody pauses, takes up, stops or closes until the transaction ends; others may read it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM delivery_batch WHERE id = %s FOR SHARE", [batch_id])
    return Batch.objects.get(pk=batch_id)


def put_aside(batch: Batch) -> int:
    """Take what waits of a locked batch out of the queue: held back if that is stopped, set aside if it is paused."""
    if batch.stopped_at is not None:
        return _out(batch, ["queued", "paused"], "suppressed", batch.stopped_at)
    if batch.paused_at is not None:
        return _out(batch, ["queued"], "paused", None)
    return 0


def _out(batch: Batch, states: list[str], state: str, done_at: datetime | None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(OUT, {"batch": batch.pk, "states": states, "state": state, "done_at": done_at})
        return int(cursor.rowcount)


def take_up(batch: Batch, *, at: datetime) -> int:
    """Queue again what was set aside of a locked batch and still may leave, hold back the rest; return how many wait.

    The batch must be taken up already, in the same transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute(BACK, [batch.pk])
        queued = int(cursor.rowcount)
        cursor.execute(NOT_BACK, [at, batch.pk])
    return queued
