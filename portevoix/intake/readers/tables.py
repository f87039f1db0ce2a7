"""Lines cut into cells: separator, titles, rows. A row that cannot be read is told, never silently dropped."""

from __future__ import annotations

import csv
import re
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import IO, NamedTuple

from portevoix.intake.exceptions import FileRefused
from portevoix.intake.readers import opening
from portevoix.intake.readers.opening import Inspection
from portevoix.intake.types import Fault, Reason

SEPARATORS = ",;\t|"
MOST_COLUMNS = 1000
LONGEST_LINE = 4 * 1024 * 1024
#: Lines of a row that could not be read are read again as rows of their own; not for ever, though.
MOST_SECOND_READINGS = 2_000
#: Faults that a quotation mark never closed may be behind.
MISCUT = {Reason.TOO_FEW_CELLS, Reason.TOO_MANY_CELLS, Reason.ENDLESS_CELL, Reason.OPEN_QUOTE}
#: So many lines inside one cell that each have the cells of a row are rows.
SUSPICIOUS_LINES = 10
#: What is kept of a row that could not be cut into cells.
EXCERPT = 500


class Row(NamedTuple):
    """A row as it stands: ``number`` is the one a spreadsheet shows, the line of titles being 1."""

    number: int
    cells: list[str]
    fault: Reason | None = None


@dataclass
class Table:
    """A file's titles, as they are written, and its rows."""

    titles: list[str]
    separator: str
    rows: Iterator[Row]

    def first(self, count: int) -> list[Row]:
        """Return the first rows without taking them away."""
        seen = list(islice(self.rows, count))
        self.rows = chain(seen, self.rows)
        return seen


@contextmanager
def table(path: Path, inspection: Inspection) -> Iterator[Table]:
    """Open a file as a table; raises FileRefused where its first line cannot be the titles of one."""
    with opening.text(path, inspection) as text:
        lines = _Lines(text)
        separator = _separator(lines)
        reader = csv.reader(lines, delimiter=separator)
        titles, number = _titles(reader)
        yield Table(titles, separator, _rows(reader, lines, _Judge(len(titles), separator, inspection), number))


class _Lines:
    """The lines of a file, some of which may be handed back to be read again."""

    def __init__(self, text: Iterator[str]) -> None:
        self._text: IO[str] = text  # type: ignore[assignment]
        self._back: deque[str] = deque()
        #: The lines of the row being read.
        self.taken: list[str] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._back.popleft() if self._back else self._next_of_file()
        self.taken.append(line)
        return line

    def _next_of_file(self) -> str:
        line = self._text.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        if len(line) == LONGEST_LINE:
            while (more := self._text.readline(LONGEST_LINE)) and not more.endswith(("\n", "\r")):
                continue
        return line

    def peek(self) -> str:
        line = next(self, "")
        self.taken.clear()
        self._back.appendleft(line)
        return line

    def hand_back(self, count: int) -> None:
        """Give back all the lines of this row but ``count``."""
        self._back.extendleft(reversed(self.taken[count:]))
        del self.taken[count:]


def _separator(lines: _Lines) -> str:
    first = lines.peek()
    if declared := re.fullmatch(r'"?sep=(.)"?[\r\n]*', first, re.IGNORECASE | re.DOTALL):
        next(lines)
        return declared[1]
    bare = re.sub(r'"[^"]*"', "", first)
    return max(SEPARATORS, key=lambda sign: (bare.count(sign), -SEPARATORS.index(sign)))


def _titles(reader: Iterator[list[str]]) -> tuple[list[str], int]:
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):  # noqa: B007 – blank lines may stand above the titles
            if any(cell.strip() for cell in cells):
                break
        else:
            raise FileRefused(Fault.EMPTY)
    except csv.Error:
        raise FileRefused(Fault.NOT_TEXT) from None
    titles = [" ".join(cell.replace("\0", "").split()) for cell in cells]
    while titles and not titles[-1]:
        titles.pop()
    if len(titles) > MOST_COLUMNS:
        raise FileRefused(Fault.TOO_WIDE, count=len(titles), limit=MOST_COLUMNS)
    for title, times in Counter(title.casefold() for title in titles if title).items():
        if times > 1:
            raise FileRefused(Fault.SAME_TITLE, name=title[:80])
    return titles, number


class _Judge:
    """What is wrong with a row that the csv module could read."""

    def __init__(self, width: int, separator: str, inspection: Inspection) -> None:
        self.width = width
        self.separator = separator
        self.broken = inspection.broken
        self.has_nul = inspection.has_nul

    def fault_of(self, cells: list[str]) -> Reason | None:
        if len(cells) != self.width:
            if len(cells) < self.width:
                return Reason.TOO_FEW_CELLS
            if any(cells[self.width :]):
                return Reason.TOO_MANY_CELLS
            del cells[self.width :]
        if self.has_nul and any("\0" in cell for cell in cells):
            return Reason.NUL
        if self.broken and any(map(self.broken.search, cells)):
            return Reason.BROKEN_BYTES
        return None

    def swallowed(self, lines: list[str]) -> Reason | None:
        """Tell whether a row of the right width holds others: its quotation mark is closed by theirs, or by none."""
        if len(lines) == 1:
            return None
        is_open = sum(line.count('"') for line in lines) % 2 == 1
        whole = sum(line.count(self.separator) >= self.width - 1 for line in lines[1:])
        return Reason.OPEN_QUOTE if is_open or (self.width > 1 and whole >= SUSPICIOUS_LINES) else None


def _rows(reader: Iterator[list[str]], lines: _Lines, judge: _Judge, number: int) -> Iterator[Row]:
    lines.taken.clear()
    readings = MOST_SECOND_READINGS
    while True:
        number += 1
        fault: Reason | None
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:  # a cell above 131,072 characters, the module's own limit
            cells, fault = ["".join(lines.taken)[:EXCERPT]], Reason.ENDLESS_CELL
        else:
            if not cells:
                lines.taken.clear()
                continue
            fault = judge.fault_of(cells) or judge.swallowed(lines.taken)
        if fault in MISCUT and len(lines.taken) > 1 and readings:
            # A quotation mark never closed swallows the rows that follow: only its own line is lost.
            readings -= 1
            lines.hand_back(1)
            cells, fault = [lines.taken[0].rstrip("\r\n")[:EXCERPT]], Reason.OPEN_QUOTE
        lines.taken.clear()
        yield Row(number, cells, fault)
