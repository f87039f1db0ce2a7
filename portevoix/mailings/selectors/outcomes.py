"""What became of mailings, in totals."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db.models import Count, Sum
from django.utils.translation import gettext_lazy as _

from portevoix.delivery import selectors as delivery
from portevoix.mailings import rules
from portevoix.mailings.models import Mailing
from portevoix.mailings.types import UNDER_WAY, Share


@dataclass(frozen=True)
class Figures:
    """A mailing with what became of it, in totals, for lists that compare."""

    mailing: Mailing
    recipients: int
    sent: int
    undelivered: int
    unsubscribed: int
    clicks: int

    @property
    def unsubscribed_percent(self) -> float:
        return rules.share(self.unsubscribed, self.sent)

    @property
    def clicks_percent(self) -> float:
        """Clicks for a hundred letters: nobody is told apart, so it may pass 100."""
        return rules.share(self.clicks, self.sent)


def figures(mailings: Iterable[Mailing]) -> dict[int, Figures]:
    """Return what became of these mailings, by id, in a constant number of queries."""
    found = list(mailings)
    ids = [mailing.pk for mailing in found if not mailing.is_here]
    gone = Mailing.objects.filter(pk__in=ids).order_by()
    clicks = dict(gone.values_list("pk").annotate(Sum("batch__links__clicks")))
    left = gone.filter(batch__messages__unsubscribed_at__isnull=False)
    departures = dict(left.values_list("pk").annotate(Count("batch__messages")))
    return {mailing.pk: _figures(mailing, clicks, departures) for mailing in found}


def _figures(mailing: Mailing, clicks: dict[int, int | None], departures: dict[int, int]) -> Figures:
    sent, undelivered = mailing.sent, mailing.failed + mailing.uncertain + mailing.suppressed
    if mailing.state in UNDER_WAY:
        now = delivery.results(mailing.batch)  # type: ignore[arg-type]
        sent, undelivered = now.sent, now.failed + now.uncertain + now.suppressed
    return Figures(
        mailing=mailing,
        recipients=mailing.recipients,
        sent=sent,
        undelivered=undelivered,
        unsubscribed=departures.get(mailing.pk, 0),
        clicks=clicks.get(mailing.pk) or 0,
    )


@dataclass(frozen=True)
class Outcome:
    """Everything the results page says of one mailing."""

    states: list[Share]
    links: list[Share]
    total: int
    sent: int
    waiting: int
    unsubscribed: int
    clicks: int

    @property
    def is_over(self) -> bool:
        return self.waiting == 0

    @property
    def done(self) -> int:
        return self.total - self.waiting

    @property
    def done_percent(self) -> float:
        return rules.share(self.done, self.total)

    @property
    def sent_percent(self) -> float:
        return rules.share(self.sent, self.total)

    @property
    def unsubscribed_percent(self) -> float:
        return rules.share(self.unsubscribed, self.sent)

    @property
    def clicks_percent(self) -> float:
        """Clicks for a hundred letters."""
        return rules.share(self.clicks, self.sent)

    @property
    def bar(self) -> list[Share]:
        """The states that occur, side by side from 0 to 100."""
        starts = itertools.accumulate((one.percent for one in self.states), initial=0.0)
        return [replace(one, start=start) for one, start in zip(self.states, starts, strict=False) if one.count]


def outcome(mailing: Mailing) -> Outcome:
    """Return what became of a mailing that has left, now."""
    found = delivery.results(mailing.batch)  # type: ignore[arg-type]
    named = [
        ("sent", _("accepted by the reader’s server"), found.sent),
        ("waiting", _("waiting to leave"), found.waiting),
        ("failed", _("refused by the reader’s server"), found.failed),
        ("uncertain", _("uncertain: the server did not answer"), found.uncertain),
        ("suppressed", _("held back: stopped, withdrawn or without address"), found.suppressed),
    ]
    most = max((clicks for _target, clicks in found.links), default=0)
    return Outcome(
        states=[Share(label, count, rules.share(count, found.total), kind) for kind, label, count in named],
        links=[Share(target, clicks, rules.share(clicks, most), "clicks") for target, clicks in found.links],
        total=found.total,
        sent=found.sent,
        waiting=found.waiting,
        unsubscribed=found.unsubscribed,
        clicks=found.clicks,
    )
