"""What PostgreSQL believes of its tables, where an old belief would make one statement read a table for each row."""

from __future__ import annotations

from django.db import connection

# Never counted, or much has come or gone since: a restored copy, an import, a storm of signatures a minute ago.
BELIEVED_WRONGLY = """
SELECT c.relname FROM pg_class c
WHERE c.oid = ANY(%s::regclass[]) AND pg_relation_size(c.oid) > 0 AND (
    pg_relation_size(c.oid) >= 2 * c.relpages::bigint * current_setting('block_size')::bigint
    OR pg_stat_get_mod_since_analyze(c.oid) > 1000 + c.reltuples / 2
    OR NOT EXISTS (SELECT FROM pg_stats s WHERE s.schemaname = current_schema() AND s.tablename = c.relname)
)
ORDER BY c.relname
"""


def count_anew(*tables: str) -> list[str]:
    """Count the rows and values of those tables that are no longer as the planner knows them; return which.

    PostgreSQL does so itself within a minute or two; a statement about everybody does not wait for that. A table that
    somebody else counts or cleans at this moment is left: to wait for it here could be a deadlock.
    """
    with connection.cursor() as cursor:
        cursor.execute(BELIEVED_WRONGLY, [list(tables)])
        changed = [str(row[0]) for row in cursor.fetchall()]
        if changed:
            names = ", ".join(connection.ops.quote_name(one) for one in changed)
            cursor.execute(f"ANALYZE (SKIP_LOCKED) {names}")
    return changed
