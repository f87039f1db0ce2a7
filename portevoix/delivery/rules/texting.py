"""What a text message costs: its alphabet, its parts, and which signs make it dear.

The default alphabet of GSM holds 160 signs, or 153 in each part of several (3GPP TS 23.038 and 23.040); ten signs of
its extension table count twice and are never cut in two. One sign outside makes the whole message UCS-2: 70 signs,
67 in each part. Lengths in UCS-2 are those of UTF-16: an emoji counts twice.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from portevoix.delivery.rules import merge

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")
#: Signs that French keyboards and word processors write, and what says the same in the cheap alphabet.
PLAIN = {
    **dict.fromkeys("’‘ʼ′´`", "'"),
    **dict.fromkeys("“”„«»″", '"'),
    **dict.fromkeys("–—‑‒−", "-"),
    **dict.fromkeys("\u00a0\u202f\u2009\u2007\t", " "),
    **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad\ufe0f", ""),
    **dict.fromkeys("•·", "-"),
    **{"…": "...", "œ": "oe", "Œ": "OE", "ç": "c", "×": "x", "→": "->", "←": "<-", "№": "No", "½": "1/2", "≠": "!="},
}
#: French quotation marks have spaces inside, which plain ones have not.
GUILLEMETS = re.compile(r"«\s*|\s*»")
STRUCK_OUT = "\u0338"
#: No operator takes more parts than this in one message.
MOST_PARTS = 10


class Alphabet(StrEnum):
    GSM = "gsm"
    UCS = "ucs"


ONE, MANY = {Alphabet.GSM: 160, Alphabet.UCS: 70}, {Alphabet.GSM: 153, Alphabet.UCS: 67}


@dataclass(frozen=True)
class Measure:
    """How long a text is, and of how many parts."""

    alphabet: Alphabet
    length: int
    parts: int
    #: Signs that are still free in the last part.
    left: int
    #: The signs that make it dear, in their order, each once.
    costly: tuple[str, ...] = ()

    @property
    def is_dear(self) -> bool:
        return self.alphabet is Alphabet.UCS


def measure(text: str) -> Measure:
    """Count a text as operators do."""
    costly = tuple(dict.fromkeys(sign for sign in text if sign not in BASIC and sign not in EXTENSION))
    alphabet = Alphabet.UCS if costly else Alphabet.GSM
    sizes = list(_sizes(text, alphabet))
    length = sum(sizes)
    if length <= ONE[alphabet]:
        return Measure(alphabet, length, 1, ONE[alphabet] - length, costly)
    parts, used = 1, 0
    for size in sizes:
        if used + size > MANY[alphabet]:
            parts, used = parts + 1, 0
        used += size
    return Measure(alphabet, length, parts, MANY[alphabet] - used, costly)


def _sizes(text: str, alphabet: Alphabet) -> Iterator[int]:
    for sign in text:
        if alphabet is Alphabet.UCS:
            yield 2 if ord(sign) > 0xFFFF else 1
        else:
            yield 2 if sign in EXTENSION else 1


def is_cheap(text: str) -> bool:
    """Tell whether a text stays in the alphabet of GSM."""
    return all(sign in BASIC or sign in EXTENSION for sign in text)


def plain(text: str) -> str:
    """Write a text in the cheap alphabet, as far as it says the same: « fête » becomes « fete », an emoji stays."""
    text = GUILLEMETS.sub('"', unicodedata.normalize("NFC", text))
    return "".join(_plain(sign) for sign in text)


def faithful(name: str) -> str:
    """Write a name letter for letter, with plain marks around: « l’Œuvre » becomes "l'Œuvre", and costs what it costs.

    The cheap alphabet has é, è, à, ù and Ç, but neither ç nor ê: who must be named is never named otherwise.
    """
    name = GUILLEMETS.sub('"', unicodedata.normalize("NFC", name))
    return "".join(sign if unicodedata.category(sign)[0] in "LM" else _plain(sign) for sign in name)


def _plain(sign: str) -> str:
    if sign in BASIC or sign in EXTENSION:
        return sign
    if sign in PLAIN:
        return PLAIN[sign]
    parts = unicodedata.normalize("NFKD", sign)
    if STRUCK_OUT in parts:
        # « ≮ » says the contrary of « < ».
        return sign
    bare = "".join(one for one in parts if not unicodedata.combining(one))
    return bare if bare and is_cheap(bare) else sign


@dataclass(frozen=True)
class _Longest:
    """The longest that words can be which differ from reader to reader, by what they cost."""

    #: In the cheap alphabet throughout; and with a sign at least that makes them dear; None where they never are.
    cheap: str | None
    dear: str | None

    def __add__(self, other: _Longest) -> _Longest:
        return _Longest(
            _joined(self.cheap, other.cheap),
            _of([_joined(self.dear, other.any), _joined(self.any, other.dear)], Alphabet.UCS),
        )

    def __or__(self, other: _Longest) -> _Longest:
        return _Longest(_of([self.cheap, other.cheap], Alphabet.GSM), _of([self.dear, other.dear], Alphabet.UCS))

    @property
    def any(self) -> str | None:
        return _of([self.cheap, self.dear], Alphabet.UCS)


def _joined(before: str | None, after: str | None) -> str | None:
    return None if before is None or after is None else before + after


def _of(texts: Iterable[str | None], alphabet: Alphabet) -> str | None:
    return max((one for one in texts if one is not None), key=lambda text: sum(_sizes(text, alphabet)), default=None)


def dearest(words: str, lengths: Mapping[str, int], mention: str = "") -> str:
    """Return a text as it costs most: its fields at their longest, of its conditions what makes it longest or dear.

    The mention is what it will end with. Raises LetterError.
    """
    found = _longest(merge.cut(words, known=lengths), lengths)
    readings = [one for one in (found.dear, found.cheap) if one is not None]
    return max(readings, key=lambda text: measure(with_mention(text, mention)).parts)


def _longest(pieces: Iterable[merge.Piece], lengths: Mapping[str, int]) -> _Longest:
    said = _Longest("", None)
    for piece in pieces:
        if isinstance(piece, merge.Passage):
            said += _longest(piece.then, lengths) | _longest(piece.otherwise, lengths)
        elif isinstance(piece, merge.Slot):
            # A value never makes a text dear (see `worded`): at its longest it is as cheap as its signs can be.
            value = "x" * max(lengths[piece.name], len(plain(piece.otherwise)))
            said += _worded(value) | _worded(piece.otherwise)
        else:
            said += _worded(piece)
    return said


def _worded(words: str) -> _Longest:
    return _Longest(words, None) if is_cheap(words) else _Longest(None, words)


def worded(pieces: Iterable[merge.Piece], values: Mapping[str, str]) -> str:
    """Write a text for one person: their values in the cheap alphabet, where the words that they get are in it.

    A name makes no message dearer; where the author's words do, it is written as it is.
    """
    pieces = tuple(pieces)
    cheap = merge.filled(pieces, values, escape=plain)
    return cheap if is_cheap(cheap) else merge.filled(pieces, values)


def with_mention(words: str, mention: str) -> str:
    """Return a text with how to get no more of them, on a line of its own (CPCE art. L. 34-5)."""
    return f"{words.rstrip()}\n{mention}" if mention else words
