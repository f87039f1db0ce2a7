"""Days are those of Paris, whole, whatever the clock does at night and wherever the server stands."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as some

from portevoix.accounts.types import System
from portevoix.kernel import clock
from portevoix.people import interactions
from portevoix.people.types import Kind
from portevoix.segments import rules, selectors
from portevoix.segments.criteria.history import days_ago, midnight
from tests.people.factories import PersonFactory
from tests.segments.factories import rule, tree

SYSTEM = System("tests")
#: The nights of 2026 in which Paris puts its clocks forward, then back.
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


@given(some.integers(0, 4_000_000_000), some.integers(1, 10_000))
def test_so_many_days_ago_is_always_the_beginning_of_a_day_in_paris(second: int, number: int) -> None:
    with clock.stopped_at(datetime.fromtimestamp(second, UTC)):
        here = days_ago(number).astimezone(clock.PARIS)
        assert (here.hour, here.minute, here.second) == (0, 0, 0)
        assert (clock.today() - here.date()).days == number


@given(some.dates(date(1976, 1, 1), date(2099, 1, 1)), some.integers(0, 24 * 60 - 1), some.integers(1, 400))
def test_the_answer_is_the_same_all_day_long(day: date, minute: int, number: int) -> None:
    with clock.stopped_at(midnight(day)):
        first = days_ago(number)
    with clock.stopped_at(midnight(day) + timedelta(minutes=min(minute, 22 * 60))):
        assert days_ago(number) == first


@pytest.mark.django_db
@pytest.mark.parametrize("night", [SPRING, AUTUMN])
@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland", "America/Los_Angeles"])
@pytest.mark.parametrize("hour", [1, 2, 3, 4])
def test_the_change_of_clock_at_three_shifts_nobody(night: date, zone: str, hour: int) -> None:
    """Asked in the very hour, on a server and a database of another zone: the same people."""
    edge = midnight(night - timedelta(days=90))
    inside, outside = PersonFactory(created_at=edge), PersonFactory(created_at=edge - timedelta(seconds=1))
    for person, moment in ((inside, edge), (outside, edge - timedelta(seconds=1))):
        interactions.record(person, Kind.MAILED, at=moment)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('TimeZone', %s, true)", [zone])
    now = datetime(night.year, night.month, night.day, hour, 30, tzinfo=clock.PARIS)
    with clock.stopped_at(now.astimezone(UTC)), timezone.override(ZoneInfo(zone)):
        for asked in (
            rule("known_within", days=90),
            rule("interaction", kind="mailed", days=90),
            rule("known_since", day=(night - timedelta(days=90)).isoformat()),
        ):
            assert set(selectors.people_who(rules.read(tree(asked)), SYSTEM)) == {inside}
        for asked in (
            rule("last_ago", kind="mailed", days=90),
            rule("known_before", day=(night - timedelta(days=90)).isoformat()),
        ):
            assert set(selectors.people_who(rules.read(tree(asked)), SYSTEM)) == {outside}


@pytest.mark.django_db
@pytest.mark.parametrize("night", [SPRING, AUTUMN])
def test_events_in_the_night_of_the_change_are_of_that_day(night: date) -> None:
    people = []
    for hour in (0, 1, 2, 3, 23):
        moment = datetime(night.year, night.month, night.day, hour, 30, tzinfo=clock.PARIS)
        people.append(PersonFactory(created_at=moment.astimezone(UTC)))
    with clock.stopped_at(midnight(night + timedelta(days=1)) + timedelta(hours=12)):
        that_day = tree(
            rule("known_since", day=night.isoformat()),
            rule("known_before", day=(night + timedelta(days=1)).isoformat()),
        )
        assert set(selectors.people_who(rules.read(that_day), SYSTEM)) == set(people)
        assert set(selectors.people_who(rules.read(tree(rule("known_within", days=1))), SYSTEM)) == set(people)
