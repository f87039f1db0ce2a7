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
from portevoix.audience.models import Bookmark, DailyCount
from portevoix.audience.rules import NO_LINK, Link
from portevoix.kernel import clock

logger = logging.getLogger(__name__)
#: The day, the page, the origin, the word of the link, whether it was somebody's own.
Key = tuple[date, str, str, str, bool]

#: Seconds between two writes: a page seen costs no query.
INTERVAL = 5.0
#: Distinct (day, page, origin, link) kept at most before they are written: bounds memory under a flood of addresses.
MOST_KEPT = 5_000
#: Different words of links in a day, at most: anybody may write anything there. The others count without theirs.
MOST_WORDS = 200

#: Bytes of the web server's log that is worth emptying.
LONG_LOG = 16 * 1024 * 1024

_views: Counter[Key] = Counter()
_visits: Counter[Key] = Counter()
_lock = threading.Lock()
_wake = threading.Event()
_writer: threading.Thread | None = None

UPSERT = """
INSERT INTO audience_dailycount (day, path, origin, source, is_by_personal_link, views, visits)
SELECT * FROM unnest(%s::date[], %s::text[], %s::text[], %s::text[], %s::boolean[], %s::bigint[], %s::bigint[])
ON CONFLICT (day, path, origin, source, is_by_personal_link) DO UPDATE
SET views = audience_dailycount.views + EXCLUDED.views, visits = audience_dailycount.visits + EXCLUDED.visits
"""


def count(path: str, origin: str | None, link: Link = NO_LINK) -> None:
    """Count one page seen; ``origin`` None means that the visit had begun already."""
    key = _key(clock.today(), path, origin, link)
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
            for day, path, origin, link in readers.visits_in(part.lines):
                key = _key(day, path, origin, link)
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
    views, visits = _with_known_words(views, visits)
    keys = sorted(views)
    columns = [list(column) for column in zip(*keys, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(UPSERT, [*columns, [views[key] for key in keys], [visits.get(key, 0) for key in keys]])
    return len(keys)


def _key(day: date, path: str, origin: str | None, link: Link) -> Key:
    began = link if origin is not None else NO_LINK
    return (day, path[:300], origin or "", *began)


def _with_known_words(views: Mapping[Key, int], visits: Mapping[Key, int]) -> tuple[Counter[Key], Counter[Key]]:
    """Count without its word whatever came by a link once a day has as many words as it may."""
    days = {day for day, _path, _origin, word, _own in views if word}
    rows = DailyCount.objects.filter(day__in=days).exclude(source="") if days else DailyCount.objects.none()
    known = set(rows.order_by().values_list("day", "source").distinct())
    room = {day: MOST_WORDS - sum(1 for one, _word in known if one == day) for day in days}
    kept: tuple[Counter[Key], Counter[Key]] = (Counter(), Counter())
    for key in sorted(views, key=lambda one: -views[one]):
        day, path, origin, word, is_own = key
        if word and (day, word) not in known:
            if room[day] > 0:
                known.add((day, word))
                room[day] -= 1
            else:
                word = ""
        kept[0][day, path, origin, word, is_own] += views[key]
        kept[1][day, path, origin, word, is_own] += visits.get(key, 0)
    return kept


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
