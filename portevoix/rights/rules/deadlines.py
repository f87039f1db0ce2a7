"""By when a request must be answered: pure arithmetic of days in Paris, no clock, no database.

RGPD art. 12(3): within one month of receipt, extendable by two further months with a reason told within the first.
How to count is in Regulation (EEC, Euratom) 1182/71: the day of receipt is not counted and the period ends with the
day of the same number, or the month's last where there is none (art. 3(1), 3(2)(c)); where that is a Saturday, a
Sunday or a public holiday, with the next working day (art. 3(4)). The holidays are the eleven of the code du travail,
art. L. 3133-1: those of Alsace and Moselle alone do not move a day, which is the stricter reading.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from functools import cache

from dateutil.easter import easter

MONTHS_TO_ANSWER = 1
MONTHS_EXTENDED = 3
#: Days left at which those who answer are reminded; then every day once it is late.
REMINDERS = (10, 3)
LATE = -1
#: What waits for a proof of identity is not forgotten: a week after the pause began, then once a week.
PAUSED = -2
PAUSE_NOTICED_AFTER = timedelta(days=7)

_FIXED = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
_AFTER_EASTER = (1, 39, 50)


@cache
def holidays(year: int) -> frozenset[date]:
    """Return the public holidays of France in a year."""
    moving = (easter(year) + timedelta(days=days) for days in _AFTER_EASTER)
    return frozenset([*(date(year, month, day) for month, day in _FIXED), *moving])


def is_working(day: date) -> bool:
    """Tell whether a period may end on this day."""
    return day.weekday() < 5 and day not in holidays(day.year)


def months_after(day: date, months: int) -> date:
    """Return the day of the same number so many months later, or the last of a month that is too short."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def next_working(day: date) -> date:
    """Return the day itself when it is a working one, else the first that follows."""
    while not is_working(day):
        day += timedelta(days=1)
    return day


def due_on(received_on: date, *, is_extended: bool = False, days_paused: int = 0) -> date:
    """Return the last day on which a request may be answered.

    ``days_paused`` are those that the person took to prove who they are (art. 12(6)): they are added before weekends
    and holidays are looked at.
    """
    months = MONTHS_EXTENDED if is_extended else MONTHS_TO_ANSWER
    return next_working(months_after(received_on, months) + timedelta(days=days_paused))


def reminder(days_left: int, last: int | None) -> int | None:
    """Return the reminder that is owed now, given the last that was sent; None when there is none.

    One for each mark that is passed, were the machine off on that very day; each day for what is late.
    """
    if days_left < 0:
        return LATE
    passed = [mark for mark in REMINDERS if days_left <= mark]
    if not passed or (last is not None and last <= min(passed)):
        return None
    return min(passed)


def is_pause_long(today: date, paused_on: date, reminded_on: date | None) -> bool:
    """Tell whether a pause has lasted so long since it began, or since it was last told, that it is told now."""
    return today - max(paused_on, reminded_on or paused_on) >= PAUSE_NOTICED_AFTER
