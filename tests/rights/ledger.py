"""What somebody does to the ledger who has the database in their hands, and no scruples."""

from __future__ import annotations

from django.db import connection

GUARD = "ALTER TABLE {} {} TRIGGER USER"


def falsify(statement: str, *values: object, table: str = "rights_ledgerentry") -> None:
    """Run a statement on a table whose triggers sleep meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(GUARD.format(table, "DISABLE"))
        cursor.execute(statement, values)
        cursor.execute(GUARD.format(table, "ENABLE"))


def asleep(statement: str) -> None:
    """Run a statement in a session in which no trigger fires, neither ours nor those of keys."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement)
        cursor.execute("SET LOCAL session_replication_role = origin")
