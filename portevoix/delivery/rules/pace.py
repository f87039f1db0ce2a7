"""How fast messages to lists may leave: per hour, per hour and mail domain, and per day while a sender is new.

Large receivers distrust an address that writes to thousands on its first day. What somebody waits for is counted and
never held back.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

#: Messages are counted in steps of so long; "an hour" is the present step and the six before it.
STEP = timedelta(minutes=10)
HOUR = timedelta(hours=1)
#: Days that a forecast looks ahead.
LONGEST_FORECAST = 400


@dataclass(frozen=True)
class Pace:
    """The limits; 0 or nothing for none."""

    per_hour: int = 0
    per_hour_to: Mapping[str, int] = field(default_factory=dict)
    #: The most on the first day, the second…
    warm_up: Sequence[int] = ()
    warm_up_from: date | None = None

    @property
    def is_free(self) -> bool:
        return not self.per_hour and not self.per_hour_to and not self.warm_up

    def room(self, *, in_hour: int, in_day: int, today: date) -> int | None:
        """Return how many more may leave now; None without limit."""
        rooms = []
        if self.per_hour:
            rooms.append(self.per_hour - in_hour)
        if (ceiling := self.ceiling(today)) is not None:
            rooms.append(ceiling - in_day)
        return max(min(rooms), 0) if rooms else None

    def ceiling(self, today: date) -> int | None:
        """Return the most of a day of the warm-up plan; None before it is dated and after its last day."""
        if not self.warm_up or self.warm_up_from is None:
            return None
        day = (today - self.warm_up_from).days
        return None if day >= len(self.warm_up) else self.warm_up[max(day, 0)]

    def finish(self, waiting: int, *, now: datetime, in_day: int, rate: float) -> datetime | None:
        """Return about when so many messages will have left; None when nothing tells.

        ``now`` is an hour of France; ``rate`` is how many leave in a second where nothing limits them, 0 when that is
        not known yet.
        """
        speeds = [one for one in (rate, self.per_hour / HOUR.total_seconds()) if one]
        speed = min(speeds) if speeds else 0.0
        moment, left, used = now, float(waiting), in_day
        for _day in range(LONGEST_FORECAST):
            midnight = datetime.combine(moment.date() + timedelta(days=1), time.min, now.tzinfo)
            ceiling = self.ceiling(moment.date())
            if ceiling is None and not speed:
                return None
            room = min(
                float(max(ceiling - used, 0)) if ceiling is not None else math.inf,
                (midnight - moment).total_seconds() * speed if speed else math.inf,
            )
            if left <= room:
                return moment + timedelta(seconds=left / speed if speed else 0)
            moment, left, used = midnight, left - room, 0
        return None

    def wait(self, domain: str, ahead: int) -> timedelta:
        """Return how long a message waits for a domain that has no room, with so many waiting before it."""
        each_step = max(self.per_hour_to[domain] * STEP // HOUR, 1)
        return STEP * (1 + ahead // each_step)


def domains(written: Sequence[str]) -> dict[str, int]:
    """Read limits written as `orange.fr=2000`."""
    return {domain: int(number) for domain, _sign, number in (one.partition("=") for one in written)}


def step_of(moment: datetime) -> datetime:
    """Return the beginning of the step that a moment is in."""
    return moment - (moment - moment.replace(hour=0, minute=0, second=0, microsecond=0)) % STEP
