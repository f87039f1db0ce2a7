"""The one source of time, so that tests can stop it and nobody writes a naive date."""

from __future__ import annotations

import calendar
import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

PARIS = ZoneInfo("Europe/Paris")
#: What comes again word for word so soon is a second click, or a page sent again: not a second wish.
SAME_CLICK = timedelta(minutes=5)

_stopped: ContextVar[datetime | None] = ContextVar("stopped", default=None)


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return _stopped.get() or timezone.now()


def today() -> date:
    """Return the day it is in Paris: the law counts days there."""
    return now().astimezone(PARIS).date()


class NoSuchHour(ValueError):
    """The clocks of France skip this hour that day, in March."""


def in_paris(day: date, hour: time) -> datetime:
    """Return the moment at which the clocks of France show ``hour`` on ``day``, in UTC. Raises NoSuchHour.

    An hour that comes twice, in October, is the first of the two.
    """
    moment = datetime.combine(day, hour, PARIS).astimezone(UTC)
    if moment.astimezone(PARIS).replace(tzinfo=None) != datetime.combine(day, hour):
        raise NoSuchHour(f"{day} {hour}")
    return moment


def months_later(day: date, months: int) -> date:
    """Return the day on which a term of months that began on ``day`` is over: the same of its month, or its last."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


@contextlib.contextmanager
def stopped_at(moment: datetime) -> Iterator[None]:
    """Stop time at an aware ``moment`` inside the block (tests, replays, demo history)."""
    token = _stopped.set(moment)
    try:
        yield
    finally:
        _stopped.reset(token)
