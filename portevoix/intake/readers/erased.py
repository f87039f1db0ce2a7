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

#: By what people are known in staged rows, of which ``staged`` holds those ``among``: contacts and a reference, which
#: are theirs alone, and likenesses, as ``rights.rules.likeness`` writes them; of the rows of one person together.
CONTACTS = """staged AS MATERIALIZED (
    SELECT leader, emails, phones, external_ref, born_on, line1, postcode, more_addresses,
        CASE WHEN sort_key LIKE '%% %%' THEN array_to_string(
            ARRAY(SELECT word FROM unnest(string_to_array(sort_key, ' ')) AS word ORDER BY word COLLATE "C"), ' ')
            || '|' END AS name
    FROM {table} WHERE {among}
),
homes AS (
    SELECT leader, name, born_on, line1, postcode FROM staged WHERE name IS NOT NULL
    UNION ALL
    SELECT leader, name, born_on, other.line1, other.postcode
    FROM staged, jsonb_to_recordset(more_addresses) AS other (line1 text, postcode text) WHERE name IS NOT NULL
),
contacts AS (
    SELECT leader, true AS is_own, 'email:' || address AS contact FROM staged, unnest(emails) AS address
    UNION ALL SELECT leader, true, 'phone:' || number FROM staged, unnest(phones) AS number
    UNION ALL SELECT leader, true, 'reference:' || external_ref FROM staged WHERE external_ref IS NOT NULL
    UNION ALL SELECT leader, false, 'shared:' || name || number FROM staged, unnest(phones) AS number
        WHERE name IS NOT NULL
    UNION ALL SELECT leader, false, 'born:' || name || born_on FROM staged
        WHERE name IS NOT NULL AND born_on IS NOT NULL
    UNION ALL SELECT leader, false, kind || name || postcode || '|' || portevoix_sort_key(line1)
        FROM homes, unnest(ARRAY['home:', CASE WHEN born_on IS NULL THEN 'home_undated:' END]) AS kind
        WHERE line1 <> '' AND postcode <> ''
    UNION ALL SELECT leader, false, 'place:' || name || postcode FROM staged
        WHERE name IS NOT NULL AND postcode <> '' AND born_on IS NULL AND line1 = '' AND emails = '{{}}'
            AND phones = '{{}}'
)"""
#: One statement for all rows of one person: where one of them names a contact of somebody erased, all go; so do those
#: of whoever is like somebody erased (``rights.rules.likeness``), unless an address or reference says that they are
#: somebody who is known. HMAC (RFC 2104) with the pads of the keys, as rights.rules.SuppressionKey says it.
LEAVE_ASIDE = """
WITH {contacts},
erased AS MATERIALIZED (
    SELECT leader, bool_or(is_own) AS is_own
    FROM contacts, unnest(%(inner)s::bytea[], %(outer)s::bytea[]) AS pads (inner_pad, outer_pad)
    JOIN rights_suppression ON true
    WHERE digest = sha256(outer_pad || sha256(inner_pad || convert_to(contact, 'UTF8')))
    GROUP BY leader
),
known AS (
    SELECT leader FROM staged JOIN erased USING (leader), unnest(emails) AS address
    JOIN people_emailaddress AS held USING (address)
    UNION
    SELECT leader FROM staged JOIN erased USING (leader) JOIN people_person AS held USING (external_ref)
),
gone AS (
    DELETE FROM {table} AS rows USING erased
    WHERE rows.leader = erased.leader AND (is_own OR rows.leader NOT IN (SELECT leader FROM known))
    RETURNING row_number, CASE WHEN is_own THEN %(erased)s ELSE %(resembles)s END AS reason
)
INSERT INTO intake_leftaside (arrival_id, row_number, is_rejected, problems, cells)
SELECT %(arrival)s, row_number, true, jsonb_build_array(jsonb_build_array(reason, '')), '{{}}' FROM gone
ON CONFLICT (arrival_id, row_number)
DO UPDATE SET is_rejected = true, problems = excluded.problems, cells = excluded.cells
RETURNING problems -> 0 ->> 0
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
    values |= {"erased": Reason.ERASED.value, "resembles": Reason.RESEMBLES.value}
    contacts = CONTACTS.format(table=arrival.table, among="leader > %(after)s AND leader <= %(upto)s")
    cursor.execute(LEAVE_ASIDE.format(table=arrival.table, contacts=contacts), values)
    for reason, rows in Counter(reason for (reason,) in cursor.fetchall()).items():
        count(arrival, Reason(reason), rows)


def count(arrival: Arrival, reason: Reason, rows: int) -> None:
    """Count rows that were left aside after they had been staged."""
    if rows:
        counts = arrival.counts
        counts["rejected"] = counts.get("rejected", 0) + rows
        counts["reasons"] = dict(Counter(counts.get("reasons", {})) + Counter({reason.value: rows}))
