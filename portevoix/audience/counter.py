"""Counting: in memory first, then a few rows at a time into the day's counts."""

from __future__ import annotations

import atexit
import logging
import os
import threading
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date

from django.db import DatabaseError, InterfaceError, connection, transaction

from portevoix.audience import readers
from portevoix.audience.models import Bookmark, DailyCount
from portevoix.audience.rules import NO_LINK, Link
from portevoix.kernel import clock

logger = logging.getLogger(__name__)
#: The day, the page, the origin, the word of the link, whether it was somebody's own, its medium and its campaign.
Key = tuple[date, str, str, str, bool, str, str]

#: Seconds between two writes: a page seen costs no query.
INTERVAL = 5.0
#: Distinct (day, page, origin, link) kept at most before they are written: bounds memory under a flood of addresses.
MOST_KEPT = 5_000
#: Different words of links in a day, at most: anybody may write anything there. The others count without theirs.
MOST_WORDS = 200
#: Different links by all that they say, at most: the others count by their word alone.
MOST_LINKS = 400

#: Bytes of the web server's log that is worth emptying.
LONG_LOG = 16 * 1024 * 1024

_views: Counter[Key] = Counter()
_visits: Counter[Key] = Counter()
_lock = threading.Lock()
_wake = threading.Event()
_writer: threading.Thread | None = None

UPSERT = """
INSERT INTO audience_dailycount
    (day, path, origin, source, is_by_personal_link, medium, campaign, views, visits)
SELECT * FROM unnest(
    %s::date[], %s::text[], %s::text[], %s::text[], %s::boolean[], %s::text[], %s::text[], %s::bigint[], %s::bigint[]
)
ON CONFLICT (day, path, origin, source, is_by_personal_link, medium, campaign) DO UPDATE
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
    """Count without its words whatever came by a link once a day has as many words, or links, as it may."""
    days = {key[0] for key in views if any((key[3], *key[5:]))}
    words, links = _Known(days, ("source",), MOST_WORDS), _Known(days, ("source", "medium", "campaign"), MOST_LINKS)
    kept: tuple[Counter[Key], Counter[Key]] = (Counter(), Counter())
    for key in sorted(views, key=lambda one: -views[one]):
        day, path, origin, word, is_own, medium, campaign = key
        word = word if words.holds(day, word) else ""
        medium, campaign = (medium, campaign) if links.holds(day, word, medium, campaign) else ("", "")
        for counts, seen in zip(kept, (views, visits), strict=True):
            counts[day, path, origin, word, is_own, medium, campaign] += seen.get(key, 0)
    return kept


class _Known:
    """What links said on each of some days, as far as there is room."""

    def __init__(self, days: Collection[date], names: Sequence[str], most: int) -> None:
        rows = DailyCount.objects.filter(day__in=days).order_by() if days else DailyCount.objects.none()
        found = rows.values_list("day", *names).distinct()
        self._said = {day: {tuple(rest) for one, *rest in found if one == day and any(rest)} for day in days}
        self._most = most

    def holds(self, day: date, *said: str) -> bool:
        """Tell whether this is counted as it is said; what is new is, as long as there is room."""
        if not any(said):
            return True
        known = self._said[day]
        if said not in known and len(known) < self._most:
            known.add(said)
        return said in known


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
