"""Decisions about paths, pure: when something is due, what is late, how it is said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

#: The hour of Paris from which reminders go out. Never between two and three: that hour comes twice, or not at all.
REMINDING_HOUR = 7


def due_day(begins: date, days: int | None) -> date | None:
    """Return when a step that begins on a day is due, by its usual number of days; whole days, so no clock change."""
    return None if days is None else begins + timedelta(days=days)


def is_late(due_on: date | None, due_at: time | None, now: datetime, zone: ZoneInfo) -> bool:
    """Tell whether what was due on a day (and at an hour of ``zone``) is late at an aware moment."""
    if due_on is None:
        return False
    here = now.astimezone(zone)
    if due_on != here.date():
        return due_on < here.date()
    return due_at is not None and due_at < here.time()


def is_time_to_remind(now: datetime, zone: ZoneInfo) -> bool:
    """Tell whether the day's reminders may go out, whatever the clock did last night."""
    return now.astimezone(zone).hour >= REMINDING_HOUR


def further(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Tell whether ``one`` is the further of two places, told by the step's position and the place's number."""
    return (one[0], -one[1]) > (other[0], -other[1])


def numbered(names: Sequence[str]) -> list[str]:
    """Return the names that are there twice, whatever the case: two steps of one name are told apart by nobody."""
    seen: set[str] = set()
    return [name for name in names if name.casefold() in seen or seen.add(name.casefold())]  # type: ignore[func-returns-value]
