"""Bars, worked out on the server: what a template needs to draw them without script or style attributes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

#: Units of the drawing, which the page stretches to its own size.
HEIGHT = 100
STEP = 10
GAP = 2


@dataclass(frozen=True)
class Bar:
    """One value with its name; ``others`` are further figures that only the table shows."""

    label: str
    value: int | Decimal
    others: tuple[int, ...] = ()


@dataclass(frozen=True)
class Drawn:
    """A bar with its place in the drawing."""

    bar: Bar
    x: int
    y: str
    height: str


@dataclass(frozen=True)
class Chart:
    """Bars from left to right, under a round ceiling."""

    bars: Sequence[Bar]

    @property
    def ceiling(self) -> int | Decimal:
        """The least round number (1, 2 or 5 and zeros) that no bar passes; below one where all are so."""
        most = max((bar.value for bar in self.bars), default=0)
        power: int | Decimal = 1
        while isinstance(most, Decimal) and 0 < most <= power / Decimal(10):
            power /= Decimal(10)
        while True:
            for step in (1, 2, 5):
                if step * power >= most:
                    return step * power
            power *= 10

    @property
    def width(self) -> int:
        return max(len(self.bars), 1) * STEP

    @property
    def bar_width(self) -> int:
        return STEP - GAP

    @property
    def total(self) -> int | Decimal:
        return sum(bar.value for bar in self.bars)

    @property
    def drawn(self) -> list[Drawn]:
        """The bars where they stand; what is not nothing is always seen."""
        ceiling, found = self.ceiling, []
        for index, bar in enumerate(self.bars):
            height = Decimal(bar.value * HEIGHT) / ceiling
            height = max(height, Decimal(1)) if bar.value else Decimal(0)
            found.append(Drawn(bar, index * STEP + GAP // 2, f"{HEIGHT - height:.2f}", f"{height:.2f}"))
        return found
