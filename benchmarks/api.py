"""What a program asks every hour: of whose record something changed since it last asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection

from benchmarks.harness import Benchmark, register, timed
from benchmarks.people import ACTOR, NUMBER, add_people
from portevoix.api.selectors import CHANGES, people_asked_for
from portevoix.kernel import clock

#: Since an hour, a day, a week, two months, ten years: ten people of a million, up to all of them.
SINCE = [timedelta(hours=1), timedelta(days=1), timedelta(days=7), timedelta(days=60), timedelta(days=3650)]
PAGE = 100
#: A record was touched once in two years; of three things that happened to somebody, one changed their record.
ADD_CHANGES = """
UPDATE people_person SET updated_at = now() - (id * 104729 % 63072000) * interval '1 second';
INSERT INTO people_interaction (person_id, kind, at, about_kind, about_id, source, detail)
SELECT id, (ARRAY['mailed', 'edited', 'consulted'])[1 + time],
    now() - (id * 7919 * (time + 1) % 63072000) * interval '1 second', '', NULL, '', '{}'
FROM people_person, generate_series(0, 2) AS time;
"""
BY_HAND = """
SELECT p.id FROM people_person AS p JOIN (
    SELECT id FROM people_person WHERE updated_at >= %(since)s
    UNION SELECT person_id FROM people_interaction WHERE kind = ANY(%(kinds)s) AND at >= %(since)s
) AS changed ON changed.id = p.id
ORDER BY p.id LIMIT %(page)s
"""


@register
class ChangedMillion(Benchmark):
    """The first page since five moments, the slowest of them."""

    name = "api.changed.1m"
    n = NUMBER
    unit = "ms (slowest)"
    goal = 1.20
    side = "at most"
    most = 500
    rounds = 7

    def set_up(self) -> None:
        add_people(self.n)
        with connection.cursor() as cursor:
            cursor.execute(ADD_CHANGES)
            cursor.execute("VACUUM ANALYZE")
        for since in self._moments():
            assert self._asked(since) == self._by_hand(since)

    def _moments(self) -> list[datetime]:
        return [clock.now() - since for since in SINCE]

    def _asked(self, since: datetime) -> list[int]:
        people = people_asked_for(since=since).visible_to(ACTOR)  # type: ignore[attr-defined]
        return list(people.order_by("pk").values_list("pk", flat=True)[:PAGE])

    def _by_hand(self, since: datetime) -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute(BY_HAND, {"since": since, "kinds": CHANGES, "page": PAGE})
            return [pk for (pk,) in cursor.fetchall()]

    def _slowest(self, ask: Callable[[datetime], list[int]]) -> float:
        times = []
        for since in self._moments():
            with timed() as seconds:
                ask(since)
            times.append(seconds() * 1000)
        return max(times)

    def ours(self) -> float:
        return self._slowest(self._asked)

    def reference(self) -> float:
        return self._slowest(self._by_hand)
