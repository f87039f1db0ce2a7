"""By when a request must be answered: months that are too short, weekends, holidays, pauses."""

from __future__ import annotations

from datetime import date

import pytest

from portevoix.rights.rules.deadlines import due_on, holidays, months_after, reminder


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-03-10", "2026-04-10"),  # a Friday
        ("2026-01-31", "2026-03-02"),  # 28 February is a Saturday
        ("2027-01-29", "2027-03-01"),  # 28 February, a Sunday
        ("2028-01-31", "2028-02-29"),  # leap year, a Tuesday
        ("2028-01-30", "2028-02-29"),
        ("2028-02-29", "2028-03-29"),
        ("2026-11-25", "2026-12-28"),  # Christmas, a Friday, then the weekend
        ("2026-12-01", "2027-01-04"),  # New Year's Day, a Friday, then the weekend
        ("2026-04-01", "2026-05-04"),  # the first of May, a Friday
        ("2026-03-06", "2026-04-07"),  # Easter Monday
        ("2026-04-14", "2026-05-15"),  # Ascension
        ("2026-04-25", "2026-05-26"),  # Whit Monday
        ("2026-06-14", "2026-07-15"),  # 14 July
        ("2026-12-31", "2027-02-01"),  # 31 January, a Sunday
    ],
)
def test_the_last_day_is_that_of_the_same_number_then_the_next_working_one(received: str, due: str) -> None:
    assert due_on(date.fromisoformat(received)) == date.fromisoformat(due)


def test_two_more_months_count_from_the_day_of_receipt() -> None:
    assert due_on(date(2026, 11, 30), is_extended=True) == date(2027, 3, 1)  # 28 February is a Sunday
    assert months_after(date(2027, 11, 30), 3) == date(2028, 2, 29)


def test_the_days_that_a_proof_of_identity_took_are_added_before_weekends_are_looked_at() -> None:
    assert due_on(date(2026, 3, 10), days_paused=1) == date(2026, 4, 13)  # Saturday the 11th
    assert due_on(date(2026, 3, 10), days_paused=5) == date(2026, 4, 15)


def test_there_are_eleven_holidays_and_easter_moves() -> None:
    assert len(holidays(2026)) == 11
    assert {date(2026, 4, 6), date(2026, 5, 14), date(2026, 5, 25)} <= holidays(2026)
    # In 2008 the Ascension fell on the first of May: one day, not two.
    assert len(holidays(2008)) == 10


def test_the_last_day_is_never_before_a_month_nor_on_a_day_off() -> None:
    day = date(2024, 1, 1)
    while day < date(2029, 1, 1):
        due = due_on(day)
        assert due.weekday() < 5
        assert due not in holidays(due.year)
        assert 28 <= (due - day).days <= 36
        day = date.fromordinal(day.toordinal() + 1)


@pytest.mark.parametrize(
    ("left", "last", "owed"),
    [
        (30, None, None),
        (11, None, None),
        (10, None, 10),
        (10, 10, None),
        (8, None, 10),  # the machine was off for two days
        (4, 10, None),
        (3, 10, 3),
        (2, 3, None),
        (0, 3, None),
        (1, None, 3),
        (-1, 3, -1),
        (-2, -1, -1),
    ],
)
def test_reminders_come_once_a_mark_and_daily_when_it_is_late(left: int, last: int | None, owed: int | None) -> None:
    assert reminder(left, last) == owed
