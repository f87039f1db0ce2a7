"""The tests' database: a cluster of this run only, copied from one that was migrated for this very set of migrations.

Migrating takes many seconds and copying takes none; a migration that changed makes another key, so no copy is stale.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.core.management import call_command
from django.db import connections
from django.db.backends.postgresql.operations import DatabaseOperations

from portevoix.operations.embedded import THROWAWAY, Cluster

ROOT = Path(__file__).parents[1]
NAME = "test_portevoix"
COPIES_KEPT = 3


def empty(operations: DatabaseOperations, statements: list[str]) -> None:
    """Empty the tables after a test that commits: those where it left something, without their guards.

    Truncating all of them takes longer than most tests; ledger and journal refuse either way, but of a replica.
    """
    tables = sorted(set(re.findall(r'"(\w+)"', " ".join(statements))))
    with operations.connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT '{one}' WHERE EXISTS (SELECT FROM \"{one}\")" for one in tables))
        filled = [row[0] for row in cursor.fetchall()]
    emptying = [f'DELETE FROM "{one}"' for one in filled]
    execute_sql_flush(operations, ["SET LOCAL session_replication_role = replica", *emptying])
    with operations.connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relname = ANY(%s) AND pg_relation_size(oid) > 500000", [filled]
        )
        for (one,) in cursor.fetchall():
            # Empty pages that are kept would tell the planner that this table never has more than some rows.
            cursor.execute(f'VACUUM "{one}"')


execute_sql_flush = DatabaseOperations.execute_sql_flush
DatabaseOperations.execute_sql_flush = empty  # type: ignore[method-assign]


@contextlib.contextmanager
def migrated_cluster(cache: Path) -> Iterator[Cluster]:
    """Run a migrated cluster in a temporary folder, with Django pointed at it."""
    folder = Path(tempfile.mkdtemp(prefix="portevoix-cluster-"))
    kept = cache / _key()
    cluster = Cluster(folder, settings=THROWAWAY)
    try:
        is_copied = _copy(kept, cluster.data)
        cluster.start()
        _point_django_at(cluster)
        if not is_copied:
            cluster.ensure_database(NAME)
            call_command("migrate", interactive=False, run_syncdb=True, verbosity=0)
            keep(cluster, "migrated")
            cluster.stop()
            _keep(cluster.data, kept)
            cluster.start()
        cluster.sql("postgres", "GRANT SET ON PARAMETER session_replication_role TO portevoix")
        yield cluster
        connections.close_all()
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


def keep(cluster: Cluster, state: str) -> None:
    """Keep the database as it is under a name, for a state that is slow to make."""
    connections.close_all()
    cluster.sql("postgres", f'CREATE DATABASE "{NAME}_{state}" TEMPLATE "{NAME}" STRATEGY file_copy')


def put_back(cluster: Cluster, state: str) -> bool:
    """Give the database a state that was kept: "migrated" always is. Return False where there is none."""
    if not cluster.sql("postgres", f"SELECT 1 FROM pg_database WHERE datname = '{NAME}_{state}'"):
        return False
    connections.close_all()
    cluster.sql("postgres", f'DROP DATABASE "{NAME}" WITH (FORCE)')
    cluster.sql("postgres", f'CREATE DATABASE "{NAME}" TEMPLATE "{NAME}_{state}" OWNER portevoix STRATEGY file_copy')
    return True


def _point_django_at(cluster: Cluster) -> None:
    connections["default"].settings_dict.update(
        ENGINE="django.db.backends.postgresql",
        NAME=NAME,
        USER="portevoix",
        PASSWORD="",
        HOST=str(cluster.socket_folder),
        PORT="",
    )


def _key() -> str:
    """Return a value that changes with what a migrated database is made from."""
    digest = hashlib.sha256()
    sources = [
        *ROOT.glob("portevoix/*/migrations/**/*"),
        *ROOT.glob("portevoix/*/models*"),
        *ROOT.glob("portevoix/*/models/*"),
    ]
    for path in sorted([ROOT / "requirements" / "test.lock", Path(__file__), *sources]):
        if path.is_file() and path.suffix != ".pyc":
            digest.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:32]


def _copy(kept: Path, data: Path) -> bool:
    try:
        shutil.copytree(kept, data)
    except (FileNotFoundError, shutil.Error):  # none yet, or another run tidies it away at this moment
        shutil.rmtree(data, ignore_errors=True)
        return False
    os.utime(kept)
    data.chmod(0o700)
    return True


def _keep(data: Path, kept: Path) -> None:
    unfinished = Path(tempfile.mkdtemp(dir=kept.parent, prefix="new-"))
    shutil.copytree(data, unfinished / "data")
    with contextlib.suppress(OSError):  # another run was quicker
        (unfinished / "data").rename(kept)
    shutil.rmtree(unfinished, ignore_errors=True)
    copies = sorted(kept.parent.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in copies[COPIES_KEPT:]:
        shutil.rmtree(old, ignore_errors=True)
