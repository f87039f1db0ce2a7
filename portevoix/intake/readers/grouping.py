"""Rows of one file that are one person find each other; a refusal on one row is a refusal on all of them."""

from __future__ import annotations

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from portevoix.intake.models import Arrival
from portevoix.intake.readers import erased

#: Rows that share an identifier or an address with another row of the file.
FIND_SHARED = """
CREATE TEMPORARY TABLE intake_shared ON COMMIT DROP AS
WITH keys AS MATERIALIZED (
    SELECT external_ref AS key, row_number FROM {table} WHERE external_ref IS NOT NULL
    UNION ALL
    SELECT address, row_number FROM {table}, unnest(emails) AS address
)
SELECT key, row_number FROM keys
WHERE key IN (SELECT key FROM keys GROUP BY key HAVING min(row_number) < max(row_number))
"""
LABEL_SHARED = """
CREATE TEMPORARY TABLE intake_label ON COMMIT DROP AS
SELECT DISTINCT row_number, row_number AS leader FROM intake_shared
"""
#: Each row takes the first row that its keys lead to; said again until nothing moves.
SPREAD_LABELS = """
UPDATE intake_label AS label SET leader = best.leader
FROM (
    SELECT shared.row_number, min(known.leader) AS leader
    FROM intake_shared AS shared
    JOIN (
        SELECT key, min(leader) AS leader FROM intake_shared JOIN intake_label USING (row_number) GROUP BY key
    ) AS known USING (key)
    GROUP BY shared.row_number
) AS best
WHERE best.row_number = label.row_number AND best.leader < label.leader
"""
#: Long chains are shortened by half each time.
SHORTEN_CHAINS = """
UPDATE intake_label AS label SET leader = above.leader
FROM intake_label AS above
WHERE above.row_number = label.leader AND above.leader < label.leader
"""
KEEP_LABELS = """
UPDATE {table} AS staged SET leader = label.leader
FROM intake_label AS label WHERE label.row_number = staged.row_number AND label.leader <> staged.leader
"""
#: One refusal among the rows of a person refuses for all of them, whichever comes first.
SHARE_REFUSALS = """
UPDATE {table} AS staged SET stops = whole.stops, lapses = whole.lapses
FROM (
    SELECT leader,
        ARRAY(SELECT DISTINCT unnest FROM unnest(string_to_array(string_agg(array_to_string(stops, ','), ','), ','))
              WHERE unnest <> '') AS stops,
        ARRAY(SELECT DISTINCT unnest FROM unnest(string_to_array(string_agg(array_to_string(lapses, ','), ','), ','))
              WHERE unnest <> '') AS lapses
    FROM {table} WHERE leader IN (SELECT leader FROM intake_label) GROUP BY leader
) AS whole
WHERE whole.leader = staged.leader AND (whole.stops <> '{{}}' OR whole.lapses <> '{{}}')
"""
INDEX_LEADERS = "CREATE INDEX ON {table} (leader)"


def group(arrival: Arrival) -> None:
    """Give every staged row its leader, the first row of the same person. May be done again."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(FIND_SHARED.format(table=arrival.table))
        if cursor.rowcount:
            cursor.execute(LABEL_SHARED)
            while _spreads(cursor):
                cursor.execute(SHORTEN_CHAINS)
            for statement in (KEEP_LABELS, SHARE_REFUSALS):
                cursor.execute(statement.format(table=arrival.table))
        cursor.execute(INDEX_LEADERS.format(table=arrival.table))
        cursor.execute(f"ANALYZE {arrival.table} (leader)")
        cursor.execute("DROP TABLE IF EXISTS pg_temp.intake_shared, pg_temp.intake_label")
        erased.leave_aside(cursor, arrival, after=0, upto=arrival.staged)
        arrival.is_grouped = True
        arrival.save(update_fields=["is_grouped", "counts"])


def _spreads(cursor: CursorWrapper) -> bool:
    cursor.execute(SPREAD_LABELS)
    return bool(cursor.rowcount)
