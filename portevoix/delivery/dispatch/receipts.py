"""What providers say of texts is written down: that they took them, and later whether they arrived."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from portevoix.delivery.dispatch.returns import NOT_KNOWN
from portevoix.delivery.models import TextReceipt
from portevoix.delivery.models.texts import ReceiptState
from portevoix.delivery.types import Outcome, Result, SaidReceipt
from portevoix.people.models import PhoneNumber
from portevoix.people.types import USABLE, ContactStatus

#: The reply code of a number that is nobody's.
NOBODY = 550

# A message that was just taken went to the number that it was written to, or else to its reader's first one, as the
# dispatcher chooses it.
ENTER = """
INSERT INTO delivery_textreceipt (message_id, batch_id, person_id, phone_id, reference, parts, state, code, at)
SELECT m.id, m.batch_id, m.person_id, n.id, r.reference, r.parts, 'pending', '', %(at)s
FROM unnest(%(messages)s::bigint[], %(references)s::text[], %(parts)s::smallint[], %(numbers)s::text[])
    AS r(message_id, reference, parts, number)
JOIN delivery_message m ON m.id = r.message_id AND m.channel = 'sms'
LEFT JOIN LATERAL (
    SELECT id FROM people_phonenumber WHERE person_id = m.person_id
        AND CASE WHEN r.number IS NULL THEN kind = 'mobile' AND status = ANY(%(usable)s) ELSE number = r.number END
    ORDER BY is_primary DESC, id LIMIT 1
) n ON true
ON CONFLICT DO NOTHING
"""
BAR = """
UPDATE people_phonenumber SET status = 'bouncing' WHERE status = ANY(%(usable)s) AND id IN (
    SELECT n.id FROM unnest(%(messages)s::bigint[], %(numbers)s::text[]) AS r(message_id, number)
    JOIN delivery_message m ON m.id = r.message_id AND m.channel = 'sms'
    JOIN LATERAL (
        SELECT id FROM people_phonenumber WHERE person_id = m.person_id AND kind = 'mobile'
        AND status = ANY(%(usable)s) AND (r.number IS NULL OR number = r.number)
        ORDER BY is_primary DESC, id LIMIT 1
    ) n ON true
)
"""


@transaction.atomic
def enter(results: Sequence[Result], *, at: datetime, written_to: Mapping[int, str] = NOT_KNOWN) -> None:
    """Write down which texts were taken, and by which name; a number that is nobody's is not written to again."""
    taken = [one for one in results if one.outcome is Outcome.SENT]
    nobodys = [one.ref for one in results if one.outcome is Outcome.REFUSED and one.code == NOBODY]
    usable = [str(one) for one in USABLE]
    with connection.cursor() as cursor:
        if taken:
            said = [_read(one.reply) for one in taken]
            asked: dict[str, Any] = {
                "at": at,
                "messages": [one.ref for one in taken],
                "references": [reference for reference, _parts in said],
                "numbers": [written_to.get(one.ref) for one in taken],
                "parts": [parts for _reference, parts in said],
                "usable": usable,
            }
            cursor.execute(ENTER, asked)
        if nobodys:
            numbers = [written_to.get(one) for one in nobodys]
            cursor.execute(BAR, {"messages": nobodys, "numbers": numbers, "usable": usable})


def _read(reply: str) -> tuple[str, int]:
    """Read what the transport wrote: the provider's name for the message, and how many parts it made."""
    reference, _space, parts = reply.rpartition(" ")
    return reference.strip()[:60], min(int(parts), 99) if parts.isdecimal() else 1


def settle(said: Sequence[SaidReceipt], *, at: datetime) -> tuple[int, int]:
    """Write down what became of texts; return how many were known and how many numbers are written to no more.

    Told again, or in another order, it says the same: what arrived has arrived.
    """
    known = stopped = 0
    by_reference = {one.reference: one for one in said if one.reference}
    rows = TextReceipt.objects.select_for_update(of=("self",)).filter(reference__in=by_reference)
    for receipt in rows.order_by("pk"):
        one = by_reference[receipt.reference]
        known += 1
        if one.is_delivered is None or receipt.state == ReceiptState.DELIVERED:
            continue
        receipt.state = ReceiptState.DELIVERED if one.is_delivered else ReceiptState.UNDELIVERED
        receipt.code, receipt.at = one.code[:11], at
        receipt.save(update_fields=["state", "code", "at"])
        if one.is_unknown and receipt.phone_id is not None:
            usable = PhoneNumber.objects.filter(pk=receipt.phone_id, status__in=USABLE)
            stopped += usable.update(status=ContactStatus.BOUNCING)
    return known, stopped
