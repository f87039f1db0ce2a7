"""What a piece of work asked of the database, and whether each answer would be the same now.

What was made from answers alone need not be made again while all of them hold: nobody has to foresee what changes it.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.db import DatabaseError, InterfaceError, connection, transaction

Execute = Callable[[str, Any, bool, dict[str, Any]], Any]


@dataclass(frozen=True)
class Columns:
    """What counts of an answer: all its columns unless ``only`` names some, but for those ``ignored``; of some columns,
    no more than whether they are zero."""

    ignored: frozenset[str] = frozenset()
    zero_or_not: frozenset[str] = frozenset()
    only: frozenset[str] | None = None

    def count(self, name: str) -> bool:
        return name not in self.ignored and (self.only is None or name in self.only)


ALL = Columns()


@dataclass(frozen=True)
class Question:
    """A question, what counts of its answer, and the digest of that."""

    sql: str
    params: Any
    columns: Columns
    digest: bytes


@dataclass
class Questions:
    """The questions of one piece of work."""

    columns: Columns = ALL
    asked: dict[tuple[str, str, Columns], Question] = field(default_factory=dict)
    #: Whether something was asked that cannot be asked again, or written.
    has_acted: bool = False

    def __call__(self, execute: Execute, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        """Stand between Django and the driver (``connection.execute_wrapper``)."""
        answer = execute(sql, params, many, context)
        digest = None if many else _digest(context["cursor"], self.columns)
        if digest is None or not isinstance(sql, str):
            self.has_acted = True
            return answer
        question = Question(sys.intern(sql), params, self.columns, digest)
        known = self.asked.setdefault((question.sql, repr(params), self.columns), question)
        self.has_acted = self.has_acted or known.digest != digest  # changed meanwhile: neither speaks for the whole
        return answer

    def still_hold(self) -> bool:
        """Ask everything again, forbidden to write; tell whether all answers are the same."""
        if self.has_acted:
            return False
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION READ ONLY")
                return all(_is_answered_the_same(cursor, question) for question in self.asked.values())
        except (DatabaseError, InterfaceError):
            return False


@contextmanager
def noted(columns: Columns = ALL) -> Iterator[Questions]:
    """Note what the block asks of the database."""
    questions = Questions(columns)
    with connection.execute_wrapper(questions):
        yield questions


@contextmanager
def looking_at(columns: Columns) -> Iterator[bool]:
    """Count no more than this of what the block is answered; give whether anything is noted at all."""
    noting = [one for one in connection.execute_wrappers if isinstance(one, Questions)]
    before = [one.columns for one in noting]
    for one in noting:
        one.columns = columns
    try:
        yield bool(noting)
    finally:
        for one, its in zip(noting, before, strict=True):
            one.columns = its


def _is_answered_the_same(cursor: Any, question: Question) -> bool:
    cursor.execute(question.sql, question.params)
    return _digest(cursor, question.columns) == question.digest


def _digest(cursor: Any, columns: Columns) -> bytes | None:
    """Return a digest of the answer that a cursor holds whole; None where it holds none, or a part."""
    while not isinstance(cursor, psycopg.Cursor):
        cursor = cursor.cursor
    found = cursor.pgresult
    if found is None or found.status != psycopg.pq.ExecStatus.TUPLES_OK or isinstance(cursor, psycopg.ServerCursor):
        return None
    digest = hashlib.blake2b(digest_size=16)
    for number in range(found.nfields):
        name = (found.fname(number) or b"").decode()
        if not columns.count(name):
            continue
        values = [found.get_value(row, number) for row in range(found.ntuples)]
        if name in columns.zero_or_not:
            values = [b"" if value == b"0" else b"1" for value in values]
        digest.update(repr((name, values)).encode())
    return digest.digest()
