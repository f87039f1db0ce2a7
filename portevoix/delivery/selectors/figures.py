"""Reads of what became of batches over time and by domain: totals, nobody in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Model, Sum
from django.db.models.functions import Trunc

from portevoix.delivery.models import (
    Batch,
    Bounce,
    ClickHour,
    Message,
    OpenHour,
    Setback,
    State,
    TextReceipt,
)
from portevoix.delivery.models.texts import ReceiptState
from portevoix.kernel.clock import PARIS

# Domains are read from today's main addresses: the outbox keeps none.
BY_DOMAIN = """
SELECT coalesce(split_part(e.address, '@', 2), ''), count(*), count(*) FILTER (WHERE m.state = 'sent'),
    count(*) FILTER (WHERE m.state = 'failed'),
    count(*) FILTER (WHERE EXISTS (SELECT FROM delivery_bounce b WHERE b.message_id = m.id AND b.bad <> 'left')),
    count(*) FILTER (WHERE m.unsubscribed_at IS NOT NULL)
FROM delivery_message m
LEFT JOIN people_emailaddress e ON e.person_id = m.person_id AND e.is_primary
WHERE m.batch_id = %s GROUP BY 1
"""
#: What fewer people than this have in common is not told apart.
LEAST = 5
#: So many domains are named, the others are put together.
NAMED = 12


@dataclass(frozen=True)
class Domain:
    """What became of a batch at one mail domain; without a name, at all the others."""

    name: str
    messages: int
    sent: int
    refused: int
    bounced: int
    unsubscribed: int


@dataclass(frozen=True)
class Rates:
    """What a comparison is made of, for one batch."""

    sent: int
    #: Of text messages: those that did not arrive.
    bounced: int
    complained: int
    unsubscribed: int
    clicks: int
    #: None where openings were not counted.
    opens: int | None


def over_time(batch: Batch, step: str) -> dict[str, Counter[datetime]]:
    """Return how many letters were accepted, links followed, letters opened and readers lost, hour by hour or by day.

    ``step`` is `hour` or `day`, of Paris. Four plain groupings.
    """
    messages = Message.objects.filter(batch=batch).order_by()

    def counted(rows: Any, field: str, what: Any) -> Counter[datetime]:
        # Hours of real time, so that the one which clocks repeat is two; days are those of Paris.
        at = Trunc(field, step, tzinfo=PARIS if step == "day" else UTC)
        return Counter(dict(rows.order_by().annotate(step=at).values_list("step").annotate(number=what)))

    return {
        "sent": counted(messages.filter(state=State.SENT, done_at__isnull=False), "done_at", Count("pk")),
        "clicks": counted(ClickHour.objects.filter(link__batch=batch), "hour", Sum("clicks")),
        "opens": counted(OpenHour.objects.filter(batch=batch), "hour", Sum("opens")),
        "unsubscribed": counted(messages.filter(unsubscribed_at__isnull=False), "unsubscribed_at", Count("pk")),
    }


def by_domain(batch: Batch) -> list[Domain]:
    """Return what became of a batch by mail domain, the largest first; small ones together, at the end."""
    with connection.cursor() as cursor:
        cursor.execute(BY_DOMAIN, [batch.pk])
        found = [Domain(*row) for row in cursor.fetchall()]
    found.sort(key=lambda one: (-one.messages, one.name))
    named = [one for one in found if one.name and one.messages >= LEAST][:NAMED]
    others = [one for one in found if one not in named]
    if not others:
        return named
    numbers = ("messages", "sent", "refused", "bounced", "unsubscribed")
    return [*named, Domain("", *(sum(getattr(one, name) for one in others) for name in numbers))]


def setbacks(batch: Batch) -> list[tuple[Setback, int]]:
    """Return what came back about a batch, kind by kind."""
    counted = dict(Bounce.objects.filter(batch=batch).order_by().values_list("bad").annotate(Count("pk")))
    return [(kind, counted.get(kind.value, 0)) for kind in Setback]


def opens(batch: Batch) -> int | None:
    """Return how often a batch's picture was asked for; None where openings are not counted."""
    if not batch.counts_opens:
        return None
    return OpenHour.objects.filter(batch=batch).aggregate(all=Sum("opens"))["all"] or 0


def rates(batches: Collection[int]) -> dict[int, Rates]:
    """Return what a comparison needs of many batches, in a constant number of queries."""
    messages = Message.objects.filter(batch__in=batches).order_by()
    sent = dict(messages.filter(state=State.SENT).values_list("batch").annotate(Count("pk")))
    left = dict(messages.filter(unsubscribed_at__isnull=False).values_list("batch").annotate(Count("pk")))
    bad: dict[int, Counter[str]] = {}
    bounces = Bounce.objects.filter(batch__in=batches).order_by()
    for batch, kind, number in bounces.values_list("batch", "bad").annotate(Count("pk")):
        bad.setdefault(batch, Counter())[kind] = number
    clicks = dict(Batch.objects.filter(pk__in=batches).order_by().values_list("pk").annotate(Sum("links__clicks")))
    opened = dict(OpenHour.objects.filter(batch__in=batches).order_by().values_list("batch").annotate(Sum("opens")))
    nowhere = TextReceipt.objects.filter(batch__in=batches, state=ReceiptState.UNDELIVERED).order_by()
    undelivered = dict(nowhere.values_list("batch").annotate(Count("pk")))
    counting = set(Batch.objects.filter(pk__in=batches, counts_opens=True).values_list("pk", flat=True))
    return {
        pk: Rates(
            sent=sent.get(pk, 0),
            bounced=bad.get(pk, Counter())[Setback.HARD]
            + bad.get(pk, Counter())[Setback.SOFT]
            + undelivered.get(pk, 0),
            complained=bad.get(pk, Counter())[Setback.COMPLAINT],
            unsubscribed=left.get(pk, 0),
            clicks=clicks.get(pk) or 0,
            opens=opened.get(pk, 0) if pk in counting else None,
        )
        for pk in batches
    }


def sent_about(thing: Model) -> int:
    """Return how many messages about one object of a room above left."""
    return Message.objects.filter(batch__in=Batch.objects.about(thing), state=State.SENT).count()
