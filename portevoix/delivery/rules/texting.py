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
    **{"…": "...", "œ": "oe", "Œ": "OE", "ç": "c", "×": "x", "→": "->", "←": "<-", "№": "No", "½": "1/2"},
}
#: French quotation marks have spaces inside, which plain ones have not.
GUILLEMETS = re.compile(r"«\s*|\s*»")
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


def _plain(sign: str) -> str:
    if sign in BASIC or sign in EXTENSION:
        return sign
    if sign in PLAIN:
        return PLAIN[sign]
    bare = "".join(one for one in unicodedata.normalize("NFKD", sign) if not unicodedata.combining(one))
    return bare if bare and is_cheap(bare) else sign


def dearest(words: str, lengths: Mapping[str, int]) -> str:
    """Return a text whose fields are as long as their longest value: what it costs at most. Raises LetterError."""
    return _longest(merge.cut(words, known=lengths), lengths)


def _longest(pieces: Iterable[merge.Piece], lengths: Mapping[str, int]) -> str:
    said = []
    for piece in pieces:
        if isinstance(piece, merge.Passage):
            said.append(max(_longest(piece.then, lengths), _longest(piece.otherwise, lengths), key=len))
        elif isinstance(piece, merge.Slot):
            said.append("x" * max(lengths[piece.name], len(plain(piece.otherwise))))
        else:
            said.append(piece)
    return "".join(said)


def fixed(pieces: Iterable[merge.Piece]) -> str:
    """Return all the words that an author wrote, of every passage: what decides on the alphabet."""
    said = []
    for piece in pieces:
        if isinstance(piece, merge.Passage):
            said += [fixed(piece.then), fixed(piece.otherwise)]
        else:
            said.append(piece.otherwise if isinstance(piece, merge.Slot) else piece)
    return "".join(said)


def with_mention(words: str, mention: str) -> str:
    """Return a text with how to get no more of them, on a line of its own (CPCE art. L. 34-5)."""
    return f"{words.rstrip()}\n{mention}" if mention else words
