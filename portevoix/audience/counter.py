"""Counting: in memory first, then a few rows at a time into the day's counts."""

from __future__ import annotations

import atexit
import threading
from collections import Counter
from datetime import date

from django.db import DatabaseError, InterfaceError, connection

from portevoix.kernel import clock

#: Seconds between two writes: a page seen costs no query.
INTERVAL = 5.0
#: Distinct (day, page, origin) kept at most before they are written: bounds memory under a flood of addresses.
MOST_KEPT = 5_000

_views: Counter[tuple[date, str, str]] = Counter()
_visits: Counter[tuple[date, str, str]] = Counter()
_lock = threading.Lock()
_wake = threading.Event()
_writer: threading.Thread | None = None

UPSERT = """
INSERT INTO audience_dailycount (day, path, origin, views, visits)
SELECT * FROM unnest(%s::date[], %s::text[], %s::text[], %s::bigint[], %s::bigint[])
ON CONFLICT (day, path, origin) DO UPDATE
SET views = audience_dailycount.views + EXCLUDED.views, visits = audience_dailycount.visits + EXCLUDED.visits
"""


def count(path: str, origin: str | None) -> None:
    """Count one page seen; ``origin`` None means that the visit had begun already."""
    key = (clock.today(), path[:300], origin or "")
    with _lock:
        if key not in _views and len(_views) >= MOST_KEPT:
            _wake.set()
            return
        _views[key] += 1
        if origin is not None:
            _visits[key] += 1
    _start_writer()


def flush() -> int:
    """Write what was counted; return the number of rows. What cannot be written is kept for the next time."""
    with _lock:
        views, visits = dict(_views), dict(_visits)
        _views.clear()
        _visits.clear()
    if not views:
        return 0
    keys = sorted(views)
    columns = [list(column) for column in zip(*keys, strict=True)]
    try:
        with connection.cursor() as cursor:
            cursor.execute(UPSERT, [*columns, [views[key] for key in keys], [visits.get(key, 0) for key in keys]])
    except (DatabaseError, InterfaceError):
        with _lock:
            _views.update(views)
            _visits.update(visits)
        return 0
    return len(keys)


def _start_writer() -> None:
    global _writer
    if _writer is None or not _writer.is_alive():
        _writer = threading.Thread(target=_write_for_ever, name="audience", daemon=True)
        _writer.start()
        atexit.register(flush)


def _write_for_ever() -> None:
    while True:
        _wake.wait(INTERVAL)
        _wake.clear()
        flush()
        connection.close()
