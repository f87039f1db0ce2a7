"""Filling words in: the product's blanks now, each reader's own merge fields when the letter leaves."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from portevoix.delivery.rules import merge


def as_written(words: str) -> str:
    """Return words in which no brace opens a field: what somebody wrote is never filled in."""
    return re.sub(r"([{}])(?=\1)", r"\1 ", words)


def filled(words: str, values: Mapping[str, str], *, known: Collection[str]) -> str:
    """Fill the blanks in and leave the fields of readers open. Raises LetterError for a field that nobody knows."""
    return _written(merge.cut(words, known={*known, *values}), values)


def _written(pieces: Iterable[merge.Piece], values: Mapping[str, str]) -> str:
    said = []
    for piece in pieces:
        if isinstance(piece, merge.Passage):
            said.append(_passage(piece, values))
        else:
            said.append(piece if isinstance(piece, str) else _said(piece, values))
    return "".join(said)


def _passage(passage: merge.Passage, values: Mapping[str, str]) -> str:
    """Decide on a condition about a blank; leave one about the reader open."""
    test = passage.test
    if test.name in values:
        return _written(passage.then if test.holds(values) else passage.otherwise, values)
    asked = test.name
    if test.values:
        asked += f" {'!=' if test.is_negated else '='} {', '.join(sorted(test.values))}"
    elif test.is_negated:
        asked = f"not {asked}"
    otherwise = f"{{{{ else }}}}{_written(passage.otherwise, values)}" if passage.otherwise else ""
    return f"{{{{ if {asked} }}}}{_written(passage.then, values)}{otherwise}{{{{ end }}}}"


def _said(slot: merge.Slot, values: Mapping[str, str]) -> str:
    if slot.name in values:
        return as_written(values[slot.name] or slot.otherwise)
    otherwise = f"|{slot.otherwise}" if slot.otherwise else ""
    return f"{{{{ {slot.name}{otherwise} }}}}"


def paragraphs(words: str) -> list[str]:
    """Return what blank lines keep apart."""
    return [part.strip() for part in re.split(r"\n\s*\n", words.replace("\r\n", "\n")) if part.strip()]
