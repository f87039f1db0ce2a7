"""Merge fields and conditions in a letter, read once and for all recipients.

`{{ first_name|cher ami }}` writes each reader's own word; `{{ if commune = Rennes, Brest }} … {{ else }} … {{ end }}`
(in French: `si`, `sinon`, `fin`) keeps a passage for those of whom it is true.

A letter is cut into fixed words, slots and passages when it is written, not when it is sent: a field that nobody
knows, a brace or a condition that was never closed is an error for the author and never a blank in ten thousand
letters. What is known when it leaves, and what is not, is settled too: a slot without words of its own stays empty.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from portevoix.delivery.exceptions import (
    MalformedMergeField,
    StrayMark,
    TooManyConditions,
    UnclosedCondition,
    UnknownMergeField,
)
from portevoix.kernel import normalise

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

#: Anything between two pairs of braces.
MARK = re.compile(r"\{\{([^{}]*)\}\}")
SLOT = re.compile(r"\s*([a-z][a-z0-9_.]*)\s*(?:\|(.*))?", re.DOTALL)
CONDITION = re.compile(
    r"(?:if|si)\s+(?P<no>(?:not|pas|sans)\s+)?(?P<name>[a-z][a-z0-9_.]*)\s*(?:(?P<sign>!=|≠|=)\s*(?P<values>.+))?",
    re.DOTALL,
)
#: Fields that say who somebody is. Compared with values they could sort people by origin (RGPD art. 9).
NAMES = {"first_name", "last_name", "full_name"}
ASKING = {"if", "si"}
OTHERWISE = {"else", "sinon"}
END = {"end", "fin"}
#: Conditions within conditions, and all of a letter's: more than anybody can read.
DEEPEST = 5
MOST = 200

#: C0 and C1 controls and Unicode line ends: in a header any of them could start another header.
CONTROLS = dict.fromkeys((*range(32), *range(127, 160), 8232, 8233), " ")


@dataclass(frozen=True, slots=True)
class Slot:
    """A place where each person's own words go."""

    name: str
    #: Written instead when the person has nothing under this name.
    otherwise: str


@dataclass(frozen=True, slots=True)
class Test:
    """What is asked of a field: whether it has a value or, where there are `values`, whether it is one of them."""

    name: str
    #: As `spelt`: neither accents, capitals nor hyphens count.
    values: frozenset[str] = frozenset()
    is_negated: bool = False

    def holds(self, values: Mapping[str, str]) -> bool:
        """Tell whether it is true of a person. Somebody of whom nothing is known is none of the `values`."""
        value = values[self.name]
        found = spelt(value) in self.values if self.values else bool(value.strip())
        return found is not self.is_negated


@dataclass(frozen=True, slots=True)
class Passage:
    """What some readers get, and what the others get instead."""

    test: Test
    then: tuple[Piece, ...]
    otherwise: tuple[Piece, ...] = ()


Piece = str | Slot | Passage


@dataclass(slots=True)
class _Open:
    """A passage whose end was not read yet; the letter itself is one that has no test."""

    mark: str
    test: Test | None = None
    then: list[Piece] = field(default_factory=list)
    otherwise: list[Piece] | None = None

    @property
    def pieces(self) -> list[Piece]:
        return self.then if self.otherwise is None else self.otherwise


@lru_cache(maxsize=4096)
def spelt(value: str) -> str:
    """Return a value as conditions compare it."""
    return normalise.sort_key(value)


def cut(source: str, *, known: Collection[str]) -> tuple[Piece, ...]:
    """Cut a source into fixed words, slots and passages; refuse what is unknown, malformed or never closed."""
    stack = [_Open("")]
    conditions = end = 0
    for found in MARK.finditer(source):
        _append_words(stack[-1].pieces, source[end : found.start()])
        end, depth = found.end(), len(stack)
        _enter(found[0], stack, known)
        conditions += len(stack) > depth
        if len(stack) > DEEPEST + 1 or conditions > MOST:
            raise TooManyConditions(found[0])
    _append_words(stack[-1].pieces, source[end:])
    if len(stack) > 1:
        raise UnclosedCondition(stack[-1].mark)
    return tuple(stack[0].pieces)


def _enter(mark: str, stack: list[_Open], known: Collection[str]) -> None:
    """Put what a mark means where it belongs."""
    inside = _inside(mark)
    if inside in OTHERWISE:
        if stack[-1].test is None or stack[-1].otherwise is not None:
            raise StrayMark(mark)
        stack[-1].otherwise = []
    elif inside in END:
        closed = stack.pop()
        if closed.test is None:
            raise StrayMark(mark)
        stack[-1].pieces.append(Passage(closed.test, tuple(closed.then), tuple(closed.otherwise or ())))
    elif (asked := CONDITION.fullmatch(inside)) is not None:
        stack.append(_Open(mark, _test(asked, mark, known)))
    else:
        stack[-1].pieces.append(_slot(mark, known))


def _inside(mark: str) -> str:
    return mark[2:-2].strip()


def _test(asked: re.Match[str], mark: str, known: Collection[str]) -> Test:
    name, sign = asked["name"], asked["sign"]
    if name not in known:
        raise UnknownMergeField(name)
    # In a page the values are written as HTML: an apostrophe is named.
    values = frozenset(spelt(value) for value in html.unescape(asked["values"] or "").split(","))
    if sign and not all(values):
        raise MalformedMergeField(mark)
    is_negated = bool(asked["no"]) is not (sign in {"!=", "≠"})
    return Test(name, values if sign else frozenset(), is_negated)


def _slot(mark: str, known: Collection[str]) -> Slot:
    found = SLOT.fullmatch(mark[2:-2])
    if found is None or found[1] in ASKING:
        raise MalformedMergeField(mark)
    name, otherwise = found[1], found[2] or ""
    if name not in known:
        raise UnknownMergeField(name)
    return Slot(name, otherwise.strip())


def _append_words(pieces: list[Piece], words: str) -> None:
    stray = words.find("{{")
    if stray >= 0:
        raise MalformedMergeField(words[stray : stray + 40])
    if words:
        pieces.append(words)


def asked_in(words: str) -> Iterator[tuple[str, bool]]:
    """Yield the field of each condition in a source, whole or not, and whether it is compared with values."""
    for mark in MARK.finditer(words):
        if (asked := CONDITION.fullmatch(_inside(mark[0]))) is not None:
            yield asked["name"], bool(asked["sign"])


def kind_of(mark: str) -> str:
    """Return what a mark does to conditions: "if" opens one, "else" and "end" go on with it, "" is a field."""
    inside = _inside(mark)
    if inside in OTHERWISE:
        return "else"
    if inside in END:
        return "end"
    return "if" if CONDITION.fullmatch(inside) else ""


def names_in(pieces: Iterable[Piece]) -> set[str]:
    """Return which fields a source asks for, to write them or to decide by them."""
    names: set[str] = set()
    for piece in pieces:
        if isinstance(piece, Slot):
            names.add(piece.name)
        elif isinstance(piece, Passage):
            names |= {piece.test.name, *names_in(piece.then), *names_in(piece.otherwise)}
    return names


def names_always_in(pieces: Iterable[Piece]) -> set[str]:
    """Return which fields every reader gets, whatever is true of them."""
    return {piece.name for piece in pieces if isinstance(piece, Slot)}


def bare_slots(pieces: Iterable[Piece]) -> set[str]:
    """Return which fields have no words for a reader of whom they are not known, nor a condition that asks first."""
    bare: set[str] = set()
    for piece in pieces:
        if isinstance(piece, Slot) and not piece.otherwise:
            bare.add(piece.name)
        elif isinstance(piece, Passage):
            known = set() if piece.test.is_negated else {piece.test.name}
            bare |= bare_slots(piece.then) - known
            bare |= bare_slots(piece.otherwise) - ({piece.test.name} if piece.test.is_negated else set())
    return bare


def filled(pieces: Iterable[Piece], values: Mapping[str, str], *, escape: Callable[[str], str] = str) -> str:
    """Write a source for one person: their values through `escape`, the author's own words as they are."""
    return "".join(piece if isinstance(piece, str) else _written(piece, values, escape) for piece in pieces)


def _written(piece: Slot | Passage, values: Mapping[str, str], escape: Callable[[str], str]) -> str:
    if isinstance(piece, Slot):
        value = values[piece.name]
        return escape(value) if value else piece.otherwise
    return filled(piece.then if piece.test.holds(values) else piece.otherwise, values, escape=escape)


def on_one_line(words: str) -> str:
    """Return words that cannot leave the header they are put in."""
    return words.translate(CONTROLS)


def escaped(value: str) -> str:
    """Return a value as it may stand in HTML, in text and in quoted attributes alike."""
    return html.escape(value)
