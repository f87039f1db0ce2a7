"""Chance that is the same on every machine: everything comes from ``Random.random()``, whose sequence is promised."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")


class Weighted(Generic[T]):
    """Things with whole weights, drawn in proportion."""

    def __init__(self, weighted: Iterable[tuple[T, int]]) -> None:
        pairs = list(weighted)
        self.things = [thing for thing, _ in pairs]
        self.sums = list(accumulate(weight for _, weight in pairs))
        self.total = self.sums[-1]


class Draw:
    """A source of chance for one block of rows."""

    def __init__(self, seed: str) -> None:
        self.random = Random(seed).random  # noqa: S311 – invented people need no secrecy, but the same faces each time

    def number(self, least: int, most: int) -> int:
        """Return a whole number between the two, both included."""
        return least + int(self.random() * (most - least + 1))

    def one_of(self, things: Sequence[T]) -> T:
        return things[int(self.random() * len(things))]

    def weighted(self, among: Weighted[T]) -> T:
        return among.things[bisect_right(among.sums, int(self.random() * among.total))]
