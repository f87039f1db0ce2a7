"""Days, months and clocks of retention, without a database."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portevoix.kernel.clock import PARIS, months_later
from portevoix.people.types import Kind
from portevoix.rights.rules.retention import (
    COMES_FROM_THE_PERSON,
    is_due,
    is_too_many,
    last_day_over,
    limit,
)

DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2027, 1, 15), 2, date(2027, 3, 15)),
        (date(2027, 12, 31), 2, date(2028, 2, 29)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2028, 2, 29), 48, date(2032, 2, 29)),
        (date(2028, 5, 31), -3, date(2028, 2, 29)),
        (date(2028, 5, 31), 0, date(2028, 5, 31)),
    ],
)
def test_months_end_on_the_same_day_or_on_the_last(day: date, months: int, expected: date) -> None:
    assert months_later(day, months) == expected


@pytest.mark.parametrize(
    ("today", "months", "expected"),
    [
        (date(2029, 2, 28), 12, date(2028, 2, 29)),
        (date(2029, 2, 27), 12, date(2028, 2, 27)),
        (date(2028, 2, 29), 12, date(2027, 2, 28)),
        (date(2028, 3, 1), 12, date(2027, 3, 1)),
        (date(2027, 2, 28), 2, date(2026, 12, 31)),
    ],
)
def test_the_last_day_that_is_over(today: date, months: int, expected: date) -> None:
    assert last_day_over(today, months) == expected


@given(DAYS, DAYS, st.integers(0, 60))
def test_a_day_is_over_exactly_when_its_term_is(today: date, day: date, months: int) -> None:
    assert (day <= last_day_over(today, months)) == (months_later(day, months) <= today)


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2027, 3, 28), "2027-03-29T00:00:00+02:00"),
        (date(2027, 10, 31), "2027-11-01T00:00:00+01:00"),
        (date(2027, 10, 30), "2027-10-31T00:00:00+02:00"),
    ],
)
def test_the_limit_is_midnight_in_paris_when_clocks_change(today: date, expected: str) -> None:
    assert limit(today, 0) == datetime.fromisoformat(expected)
    assert limit(today, 0).isoformat() == expected


@pytest.mark.parametrize(
    ("now", "last", "due"),
    [
        ("2027-01-10T02:59:00+01:00", None, False),
        ("2027-01-10T03:00:00+01:00", None, True),
        ("2027-01-10T03:35:00+01:00", date(2027, 1, 9), True),
        ("2027-01-10T04:35:00+01:00", date(2027, 1, 10), False),
        # The clock jumps from two to three: the night still comes, once.
        ("2027-03-28T00:35:00+00:00", date(2027, 3, 27), False),
        ("2027-03-28T01:35:00+00:00", date(2027, 3, 27), True),
        # Two o'clock comes twice: the night comes once, after three.
        ("2027-10-31T00:35:00+00:00", date(2027, 10, 30), False),
        ("2027-10-31T01:35:00+00:00", date(2027, 10, 30), False),
        ("2027-10-31T02:35:00+00:00", date(2027, 10, 30), True),
        # A worker that slept through the night begins in the day.
        ("2027-01-10T17:35:00+01:00", date(2027, 1, 8), True),
    ],
)
def test_the_night_begins_once_a_day_in_paris(now: str, last: date | None, due: bool) -> None:
    assert is_due(datetime.fromisoformat(now), last) is due


@pytest.mark.parametrize(
    ("going", "people", "stops"),
    [(0, 0, False), (10, 10, False), (11, 11, True), (20, 100, False), (21, 100, True), (200_001, 1_000_000, True)],
)
def test_the_brake(going: int, people: int, stops: bool) -> None:
    assert is_too_many(going, people, 20) is stops


def test_every_kind_of_event_says_whether_it_comes_from_the_person() -> None:
    """A kind that is not there would prolong nothing without anybody having decided it."""
    assert set(COMES_FROM_THE_PERSON) == set(Kind)
    assert not COMES_FROM_THE_PERSON[Kind.MAILED], "our own mailings never keep anybody in the file"


def test_paris_is_paris() -> None:
    assert PARIS.key == "Europe/Paris"
