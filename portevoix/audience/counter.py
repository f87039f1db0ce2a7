"""Counting: in memory first, then a few rows at a time into the day's counts."""

from __future__ import annotations

import atexit
import logging
import os
import threading
from collections import Counter
from collections.abc import Mapping
from datetime import date

from django.db import DatabaseError, InterfaceError, connection, transaction

from portevoix.audience import readers
from portevoix.audience.models import Bookmark
from portevoix.kernel import clock

logger = logging.getLogger(__name__)
Key = tuple[date, str, str]

#: Seconds between two writes: a page seen costs no query.
INTERVAL = 5.0
#: Distinct (day, page, origin) kept at most before they are written: bounds memory under a flood of addresses.
MOST_KEPT = 5_000

#: Bytes of the web server's log that is worth emptying.
LONG_LOG = 16 * 1024 * 1024

_views: Counter[Key] = Counter()
_visits: Counter[Key] = Counter()
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
    try:
        return _write(views, visits)
    except (DatabaseError, InterfaceError):
        with _lock:
            _views.update(views)
            _visits.update(visits)
        return 0


def count_log() -> int:
    """Count the visits that the web server in front wrote down since the last time; return how many pages they saw."""
    counted, is_last = 0, False
    while not is_last:
        views: Counter[Key] = Counter()
        visits: Counter[Key] = Counter()
        with transaction.atomic():
            bookmark = Bookmark.objects.select_for_update().get_or_create(pk=1)[0]
            try:
                part = readers.read(readers.visits_log(), file=bookmark.file, start=bookmark.position)
            except FileNotFoundError:
                return counted
            for day, path, origin in readers.visits_in(part.lines):
                key = (day, path[:300], origin or "")
                views[key] += 1
                visits[key] += origin is not None
            _write(views, visits)
            bookmark.file, bookmark.position = part.file, part.end
            bookmark.save()
        counted, is_last = counted + views.total(), part.is_last
    if part.end > LONG_LOG:
        _empty(part.end)
    return counted


def _write(views: Mapping[Key, int], visits: Mapping[Key, int]) -> int:
    if not views:
        return 0
    keys = sorted(views)
    columns = [list(column) for column in zip(*keys, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(UPSERT, [*columns, [views[key] for key in keys], [visits.get(key, 0) for key in keys]])
    return len(keys)


def _empty(counted: int) -> None:
    """Take back the room of what is counted; the web server goes on writing at the end, wherever that is."""
    log = readers.visits_log()
    try:
        if log.stat().st_size == counted:
            os.truncate(log, 0)
    except OSError as error:
        logger.warning("%s cannot be emptied: %s", log, error.strerror)


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
