"""A people file of any size, always the same for the same seed, made a block at a time.

Row ``n`` depends on the seed and on ``n`` only: two ranges that overlap hold the same people where they do.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from portevoix.operations.generation.chance import Draw
from portevoix.operations.generation.columns import COLUMNS, line
from portevoix.operations.generation.flaws import spoil
from portevoix.operations.generation.person import person

BLOCK = 1000


@dataclass(frozen=True)
class Order:
    """What is asked for: ``rows`` persons from number ``first`` on, a share ``dirt`` of them spoilt."""

    rows: int
    seed: int
    first: int = 1
    dirt: float = 0.02


@dataclass
class Summary:
    """What was written: enough to compare two files without reading them."""

    rows: int = 0
    bytes: int = 0
    sha256: str = ""
    flaws: Counter[str] = field(default_factory=Counter)


def people(order: Order) -> Iterator[tuple[dict[str, str], str]]:
    """Yield rows, each with the name of its flaw, or an empty string."""
    last = order.first + order.rows
    for block in range(order.first // BLOCK, (last - 1) // BLOCK + 1):
        for number, (row, flaw) in enumerate(_block(order, block), start=block * BLOCK):
            if order.first <= number < last:
                yield row, flaw


def _block(order: Order, block: int) -> Iterator[tuple[dict[str, str], str]]:
    draw = Draw(f"{order.seed}:{block}")
    before: list[dict[str, str]] = []
    for number in range(block * BLOCK, (block + 1) * BLOCK):
        row = person(draw, number)
        # The chance of dirt is drawn for clean rows too: the same people come whatever share of them is spoilt.
        spoilt = draw.random() < order.dirt
        if spoilt:
            yield row, spoil(Draw(f"{order.seed}:{number}:flaw"), row, before)
        else:
            before.append(row)
            yield row, ""


def write(order: Order, out: BinaryIO) -> Iterator[Summary]:
    """Write the file and yield, after every block and at the end, how far it is."""
    summary, digest = Summary(), hashlib.sha256()
    lines = [",".join(COLUMNS) + "\n"]
    for row, flaw in people(order):
        lines.append(line(row))
        summary.rows += 1
        if flaw:
            summary.flaws[flaw] += 1
        if len(lines) >= BLOCK:
            _flush(lines, out, summary, digest)
            yield summary
    _flush(lines, out, summary, digest)
    summary.sha256 = digest.hexdigest()
    yield summary


def _flush(lines: list[str], out: BinaryIO, summary: Summary, digest: hashlib._Hash) -> None:
    content = "".join(lines).encode()
    out.write(content)
    digest.update(content)
    summary.bytes += len(content)
    lines.clear()
