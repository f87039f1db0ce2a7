"""The report of a letter or of a text message to many, and several side by side; nobody in them.

Numbers in time, by link, and of letters by mail domain.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import gettext

from portevoix.delivery import selectors as delivery
from portevoix.delivery.selectors import figures, texting
from portevoix.disclosure.types import Totals
from portevoix.kernel import clock
from portevoix.kernel.charts import Bar, Chart
from portevoix.mailings import rules
from portevoix.mailings.models import AnyMailing, ShortMessage

#: Whatever happened within so many hours is shown by the hour, the rest by the day.
HOURS = 48
#: Bars a chart has at most: three months of days.
MOST = 92


@dataclass(frozen=True)
class Series:
    """One thing counted over time."""

    key: str
    name: str
    chart: Chart


@dataclass(frozen=True)
class Report:
    """Everything the report of one letter or text message says."""

    mailing: AnyMailing
    results: delivery.Results
    opens: int | None
    series: tuple[Series, ...]
    step: str
    domains: tuple[figures.Domain, ...]
    setbacks: tuple[tuple[str, int], ...]
    links: tuple[tuple[str, int, float], ...]
    #: Of a text message: what its provider said of it afterwards.
    receipts: texting.Receipts | None = None

    def per_hundred(self, number: int) -> float:
        return rules.share(number, self.results.sent)

    @property
    def figures(self) -> list[tuple[str, int, float]]:
        """The numbers at the head, each with its share of what was accepted."""
        found = self.results
        if self.receipts is not None:
            rows = [
                (gettext("Accepted"), found.sent),
                (gettext("Delivered"), self.receipts.delivered),
                (gettext("Not delivered"), self.receipts.undelivered),
                (gettext("Unsubscribed"), found.unsubscribed),
                (gettext("Answers"), self.receipts.replies),
                (gettext("Clicks"), found.clicks),
            ]
            return [(name, number, self.per_hundred(number)) for name, number in rows]
        rows = [
            (gettext("Accepted"), found.sent),
            (gettext("Refused"), found.failed),
            (gettext("Bounced"), found.bounced),
            (gettext("Complaints"), found.complained),
            (gettext("Unsubscribed"), found.unsubscribed),
            (gettext("Clicks"), found.clicks),
        ]
        if self.opens is not None:
            rows.append((gettext("Openings"), self.opens))
        return [(name, number, self.per_hundred(number)) for name, number in rows]


def report(mailing: AnyMailing) -> Report:
    """Return the report of what has left."""
    batch = mailing.batch
    assert batch is not None  # noqa: S101 - it has left
    is_text = isinstance(mailing, ShortMessage)
    found = delivery.results(batch)
    opened = figures.opens(batch)
    step, series = _series(mailing, with_opens=opened is not None)
    most = max((clicks for _target, clicks in found.links), default=0)
    return Report(
        mailing=mailing,
        results=found,
        opens=opened,
        series=series,
        step=step,
        domains=() if is_text else tuple(figures.by_domain(batch)),
        setbacks=() if is_text else tuple((str(kind.label), number) for kind, number in figures.setbacks(batch)),
        links=tuple((target, clicks, rules.share(clicks, most)) for target, clicks in found.links),
        receipts=texting.receipts(batch) if is_text else None,
    )


def _series(mailing: AnyMailing, *, with_opens: bool) -> tuple[str, tuple[Series, ...]]:
    sent_at = mailing.sent_at
    assert mailing.batch is not None  # noqa: S101
    assert sent_at is not None  # noqa: S101
    step = "hour" if clock.now() - sent_at <= timedelta(hours=HOURS) else "day"
    counted = figures.over_time(mailing.batch, step)
    moments = _moments(counted, step)
    names = {
        "sent": gettext("Text messages accepted") if isinstance(mailing, ShortMessage) else gettext("Letters accepted"),
        "clicks": gettext("Clicks"),
        "opens": gettext("Openings"),
        "unsubscribed": gettext("Unsubscribed"),
    }
    return step, tuple(
        Series(key, name, Chart([Bar(_said(one, step), counted[key][one]) for one in moments]))
        for key, name in names.items()
        if key != "opens" or with_opens
    )


def _moments(counted: dict[str, Counter[datetime]], step: str) -> list[datetime]:
    """Return every hour or day from the first on which something happened to the last, without a gap."""
    known = sorted(set().union(*counted.values()))
    if not known:
        return []
    # Hours are of UTC, days of Paris: an hour that clocks repeat is two bars, a day of 23 or 25 hours is one.
    found: list[datetime] = []
    at = known[0]
    while at <= known[-1] and len(found) < MOST:
        found.append(at)
        at += timedelta(hours=1) if step == "hour" else timedelta(days=1)
    return found


def _said(at: datetime, step: str) -> str:
    return date_format(at.astimezone(clock.PARIS), "j F, H \\h" if step == "hour" else "j F Y")


def as_totals(told: Report) -> list[Totals]:
    """Return the report as tables, for its file."""
    over_time = [
        (bars[0].label, *(bar.value for bar in bars))
        for bars in zip(*(one.chart.bars for one in told.series), strict=True)
    ]
    found = [
        Totals("figures", ("figure", "number"), tuple((name, number) for name, number, _share in told.figures)),
        Totals("over_time", (told.step, *(one.key for one in told.series)), tuple(over_time)),
        Totals("links", ("link", "clicks"), tuple((target, clicks) for target, clicks, _share in told.links)),
    ]
    if told.receipts is not None:
        return found
    return [
        *found,
        Totals(
            "domains",
            ("domain", "messages", "sent", "refused", "bounced", "unsubscribed"),
            tuple(
                (one.name or "*", one.messages, one.sent, one.refused, one.bounced, one.unsubscribed)
                for one in told.domains
            ),
        ),
        Totals("setbacks", ("what", "number"), told.setbacks),
    ]


@dataclass(frozen=True)
class Compared:
    """One letter or text message of a comparison."""

    mailing: AnyMailing
    rates: figures.Rates

    @property
    def clicks_percent(self) -> float:
        return rules.share(self.rates.clicks, self.rates.sent)

    @property
    def opens_percent(self) -> float | None:
        return None if self.rates.opens is None else rules.share(self.rates.opens, self.rates.sent)

    @property
    def bounced_percent(self) -> float:
        return rules.share(self.rates.bounced, self.rates.sent)

    @property
    def unsubscribed_percent(self) -> float:
        return rules.share(self.rates.unsubscribed, self.rates.sent)

    @property
    def complained_percent(self) -> float:
        return rules.share(self.rates.complained, self.rates.sent)


def compare(mailings: Iterable[AnyMailing]) -> list[Compared]:
    """Return letters, or text messages, side by side, the oldest first, in a constant number of queries."""
    found = sorted((one for one in mailings if one.sent_at), key=lambda one: (one.sent_at, one.pk))
    rates = figures.rates([one.batch_id for one in found if one.batch_id])
    return [Compared(one, rates[one.batch_id]) for one in found if one.batch_id]


def chart_of(compared: Iterable[Compared], figure: str) -> Chart:
    """Return one rate of a comparison as bars: for a hundred letters, as in the table above them."""
    rates = [(one.mailing.title, getattr(one, f"{figure}_percent") or 0) for one in compared]
    return Chart([Bar(title, Decimal(f"{rate:.2f}")) for title, rate in rates])


def compared_totals(compared: Iterable[Compared]) -> list[Totals]:
    """Return a comparison as a table, for its file."""
    columns = ("mailing", "sent_on", "sent", "bounced", "complained", "unsubscribed", "clicks", "opens")
    rows = tuple(
        (
            one.mailing.title,
            one.mailing.sent_at.date().isoformat() if one.mailing.sent_at else "",
            one.rates.sent,
            one.rates.bounced,
            one.rates.complained,
            one.rates.unsubscribed,
            one.rates.clicks,
            one.rates.opens,
        )
        for one in compared
    )
    return [Totals("mailings", columns, rows)]
