"""The shape of automations and the moments of their waits, without a database."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from portevoix.journeys.rules import drawing, moments, plan
from portevoix.journeys.rules.plan import Node
from portevoix.kernel.clock import PARIS


def paris(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=PARIS)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("said", "now", "until"),
    [
        ({"wait": "for", "number": 90, "unit": "minutes"}, paris(2028, 3, 1, 9), paris(2028, 3, 1, 10, 30)),
        ({"wait": "for", "number": 3, "unit": "days"}, paris(2028, 3, 1, 9), paris(2028, 3, 4, 9)),
        # The clock goes forward on 26 March 2028 and back on 29 October: the same hour all the same.
        ({"wait": "for", "number": 1, "unit": "days"}, paris(2028, 3, 25, 9), paris(2028, 3, 26, 9)),
        ({"wait": "for", "number": 1, "unit": "weeks"}, paris(2028, 10, 24, 9), paris(2028, 10, 31, 9)),
        # Hours are hours: that night has one less.
        ({"wait": "for", "number": 24, "unit": "hours"}, paris(2028, 3, 25, 9), paris(2028, 3, 26, 10)),
        ({"wait": "hour", "at": "18:00"}, paris(2028, 3, 1, 9), paris(2028, 3, 1, 18)),
        ({"wait": "hour", "at": "08:00"}, paris(2028, 3, 1, 9), paris(2028, 3, 2, 8)),
        # 1 March 2028 is a Wednesday.
        ({"wait": "weekday", "weekday": 5, "at": "10:00"}, paris(2028, 3, 1, 9), paris(2028, 3, 4, 10)),
        ({"wait": "weekday", "weekday": 2, "at": "08:00"}, paris(2028, 3, 1, 9), paris(2028, 3, 8, 8)),
        ({"wait": "day", "on": "2028-03-05", "at": "09:00"}, paris(2028, 3, 1, 9), paris(2028, 3, 5, 9)),
        ({"wait": "day", "on": "2028-02-05", "at": "09:00"}, paris(2028, 3, 1, 9), paris(2028, 3, 1, 9)),
    ],
)
def test_a_wait_is_over_at_the_hour_of_paris(said: dict[str, Any], now: datetime, until: datetime) -> None:
    assert moments.over_at(said, now.astimezone(UTC)) == until


@pytest.mark.parametrize(
    ("hour", "begins", "ends", "until"),
    [
        (22, 21, 8, paris(2028, 3, 2, 8)),
        (3, 21, 8, paris(2028, 3, 1, 8)),
        (13, 12, 14, paris(2028, 3, 1, 14)),
        (9, 21, 8, paris(2028, 3, 1, 9)),
        (22, None, None, paris(2028, 3, 1, 22)),
    ],
)
def test_quiet_hours_end_on_the_right_day(hour: int, begins: int | None, ends: int | None, until: datetime) -> None:
    now = paris(2028, 3, 1, hour).astimezone(UTC)
    assert moments.after_quiet(now, begins, ends) == until


def test_days_that_a_worker_missed_are_looked_at_later_but_not_for_ever() -> None:
    now = paris(2028, 3, 10, 9)
    assert moments.days_to_look_at(date(2028, 3, 7), now, 9) == [date(2028, 3, day) for day in (8, 9, 10)]
    assert moments.days_to_look_at(date(2028, 3, 9), now, 10) == []
    assert moments.days_to_look_at(None, now, 9) == [date(2028, 3, 10)]
    assert len(moments.days_to_look_at(date(2020, 1, 1), now, 9)) == 31


#: 1, then a condition 2 (yes: 3 then 4; no: 5, where everybody leaves), then 6.
BRANCHED = [
    Node(1, "mail", position=0),
    Node(2, "condition", position=1),
    Node(3, "wait", 2, "yes", 0),
    Node(4, "mail", 2, "yes", 1),
    Node(5, "leave", 2, "no", 0),
    Node(6, "mail", position=2),
]


def test_branches_come_together_again_after_the_condition() -> None:
    links = {link.key: link for link in plan.linked(BRANCHED)}
    assert (links[1].next, links[3].next, links[4].next, links[6].next) == (2, 4, 6, None)
    assert (links[2].next, links[2].otherwise, links[5].next) == (3, 5, None)


def test_what_follows_always_has_a_higher_rank_so_that_there_is_no_loop() -> None:
    links = {link.key: link for link in plan.linked(BRANCHED)}
    for link in links.values():
        for following in (link.next, link.otherwise):
            assert following is None or links[following].rank > link.rank


def test_what_is_wrong_with_a_shape_is_found() -> None:
    assert plan.empty_conditions([Node(1, "condition")]) == [1]
    assert plan.empty_conditions(BRANCHED) == []
    assert plan.never_reached([Node(1, "leave", position=0), Node(2, "mail", position=1)]) == [2]
    assert plan.never_reached(BRANCHED) == []
    both_leave = [
        Node(1, "condition"),
        Node(2, "leave", 1, "yes"),
        Node(3, "leave", 1, "no"),
        Node(4, "mail", position=1),
    ]
    assert plan.never_reached(both_leave) == [4]
    assert plan.pointless_waits([Node(1, "mail"), Node(2, "wait", position=1)]) == [2]
    assert plan.below(BRANCHED, 2) == {2, 3, 4, 5}


def test_no_two_boxes_of_a_diagram_touch() -> None:
    deep = [*BRANCHED, Node(7, "condition", 2, "yes", 2), Node(8, "mail", 7, "yes"), Node(9, "mail", 7, "no")]
    made = drawing.drawn(deep, top=74)
    assert len(made.boxes) == len(deep)
    for one in made.boxes:
        assert 0 <= one.x <= made.width - drawing.WIDTH
        assert one.bottom < made.end_y
        for other in made.boxes:
            apart = abs(one.x - other.x) >= drawing.WIDTH or abs(one.y - other.y) >= drawing.HEIGHT
            assert one is other or apart, (one, other)


def test_long_words_fill_two_lines_and_say_that_they_go_on() -> None:
    lines = drawing.in_lines("mot " * 40)
    assert len(lines) == 2
    assert lines[1].endswith("…")
    assert max(map(len, lines)) <= drawing.SIGNS
