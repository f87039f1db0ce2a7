"""From a file to the staging table, a block at a time; then rows of the same person find each other.

Each block is one transaction that also moves the mark on the arrival: a process that dies leaves whole blocks, and
the next one goes on after them.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import TypeVar
from unicodedata import normalize

import phonenumbers
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from portevoix.intake.exceptions import FileRefused
from portevoix.intake.models import Arrival, LeftAside
from portevoix.intake.readers.fields import ADDRESSES, EMAILS, PHONES
from portevoix.intake.readers.normalising import Normaliser
from portevoix.intake.readers.opening import Inspection
from portevoix.intake.readers.tables import Row, Table, table
from portevoix.intake.types import Fault, Mapping, Reason
from portevoix.kernel import normalise
from portevoix.people.rules.protected import protection

BLOCK = 5_000
#: Rows looked at to know whether the file writes days before months.
SAMPLE = 2_000
#: The report names so many tags that do not come in, those on most rows.
MOST_TAGS_TOLD = 200
#: What takes the place of a cell that is no address or number: SQL finds it impossible too.
IMPOSSIBLE = "?"

_USUAL_PHONE = re.compile(r"(?:0|\+33 ?)[1-9](?:[ .-]?[0-9]{2}){4}")
_SLASHED_DAY = re.compile(r"\s*([0-9]{1,2})/([0-9]{1,2})/[0-9]{4}")

T = TypeVar("T")
Values = list[str]
Decision = Callable[[Values], None]


def stage(
    arrival: Arrival, path: Path, inspection: Inspection, mapping_of: Callable[[list[str]], Mapping]
) -> Iterator[int]:
    """Read the file into the arrival's staging table; yield the number of the last row after each block.

    ``mapping_of`` is told the titles. Raises FileRefused for a file that is no table, or has no row.
    """
    with table(path, inspection) as opened:
        mapping = mapping_of(opened.titles)
        day_first = writes_days_first(opened, mapping.fields.get("born_at"))
        work = _Staging(arrival, mapping, opened.titles, day_first)
        work.begin()
        rows = (row for row in opened.rows if row.number > arrival.staged)
        with closing(_ahead(work.blocks(rows))) as blocks:
            for block, text, refused in blocks:
                work.add(block, text, refused)
                yield arrival.staged
    if not arrival.staged:
        raise FileRefused(Fault.NO_ROWS)
    arrival.is_read = True
    arrival.save(update_fields=["is_read"])


def writes_days_first(opened: Table, index: int | None) -> bool:
    """Tell whether the file writes 31/12/1999: more first numbers above twelve than second ones."""
    if index is None:
        return False
    tally: Counter[str] = Counter()
    for row in opened.first(SAMPLE):
        if not row.fault and (match := _SLASHED_DAY.match(row.cells[index])):
            tally["first"] += int(match[1]) > 12
            tally["second"] += int(match[2]) > 12
    return tally["first"] > tally["second"]


def _ahead(items: Iterator[T]) -> Generator[T]:
    """Make the next item in a thread while this one is used: the reader works while the database does."""
    with ThreadPoolExecutor(1) as reader:
        waiting = reader.submit(next, items, None)
        while (item := waiting.result()) is not None:
            waiting = reader.submit(next, items, None)
            yield item


def is_staged(arrival: Arrival) -> bool:
    """Tell whether the whole file is in its staging table, which a crash of the server empties (it has no log)."""
    with connection.cursor() as cursor:
        return arrival.is_read and _has_rows(cursor, arrival)


def _has_rows(cursor: CursorWrapper, arrival: Arrival) -> bool:
    cursor.execute("SELECT to_regclass(%s)", [arrival.table])
    if cursor.fetchone()[0] is None:
        return False
    cursor.execute(f"SELECT EXISTS (SELECT FROM {arrival.table})")  # noqa: S608 – a number of ours
    return bool(cursor.fetchone()[0])


class _Staging:
    def __init__(self, arrival: Arrival, mapping: Mapping, titles: list[str], day_first: bool) -> None:
        self.arrival = arrival
        self.mapping = mapping
        self.titles = titles
        self.normaliser = Normaliser(mapping, table=arrival.table, day_first=day_first)
        indexes = [mapping.fields[field] for field in self.normaliser.columns]
        indexes += [extra.column for extra in mapping.extras]
        # itemgetter answers with a bare value when it is asked for one.
        self.pick = itemgetter(*indexes) if len(indexes) > 1 else lambda cells: (cells[indexes[0]],)
        self.decisions = list(_decisions(self.normaliser.columns))
        columns = self.normaliser.columns
        self.tags = columns.index("tag_list") if "tag_list" in columns else None
        refused = {column.label for column in mapping.refused}
        #: Columns of which a row left aside keeps nothing: what does not come in, and opinions, which need a ground.
        self.untold = {index for index, title in enumerate(titles) if title in refused}
        self.untold |= {mapping.fields["support_level"]} if "support_level" in mapping.fields else set()

    def begin(self) -> None:
        """Make the staging table, or find the one that a former process left."""
        arrival = self.arrival
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(self.normaliser.create_raw())
            if arrival.staged and _has_rows(cursor, arrival):
                return
            cursor.execute(f"DROP TABLE IF EXISTS {arrival.table}")
            cursor.execute(self.normaliser.create())
            arrival.left_aside.all().delete()
            arrival.staged, arrival.is_read, arrival.is_grouped = 0, False, False
            arrival.counts = {name: count for name, count in arrival.counts.items() if name == "merged"}
            arrival.extras = [[extra.key, extra.label, extra.kind] for extra in self.mapping.extras]
            arrival.save(update_fields=["staged", "is_read", "is_grouped", "counts", "extras"])

    def blocks(self, rows: Iterator[Row]) -> Iterator[tuple[list[Row], str, Counter[str]]]:
        """Cut the rows in blocks, each with the text to copy and the tags that do not come in; uses no database."""
        while block := list(islice(rows, BLOCK)):
            refused: Counter[str] = Counter()
            yield block, self._text([row for row in block if row.fault is None], refused), refused

    def add(self, block: list[Row], text: str, refused: Counter[str]) -> None:
        """Stage one block: copy, normalise, write down what is left aside, move the mark."""
        problems = {row.number: [str(row.fault)] for row in block if row.fault is not None}
        filled: list[int] = []
        with transaction.atomic(), connection.cursor() as cursor:
            if text:
                with cursor.copy(self.normaliser.copy()) as copy:
                    copy.write(text)
                cursor.execute(self.normaliser.normalise())
                problems.update(cursor.fetchall())
                cursor.execute(self.normaliser.count_filled())
                filled = cursor.fetchone()[0]
                # Nothing of the file stays with the worker's session, where no erasure could reach it.
                cursor.execute(self.normaliser.empty_raw())
            self._leave_aside([row for row in block if row.number in problems], problems)
            self._count(len(block), filled, problems)
            tags = Counter(self.arrival.counts.get("tags_refused", {})) + refused
            self.arrival.counts["tags_refused"] = dict(tags.most_common(MOST_TAGS_TOLD))
            self.arrival.staged = block[-1].number
            self.arrival.save(update_fields=["staged", "counts"])

    def _text(self, rows: list[Row], refused: Counter[str]) -> str:
        text = io.StringIO()
        write = csv.writer(text, lineterminator="\n").writerow
        for number, cells, _fault in rows:
            values = list(self.pick(cells))
            for decide in self.decisions:
                decide(values)
            if self.tags is not None and values[self.tags]:
                values[self.tags] = _lawful_tags(values[self.tags], refused)
            write((number, *values))
        return text.getvalue()

    def _leave_aside(self, rows: list[Row], problems: dict[int, list[str]]) -> None:
        LeftAside.objects.bulk_create(
            LeftAside(
                arrival=self.arrival,
                row_number=row.number,
                is_rejected=any(map(_is_of_the_row, problems[row.number])),
                problems=[self._told(problem) for problem in problems[row.number]],
                cells=self._kept_aside(row),
            )
            for row in rows
        )

    def _kept_aside(self, row: Row) -> list[str]:
        """Return the cells of a row left aside, without what the law protects: such rows have no ground for it.

        Of a row that was cut wrongly nobody knows which cell is which: where the file tells of opinions, none is kept.
        """
        if row.fault:
            cells = [] if self.untold else [_storable(cell) for cell in row.cells]
            return cells if self.tags is None else [_lawful_tags(cell, Counter()) for cell in cells]
        cells = ["" if index in self.untold else cell for index, cell in enumerate(row.cells)]
        if self.tags is not None:
            tags = self.mapping.fields["tag_list"]
            cells[tags] = _lawful_tags(cells[tags], Counter())
        return cells

    def _told(self, problem: str) -> tuple[str, str]:
        """Name the column as the file does."""
        reason, _colon, field = problem.partition(":")
        if not field:
            return reason, ""
        index = self.mapping.fields.get(field)
        if index is None:
            index = self.normaliser.extras[field].column
        return reason, self.titles[index]

    def _count(self, rows: int, filled: list[int], problems: dict[int, list[str]]) -> None:
        counts = self.arrival.counts
        counts["rows"] = counts.get("rows", 0) + rows
        reasons = Counter(problem.partition(":")[0] for found in problems.values() for problem in set(found))
        rejected = sum(any(map(_is_of_the_row, found)) for found in problems.values())
        counts["rejected"] = counts.get("rejected", 0) + rejected
        counts["reasons"] = dict(Counter(counts.get("reasons", {})) + reasons)
        before = counts.get("filled", {})
        counts["filled"] = {
            extra.key: before.get(extra.key, 0) + count
            for extra, count in zip(self.mapping.extras, filled, strict=False)
        } or before


def _lawful_tags(cell: str, refused: Counter[str]) -> str:
    """Return the tags of a cell without those whose names say what the law protects, which are counted."""
    lawful = []
    for tag in cell.split(","):
        if protection(name := tag.strip()):
            refused[normalize("NFC", name)[:100]] += 1
        else:
            lawful.append(tag)
    return ",".join(lawful)


def _is_of_the_row(problem: str) -> bool:
    return Reason(problem.partition(":")[0]).is_of_the_row


def _storable(cell: str) -> str:
    """Return what a database can keep of a broken cell."""
    return cell.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")


def _decisions(columns: list[str]) -> Iterator[Decision]:
    """Yield what Python decides on the cells that SQL cannot read; usual cells are left as they are."""
    place = {name: number for number, name in enumerate(columns)}
    if emails := [place[name] for name in EMAILS if name in place]:
        yield partial(_decide_emails, emails)
    if phones := [place[name] for name in PHONES if name in place]:
        countries = [place[f"{name}_country_code"] for name in ADDRESSES if f"{name}_country_code" in place]
        yield partial(_decide_phones, phones, countries)


def _decide_emails(emails: list[int], values: Values) -> None:
    for index in emails:
        if not values[index].isascii():
            values[index] = normalise.email(values[index]) or IMPOSSIBLE


def _decide_phones(phones: list[int], countries: list[int], values: Values) -> None:
    told = next((values[index] for index in countries if values[index]), "FR").strip().upper()
    region = told if told in phonenumbers.SUPPORTED_REGIONS else "FR"  # some files write FRA, or a name
    for index in phones:
        cell = values[index].strip()
        if cell and (region != "FR" or not _USUAL_PHONE.fullmatch(cell)):
            values[index] = normalise.phone(cell, region) or IMPOSSIBLE
