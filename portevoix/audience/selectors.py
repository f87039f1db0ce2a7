"""Reads of the daily counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet, Sum
from django.utils.formats import date_format

from portevoix.audience.models import DailyCount
from portevoix.kernel import clock
from portevoix.kernel.charts import Bar

#: Lines of the tables of pages and of origins.
LONGEST = 15


@dataclass(frozen=True)
class Line:
    """A page, or an origin, with what was counted under it."""

    name: str
    visits: int
    views: int


@dataclass(frozen=True)
class Measured:
    """What was counted over some days, today included."""

    days: list[Bar]
    pages: list[Line]
    origins: list[Line]
    visits: int
    views: int


def per_day(number: int) -> list[Bar]:
    """Return the visits (and views) of each of the last days, the days without any included."""
    since = clock.today() - timedelta(days=number - 1)
    found = _since(since).values_list("day").annotate(Sum("visits"), Sum("views"))
    counts: dict[date, tuple[int, int]] = {day: (visits, views) for day, visits, views in found}
    days = [since + timedelta(days=step) for step in range(number)]
    return [
        Bar(date_format(day, "j F"), visits, (views,)) for day in days for visits, views in [counts.get(day, (0, 0))]
    ]


def measured(number: int) -> Measured:
    """Return everything that the audience screen shows of the last days."""
    days = per_day(number)
    since = clock.today() - timedelta(days=number - 1)
    return Measured(
        days=days,
        pages=_lines(since, "path", "-views"),
        origins=_lines(since, "origin", "-visits"),
        visits=sum(int(bar.value) for bar in days),
        views=sum(bar.others[0] for bar in days),
    )


def _since(day: date) -> QuerySet[DailyCount]:
    return DailyCount.objects.filter(day__gte=day).order_by()


def _lines(since: date, name: str, order: str) -> list[Line]:
    found = _since(since).values(name).annotate(visits=Sum("visits"), views=Sum("views")).order_by(order, name)
    return [Line(line[name], line["visits"], line["views"]) for line in found[:LONGEST]]
