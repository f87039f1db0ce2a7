"""Filling words in: the product's blanks now, each reader's own merge fields when the letter leaves."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from portevoix.delivery.rules import merge


def as_written(words: str) -> str:
    """Return words in which no brace opens a field: what somebody wrote is never filled in."""
    return re.sub(r"([{}])(?=\1)", r"\1 ", words)


def filled(words: str, values: Mapping[str, str], *, known: Collection[str]) -> str:
    """Fill the blanks in and leave the fields of readers open. Raises LetterError for a field that nobody knows."""
    pieces = merge.cut(words, known={*known, *values})
    return "".join(piece if isinstance(piece, str) else _said(piece, values) for piece in pieces)


def _said(slot: merge.Slot, values: Mapping[str, str]) -> str:
    if slot.name in values:
        return as_written(values[slot.name] or slot.otherwise)
    otherwise = f"|{slot.otherwise}" if slot.otherwise else ""
    return f"{{{{ {slot.name}{otherwise} }}}}"


def paragraphs(words: str) -> list[str]:
    """Return what blank lines keep apart."""
    return [part.strip() for part in re.split(r"\n\s*\n", words.replace("\r\n", "\n")) if part.strip()]
