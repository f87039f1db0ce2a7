"""Where the boxes of a diagram stand, and the lines between them: numbers only, for a template that writes SVG."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass, field

from portevoix.journeys.rules.plan import Node, Sequences, sequences
from portevoix.journeys.types import CONDITION, LEAVE, NO, YES

#: Of a box, and between boxes; in the units of the drawing, pixels at its natural size.
WIDTH, HEIGHT = 264, 84
ACROSS, DOWN = 28, 40
#: Signs of a line of a box, and lines.
SIGNS, SIGNS_IN_BOLD, LINES = 34, 27, 2


@dataclass(frozen=True)
class Box:
    """A step as it is drawn; ``x`` and ``y`` are its upper left corner."""

    key: int
    x: float
    y: float

    @property
    def middle(self) -> float:
        return self.x + WIDTH / 2

    @property
    def bottom(self) -> float:
        return self.y + HEIGHT


@dataclass(frozen=True)
class Line:
    """A line from a box to what follows, with the answer that leads there."""

    path: str
    label: str = ""
    label_x: float = 0
    label_y: float = 0


@dataclass
class Drawing:
    width: float = WIDTH
    height: float = HEIGHT
    boxes: list[Box] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    #: Where somebody comes to the end: the middle of the last line.
    end_x: float = WIDTH / 2
    end_y: float = 0


def drawn(nodes: Iterable[Node], *, top: float = 0) -> Drawing:
    """Return the diagram of an automation, from the top down; a condition's yes stands left, its no right."""
    found = sequences(nodes)
    width = _columns(found, (None, "")) * (WIDTH + ACROSS) - ACROSS
    made = Drawing(width=width)
    bottom, _ends = _draw(found, (None, ""), width / 2, top, made)
    made.end_x, made.end_y = width / 2, bottom + DOWN
    made.height = made.end_y + 34
    made.lines.append(Line(_path(width / 2, bottom, width / 2, made.end_y)))
    return made


def _columns(found: Sequences, place: tuple[int | None, str]) -> int:
    return max(
        (
            _columns(found, (node.key, YES)) + _columns(found, (node.key, NO)) if node.kind == CONDITION else 1
            for node in found.get(place, [])
        ),
        default=1,
    )


def _draw(
    found: Sequences, place: tuple[int | None, str], middle: float, y: float, made: Drawing
) -> tuple[float, bool]:
    """Draw one sequence around ``middle``; return where its last line starts, and whether anybody comes there."""
    goes_on = True
    for node in found.get(place, []):
        if goes_on:
            made.lines.append(Line(_path(middle, y, middle, y + DOWN)))
        y += DOWN
        made.boxes.append(Box(node.key, middle - WIDTH / 2, y))
        y += HEIGHT
        if node.kind == CONDITION:
            y = _fork(found, node, middle, y, made)
        goes_on = node.kind != LEAVE
    return y, goes_on


def _fork(found: Sequences, node: Node, middle: float, y: float, made: Drawing) -> float:
    left, right = (_columns(found, (node.key, branch)) * (WIDTH + ACROSS) for branch in (YES, NO))
    whole = left + right
    bottoms: list[tuple[float, float, bool]] = []
    for branch, centre in ((YES, middle - whole / 2 + left / 2), (NO, middle + whole / 2 - right / 2)):
        below = y + DOWN
        made.lines.append(Line(_path(middle, y, centre, below), branch, centre, y + DOWN / 2))
        bottom, goes_on = _draw(found, (node.key, branch), centre, below, made)
        bottoms.append((centre, bottom, goes_on))
    together = max(bottom for _centre, bottom, _goes_on in bottoms) + DOWN
    made.lines += [Line(_path(centre, bottom, middle, together)) for centre, bottom, goes_on in bottoms if goes_on]
    return together


def _path(x1: float, y1: float, x2: float, y2: float) -> str:
    if x1 == x2:
        return f"M{x1:g} {y1:g}V{y2:g}"
    turn = (y1 + y2) / 2
    return f"M{x1:g} {y1:g}C{x1:g} {turn:g} {x2:g} {turn:g} {x2:g} {y2:g}"


def in_lines(words: str, *, signs: int = SIGNS, most: int = LINES) -> list[str]:
    """Return words as they stand in a box, the last line cut where they are too many."""
    return textwrap.wrap(words, signs, max_lines=most, placeholder=" …", break_long_words=True) or [""]
