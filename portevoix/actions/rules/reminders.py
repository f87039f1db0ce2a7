"""When reminders leave: of a meeting the day before, of a form the day after."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from portevoix.kernel import clock

#: At this hour of the day before, in Paris.
HOUR = time(10)
#: So long before a meeting nobody is told of it any more.
TOO_LATE = timedelta(hours=2)
#: So long a form waits for its one reminder.
AFTER = timedelta(days=1)


def leaves_at(starts_at: datetime) -> datetime:
    """Return the moment from which the reminder of a meeting leaves."""
    return clock.in_paris(starts_at.astimezone(clock.PARIS).date() - timedelta(days=1), HOUR)


def is_time(starts_at: datetime, now: datetime) -> bool:
    """Tell whether the reminder of a meeting may leave: a worker that was down catches up, but not at the last hour."""
    return leaves_at(starts_at) <= now < starts_at - TOO_LATE
