"""When a step that waits is over. Days and hours are those of Paris: three days later is the same hour there, also
when the clock changed in between."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from portevoix.journeys.types import Unit, Wait
from portevoix.kernel.clock import PARIS


def over_at(said: Mapping[str, Any], now: datetime) -> datetime:
    """Return the moment at which somebody who begins to wait now goes on."""
    here = now.astimezone(PARIS)
    kind = said["wait"]
    if kind == Wait.FOR:
        return _after(here, int(said["number"]), Unit(said["unit"]))
    at = time.fromisoformat(said["at"])
    if kind == Wait.DAY:
        # Whoever comes when the day has passed waits no more.
        return max(_on(date.fromisoformat(said["on"]), at), now)
    day = here.date()
    if kind == Wait.WEEKDAY:
        day += timedelta(days=(int(said["weekday"]) - day.weekday()) % 7)
    moment = _on(day, at)
    return moment if moment > now else _on(day + timedelta(days=7 if kind == Wait.WEEKDAY else 1), at)


def _after(here: datetime, number: int, unit: Unit) -> datetime:
    if unit in {Unit.MINUTES, Unit.HOURS}:
        # Elapsed time: added where every hour has sixty minutes.
        return here.astimezone(UTC) + timedelta(**{unit.value: number})
    return _on(here.date() + timedelta(**{unit.value: number}), here.timetz().replace(tzinfo=None))


def _on(day: date, at: time) -> datetime:
    return datetime.combine(day, at, PARIS).astimezone(UTC)


def is_quiet(now: datetime, begins: int | None, ends: int | None) -> bool:
    """Tell whether nobody is to be disturbed now; hours of Paris, over midnight where ``begins`` is the later one."""
    if begins is None or ends is None or begins == ends:
        return False
    hour = now.astimezone(PARIS).hour
    return begins <= hour < ends if begins < ends else hour >= begins or hour < ends


def after_quiet(now: datetime, begins: int | None, ends: int | None) -> datetime:
    """Return now, or the end of the quiet hours that it falls in."""
    if not is_quiet(now, begins, ends):
        return now
    here = now.astimezone(PARIS)
    day = here.date() + timedelta(days=1 if here.hour >= (ends or 0) else 0)
    return _on(day, time(ends or 0))


def days_to_look_at(last: date | None, now: datetime, hour: int) -> list[date]:
    """Return the days of Paris whose hour has come since the last one that was looked at: thirty-one at most."""
    here = now.astimezone(PARIS)
    newest = here.date() if here.hour >= hour else here.date() - timedelta(days=1)
    first = newest if last is None else max(last + timedelta(days=1), newest - timedelta(days=30))
    return [first + timedelta(days=number) for number in range((newest - first).days + 1)]
