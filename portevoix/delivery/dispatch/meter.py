"""Counts what leaves, where the host has set a pace (`rules.pace`), and says how much more may."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from django.db import connection

from portevoix.delivery.rules import pace
from portevoix.delivery.selectors import pace_set
from portevoix.delivery.types import Outcome, Result
from portevoix.kernel import clock

#: The advisory lock under which room is read and taken.
LOCK = 0x70616365

# What is on its way takes room already; what was answered is counted in the same transaction as its answer.
ROOM = """
SELECT domain,
    coalesce(sum(count) FILTER (WHERE at > %(hour)s), 0), coalesce(sum(count) FILTER (WHERE at >= %(midnight)s), 0)
FROM delivery_tally WHERE at > least(%(hour)s, %(midnight)s - interval '1 second') GROUP BY domain
"""
ON_THEIR_WAY = """
SELECT split_part(e.address, '@', 2), count(*) FROM delivery_message m
LEFT JOIN people_emailaddress e ON e.person_id = m.person_id AND e.is_primary
WHERE m.state = 'sending' AND m.channel = 'email' GROUP BY 1
"""
COUNT = """
INSERT INTO delivery_tally (at, domain, count)
SELECT %(at)s, domain, count(*) FROM (
    SELECT unnest(ARRAY['', split_part(e.address, '@', 2)]) AS domain FROM delivery_message m
    LEFT JOIN people_emailaddress e ON e.person_id = m.person_id AND e.is_primary
    WHERE m.id = ANY(%(messages)s) AND m.channel = 'email'
) AS written
WHERE domain = ANY(%(domains)s) GROUP BY domain ORDER BY domain
ON CONFLICT (at, domain) DO UPDATE SET count = delivery_tally.count + excluded.count
"""

COUNT_ALL = """
INSERT INTO delivery_tally (at, domain, count) VALUES (%s, '', %s)
ON CONFLICT (at, domain) DO UPDATE SET count = delivery_tally.count + excluded.count
"""


@dataclass
class Room:
    """How many more messages to lists may be claimed now."""

    #: None without limit.
    total: int | None
    by_domain: dict[str, int]

    def take(self, address: str) -> str | None:
        """Take a message's place; return the domain that has none, if so."""
        domain = address.rpartition("@")[2]
        if domain not in self.by_domain:
            return None
        if self.by_domain[domain] <= 0:
            return domain
        self.by_domain[domain] -= 1
        return None


class Meter:
    """The pace of one run."""

    def __init__(self) -> None:
        self.pace = pace_set()
        #: How many this run has told to wait, by domain: the next ones wait behind them.
        self._waiting: Counter[str] = Counter()

    def room(self, now: datetime) -> Room:
        """Return what room there is; must be called in the transaction that takes it, and keeps others waiting."""
        if self.pace.is_free:
            return Room(None, {})
        midnight = datetime.combine(clock.today(), time.min, clock.PARIS)
        hour = pace.step_of(now) - pace.HOUR
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            cursor.execute(ROOM, {"hour": hour, "midnight": midnight})
            counted = {domain: (int(in_hour), int(in_day)) for domain, in_hour, in_day in cursor.fetchall()}
            cursor.execute(ON_THEIR_WAY)
            under_way = dict(cursor.fetchall())
        all_under_way = sum(under_way.values())
        in_hour, in_day = counted.get("", (0, 0))
        return Room(
            self.pace.room(in_hour=in_hour + all_under_way, in_day=in_day + all_under_way, today=clock.today()),
            {
                domain: most - counted.get(domain, (0, 0))[0] - under_way.get(domain, 0)
                for domain, most in self.pace.per_hour_to.items()
            },
        )

    def later(self, domain: str, now: datetime) -> datetime:
        """Return when a message for a domain without room may be tried."""
        ahead = self._waiting[domain]
        self._waiting[domain] += 1
        return pace.step_of(now) + self.pace.wait(domain, ahead)


def count(results: Sequence[Result], now: datetime) -> None:
    """Count what a server answered to, or may have taken; by domain only where a pace is set.

    Last in its transaction: other workers wait for the same row.
    """
    pace_now = pace_set()
    counted = [one.ref for one in results if one.code or one.outcome is Outcome.UNCERTAIN]
    if not counted:
        return
    domains = ["", *pace_now.per_hour_to]
    with connection.cursor() as cursor:
        if len(domains) == 1:
            cursor.execute(COUNT_ALL, [pace.step_of(now), len(counted)])
            return
        cursor.execute(COUNT, {"at": pace.step_of(now), "messages": counted, "domains": domains})
