"""The one source of time, so that tests can stop it and nobody writes a naive date."""

from __future__ import annotations

import calendar
import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

PARIS = ZoneInfo("Europe/Paris")

_stopped: ContextVar[datetime | None] = ContextVar("stopped", default=None)


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return _stopped.get() or timezone.now()


def today() -> date:
    """Return the day it is in Paris: the law counts days there."""
    return now().astimezone(PARIS).date()


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
