"""« Le 1er décembre », and no other day of the month so."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.template import Context, Template
from django.utils import translation
from django.utils.formats import date_format

from portevoix.kernel import clock

FIRST = date(2026, 12, 1)


@pytest.mark.parametrize(
    ("day", "wanted", "said"),
    [
        (FIRST, "DATE_FORMAT", "1er décembre 2026"),
        (FIRST, "l j F Y", "mardi 1er décembre 2026"),
        (FIRST, "j F", "1er décembre"),
        (FIRST, "SHORT_DATE_FORMAT", "01/12/2026"),
        (FIRST, r"\j F", "j décembre"),
        (datetime(2026, 12, 1, 9, 5, tzinfo=clock.PARIS), "DATETIME_FORMAT", "1er décembre 2026 09:05"),
        (date(2026, 12, 2), "DATE_FORMAT", "2 décembre 2026"),
        (date(2026, 12, 11), "DATE_FORMAT", "11 décembre 2026"),
        (date(2026, 12, 21), "DATE_FORMAT", "21 décembre 2026"),
    ],
)
def test_the_first_of_a_month_is_written_as_french_says_it(day: date, wanted: str, said: str) -> None:
    with translation.override("fr"):
        assert date_format(day, wanted) == said
        assert Template("{{ day|date:wanted }}").render(Context({"day": day, "wanted": wanted})) == said


def test_english_is_left_as_it_is() -> None:
    with translation.override("en"):
        assert date_format(FIRST, "DATE_FORMAT") == "Dec. 1, 2026"
        assert date_format(FIRST, "j F Y") == "1 December 2026"
