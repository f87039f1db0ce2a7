"""Merge fields: `{{ first_name|cher ami }}` in a letter, read once and for all recipients.

A letter is cut into fixed words and slots when it is written, not when it is sent: a field that
nobody knows, or a brace that was never closed, is an error for the author and never a blank in ten
thousand letters.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portevoix.delivery.exceptions import MalformedMergeField, UnknownMergeField

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

SLOT = re.compile(r"\{\{\s*([a-z][a-z0-9_.]*)\s*(?:\|([^{}]*))?\}\}")

#: C0 and C1 controls and Unicode line ends: in a header any of them could start another header.
CONTROLS = dict.fromkeys((*range(32), *range(127, 160), 8232, 8233), " ")


@dataclass(frozen=True, slots=True)
class Slot:
    """A place where each person's own words go."""

    name: str
    #: Written instead when the person has nothing under this name.
    otherwise: str


Piece = str | Slot


def cut(source: str, *, known: Collection[str]) -> tuple[Piece, ...]:
    """Cut a source into fixed words and slots; refuse what is unknown or malformed."""
    pieces: list[Piece] = []
    end = 0
    for found in SLOT.finditer(source):
        _append_words(pieces, source[end : found.start()])
        name, otherwise = found.group(1), found.group(2) or ""
        if name not in known:
            raise UnknownMergeField(name)
        pieces.append(Slot(name, otherwise.strip()))
        end = found.end()
    _append_words(pieces, source[end:])
    return tuple(pieces)


def _append_words(pieces: list[Piece], words: str) -> None:
    stray = words.find("{{")
    if stray >= 0:
        raise MalformedMergeField(words[stray : stray + 40])
    if words:
        pieces.append(words)


def names_in(pieces: tuple[Piece, ...]) -> set[str]:
    """Return which fields a source asks for."""
    return {piece.name for piece in pieces if isinstance(piece, Slot)}


def filled(pieces: tuple[Piece, ...], values: Mapping[str, str]) -> str:
    """Write a source for one person, as plain words."""
    return "".join(piece if isinstance(piece, str) else values[piece.name] or piece.otherwise for piece in pieces)


def on_one_line(words: str) -> str:
    """Return words that cannot leave the header they are put in."""
    return words.translate(CONTROLS)


def escaped(value: str) -> str:
    """Return a value as it may stand in HTML, in text and in quoted attributes alike."""
    return html.escape(value)
