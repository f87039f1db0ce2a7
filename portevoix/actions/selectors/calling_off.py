"""Whom the cancellation of a meeting concerns, and how many of them a letter reaches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from portevoix.actions.models import Attendance, EventPage
from portevoix.actions.models.joining import AttendanceQuerySet
from portevoix.kernel import clock
from portevoix.people.models import Person
from portevoix.rights import gate
from portevoix.rights.purposes import Channel, Purpose
from portevoix.territory.selectors import elections

#: So long before electoral silence no free words are sent any more.
BEFORE_SILENCE = timedelta(hours=1)


@dataclass(frozen=True)
class Concerned:
    """How many come, wait for a seat, and get a letter."""

    coming: int
    waiting: int
    reached: int

    @property
    def unreached(self) -> int:
        """How many have no address that works, or may not be written to."""
        return self.coming + self.waiting - self.reached


def concerned(page: EventPage) -> AttendanceQuerySet:
    """Return who comes to a meeting, or waits for a seat, and still agrees to it."""
    return Attendance.objects.filter(page=page.pk).counted()


def figures(page: EventPage) -> Concerned:
    """Return how many are concerned; they are counted, never told apart."""
    rows = concerned(page)
    people = Person.objects.filter(pk__in=rows.order_by().values("person"))
    reached = gate.admit(people, purpose=Purpose.SERVICE, channel=Channel.EMAIL)
    return Concerned(rows.coming().count(), rows.waiting().count(), reached.grounds.count())


def is_silent() -> bool:
    """Tell whether electoral silence holds somewhere, or is about to: no free words leave then (art. L. 49)."""
    return bool(elections.silent_until(clock.now(), BEFORE_SILENCE))
