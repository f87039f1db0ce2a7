"""Rows about people who asked to be erased are left aside: nothing of them comes in, and nothing of them is kept.

Asked when the file is read, so that the forecast is true, and again for each chunk that is merged: somebody may have
been erased between the two.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db.backends.utils import CursorWrapper

from portevoix.intake.models import Arrival
from portevoix.intake.types import Reason
from portevoix.rights.models import Suppression
from portevoix.rights.selectors import suppression_keys

#: One statement for all rows of one person: where one of them names a contact of somebody erased, all go.
#: HMAC (RFC 2104) with the pads of the keys, as rights.rules.SuppressionKey says it.
LEAVE_ASIDE = """
WITH contacts AS (
    SELECT leader, 'email:' || address AS contact FROM {table}, unnest(emails) AS address
    WHERE leader > %(after)s AND leader <= %(upto)s
    UNION ALL
    SELECT leader, 'phone:' || number FROM {table}, unnest(phones) AS number
    WHERE leader > %(after)s AND leader <= %(upto)s
    UNION ALL
    SELECT leader, 'reference:' || external_ref FROM {table}
    WHERE leader > %(after)s AND leader <= %(upto)s AND external_ref IS NOT NULL
),
erased AS (
    SELECT DISTINCT leader FROM contacts, unnest(%(inner)s::bytea[], %(outer)s::bytea[]) AS pads (inner_pad, outer_pad)
    JOIN rights_suppression ON true
    WHERE digest = sha256(outer_pad || sha256(inner_pad || convert_to(contact, 'UTF8')))
),
gone AS (
    DELETE FROM {table} WHERE leader IN (SELECT leader FROM erased) RETURNING row_number
)
INSERT INTO intake_leftaside (arrival_id, row_number, is_rejected, problems, cells)
SELECT %(arrival)s, row_number, true, jsonb_build_array(jsonb_build_array(%(reason)s::text, '')), '{{}}' FROM gone
ON CONFLICT (arrival_id, row_number)
DO UPDATE SET is_rejected = true, problems = excluded.problems, cells = excluded.cells
"""


def leave_aside(cursor: CursorWrapper, arrival: Arrival, *, after: int, upto: int) -> None:
    """Take the rows of erased people, whose leaders are in a range, out of the staging table; count them."""
    if not Suppression.objects.exists():
        return
    inner, outer = zip(*(key.pads for key in suppression_keys()), strict=True)
    values: dict[str, Any] = {
        "after": after,
        "upto": upto,
        "inner": list(inner),
        "outer": list(outer),
        "arrival": arrival.pk,
    }
    cursor.execute(LEAVE_ASIDE.format(table=arrival.table), {**values, "reason": Reason.ERASED.value})
    count(arrival, Reason.ERASED, cursor.rowcount)


def count(arrival: Arrival, reason: Reason, rows: int) -> None:
    """Count rows that were left aside after they had been staged."""
    if rows:
        counts = arrival.counts
        counts["rejected"] = counts.get("rejected", 0) + rows
        counts["reasons"] = dict(Counter(counts.get("reasons", {})) + Counter({reason.value: rows}))
