"""Who wrote what in the meantime: a field left alone is not written, a field changed twice is a question."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from portevoix.people.rules import differences, storable
from portevoix.people.types import Conflict, CustomKind


@pytest.mark.parametrize(
    ("was", "now", "said", "written", "asked"),
    [
        ("a", "a", "a", False, False),
        ("a", "a", "b", True, False),
        ("a", "b", "a", False, False),  # theirs stays
        ("a", "b", "b", False, False),  # both wanted the same
        ("a", "b", "c", False, True),
        (None, None, "", True, False),
        (None, "b", "c", False, True),
    ],
)
def test_three_values_make_a_decision(was: Any, now: Any, said: Any, written: bool, asked: bool) -> None:
    changed, conflicts = differences(was={"x": was}, now={"x": now}, said={"x": said})
    assert changed == ({"x": said} if written else {})
    assert conflicts == ([Conflict("x", now, said)] if asked else [])


@pytest.mark.parametrize(
    ("kind", "value", "kept"),
    [
        (CustomKind.TEXT, "", None),
        (CustomKind.CHOICES, [], None),
        (CustomKind.YES_NO, False, False),
        (CustomKind.NUMBER, Decimal("3"), 3),
        (CustomKind.NUMBER, Decimal("0"), 0),
        (CustomKind.NUMBER, Decimal("2.5"), 2.5),
        (CustomKind.DAY, date(2026, 3, 1), "2026-03-01"),
        (CustomKind.CHOICES, ["a"], ["a"]),
    ],
)
def test_a_value_becomes_what_json_keeps(kind: CustomKind, value: Any, kept: Any) -> None:
    assert storable(kind, value) == kept
