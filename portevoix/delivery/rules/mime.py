"""A letter compiled once to bytes; each person's message is then one join.

Quoted-printable lets a line end softly anywhere. So every fixed part is encoded when the letter is
compiled and broken softly before each slot; a value stands on its own line and ends softly too.
Nothing fixed is ever encoded twice, and the reader's program puts the words together again.
"""

from __future__ import annotations

import base64
import re
import secrets
from dataclasses import dataclass, replace
from email.utils import formataddr
from functools import lru_cache
from typing import TYPE_CHECKING

from portevoix.delivery.exceptions import LetterError, UnsafeHeader
from portevoix.delivery.rules import merge

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from portevoix.delivery.types import Letter

#: RFC 2045: an encoded line has at most 76 characters, the soft end's "=" included.
LINE = 75
SOFT = b"=\r\n"
#: RFC 2047: "=?utf-8?b?…?=" fits in 76 characters behind "Subject: " with this many bytes inside.
WORD = 39
#: RFC 5322: no line may pass 998 characters.
LONGEST = 998

_AS_IS = frozenset(b"\t" + bytes(range(0x20, 0x7F))) - frozenset(b"=")
#: What means something at the start of a line: SMTP's dot, and mbox's "From ".
OPENERS = (b".", b"F")
_QP_OPENERS = {opener: b"=%02X" % opener[0] for opener in OPENERS}
#: Printable ASCII without "=".
PLAIN = re.compile(r"[ -<>-~]*")
_QP = [bytes((byte,)) if byte in _AS_IS else b"=%02X" % byte for byte in range(256)]

#: Headers that the renderer writes itself; a letter may not add a second one.
OWN = frozenset(
    {
        "from", "to", "cc", "bcc", "sender", "subject", "date", "message-id", "reply-to", "mime-version",
        "content-type", "content-transfer-encoding", "list-id", "list-unsubscribe", "list-unsubscribe-post",
    }
)  # fmt: skip


def quoted(words: str) -> bytes:
    r"""Encode fixed words; only "\n" and "\r\n" are line ends, a lone "\r" is a character."""
    lines = words.replace("\r\n", "\n").split("\n")
    last = len(lines) - 1
    return b"\r\n".join(_quoted_line(line, ends_hard=at < last) for at, line in enumerate(lines))


def _quoted_line(line: str, *, ends_hard: bool) -> bytes:
    tokens = [_QP[byte] for byte in line.encode("utf-8", "replace")]
    if not tokens:
        return b""
    # Relays strip white space before a line end (RFC 2045, 6.7, rule 3).
    if ends_hard and tokens[-1] in (b" ", b"\t"):
        tokens[-1] = b"=%02X" % tokens[-1][0]
    lines: list[bytes] = []
    start, length = 0, 0
    for at, token in enumerate(tokens):
        if length + len(token) > LINE:
            lines.append(_shielded(tokens[start:at]))
            start, length = at, 0
        # A dot or an F that opens a line is encoded, see below: it takes three characters.
        length += 3 if length == 0 else len(token)
    lines.append(_shielded(tokens[start:]))
    return SOFT.join(lines)


def _shielded(tokens: list[bytes]) -> bytes:
    """Hide what means something at the start of a line."""
    tokens[0] = _QP_OPENERS.get(tokens[0], tokens[0])
    return b"".join(tokens)


def quoted_value(value: str) -> bytes:
    """Encode one person's words as whole lines of their own, ended softly; nothing for nothing."""
    if PLAIN.fullmatch(value) is None:
        return _quoted_accents(value)
    encoded = value.encode("ascii")
    if len(encoded) <= LINE and not encoded.startswith(OPENERS):
        return encoded + SOFT if encoded else b""
    # Links differ for each reader and are long: cut, they need no look at each sign.
    lines = (encoded[at : at + LINE - 2] for at in range(0, len(encoded), LINE - 2))
    return b"".join((_QP_OPENERS[line[:1]] + line[1:] if line.startswith(OPENERS) else line) + SOFT for line in lines)


@lru_cache(maxsize=16384)
def _quoted_accents(value: str) -> bytes:
    """First names and communes come back again and again."""
    return quoted(value) + SOFT


def quoted_html_value(value: str) -> bytes:
    """Encode one person's words for the HTML part: escaped, then as `quoted_value`."""
    return quoted_value(merge.escaped(value))


def header_words(words: str) -> bytes:
    """Encode a header's words (RFC 2047), folded; plain ASCII that fits one line stays readable."""
    words = merge.on_one_line(words)
    if words.isascii() and len(words) <= LINE - len("Subject: ") and "=?" not in words and words == words.strip():
        return words.encode("ascii")
    return b"\r\n ".join(
        b"=?utf-8?b?" + base64.b64encode(chunk) + b"?=" for chunk in _chunks(words.encode("utf-8", "replace"))
    )


def _chunks(encoded: bytes) -> list[bytes]:
    """Cut between characters: each encoded word must be whole UTF-8 (RFC 2047, 5)."""
    chunks = []
    start = 0
    while start < len(encoded):
        end = min(start + WORD, len(encoded))
        while end < len(encoded) and encoded[end] & 0xC0 == 0x80:
            end -= 1
        chunks.append(encoded[start:end])
        start = end
    return chunks


@dataclass(frozen=True, slots=True, kw_only=True)
class Particulars:
    """What differs from message to message outside the author's words."""

    recipient: str
    message_id: str
    #: Already in the form of RFC 5322; the same for a whole second.
    date: str
    #: One-click address (RFC 8058); empty for a letter that is not sent to a list.
    unsubscribe_url: str = ""


class CompiledLetter:
    """A letter whose fixed parts are encoded; `render` joins one person's message."""

    def __init__(self, letter: Letter, *, known: Collection[str]) -> None:
        """Cut and encode every part; the author's mistakes are raised here."""
        self._subject = merge.cut(letter.subject, known=known)
        text = merge.cut(letter.text, known=known)
        page = merge.cut(letter.html, known=known)
        if not letter.text.strip() or not letter.subject.strip():
            raise LetterError("a letter needs a subject and a text part")
        #: The fields it asks for, in the order in which `render` expects their values.
        self.fields: tuple[str, ...] = tuple(
            sorted(merge.names_in(self._subject) | merge.names_in(text) | merge.names_in(page))
        )
        self._fixed_headers = _fixed_headers(letter)
        self._segments: list[bytes] = []
        self._text_slots: list[tuple[int, str, bytes]] = []
        self._html_slots: list[tuple[int, str, bytes]] = []
        #: From which segment to which a passage goes, and what must be true of its reader.
        self._passages: list[tuple[merge.Test, int, int]] = []
        if page:
            # "=_" cannot occur in quoted-printable, so the boundary cannot occur in a part.
            boundary = b"=_" + secrets.token_hex(12).encode()
            self._fixed(b'Content-Type: multipart/alternative; boundary="' + boundary + b'"\r\n\r\n')
            self._fixed(b"--" + boundary + b"\r\n" + _part_head(b"plain"))
            self._words(text, self._text_slots)
            self._fixed(b"\r\n--" + boundary + b"\r\n" + _part_head(b"html"))
            self._words(page, self._html_slots)
            self._fixed(b"\r\n--" + boundary + b"--\r\n")
        else:
            self._fixed(_part_head(b"plain"))
            self._words(text, self._text_slots)
            self._fixed(b"\r\n")

    def _fixed(self, segment: bytes) -> None:
        self._segments.append(segment)

    def _words(
        self, pieces: tuple[merge.Piece, ...], slots: list[tuple[int, str, bytes]], *, is_whole: bool = True
    ) -> None:
        """Encode pieces; those of a passage are never the last of their part (`is_whole`)."""
        for at, piece in enumerate(pieces):
            if isinstance(piece, str):
                encoded = quoted(piece)
                followed = not is_whole or at + 1 < len(pieces)
                # A slot must begin a line; a hard line end has already begun one.
                self._fixed(encoded + SOFT if followed and not encoded.endswith(b"\r\n") else encoded)
            elif isinstance(piece, merge.Slot):
                # The author's own words: in HTML they are HTML already.
                otherwise = quoted_value(piece.otherwise)
                slots.append((len(self._segments), piece.name, otherwise))
                self._fixed(otherwise)
            else:
                self._passage(piece.test, piece.then, slots)
                opposite = replace(piece.test, is_negated=not piece.test.is_negated)
                self._passage(opposite, piece.otherwise, slots)

    def _passage(self, test: merge.Test, pieces: tuple[merge.Piece, ...], slots: list[tuple[int, str, bytes]]) -> None:
        start = len(self._segments)
        self._words(pieces, slots, is_whole=False)
        if len(self._segments) > start:
            self._passages.append((test, start, len(self._segments)))

    def render(self, values: Mapping[str, str], to: Particulars) -> bytes:
        """Join one person's message."""
        segments = self._segments.copy()
        for at, name, otherwise in self._text_slots:
            segments[at] = quoted_value(values[name]) or otherwise
        for at, name, otherwise in self._html_slots:
            segments[at] = quoted_html_value(values[name]) or otherwise
        for test, start, end in self._passages:
            if not test.holds(values):
                segments[start:end] = [b""] * (end - start)
        return b"".join((self._head(values, to), *segments))

    def _head(self, values: Mapping[str, str], to: Particulars) -> bytes:
        lines = f"Message-ID: <{to.message_id}>\r\nDate: {to.date}\r\nTo: {to.recipient}\r\n"
        if to.unsubscribe_url:
            lines += (
                f"List-Unsubscribe:\r\n <{to.unsubscribe_url}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
            )
        subject = header_words(merge.filled(self._subject, values))
        return b"Subject: " + subject + b"\r\n" + lines.encode() + self._fixed_headers


def _part_head(subtype: bytes) -> bytes:
    return b"Content-Type: text/" + subtype + b"; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"


def _fixed_headers(letter: Letter) -> bytes:
    lines = [b"From: " + address_words(letter.sender_name, letter.sender_address)]
    if letter.reply_to:
        lines.append(b"Reply-To: " + address_words("", letter.reply_to))
    if letter.list_name:
        domain = letter.sender_address.rpartition("@")[2]
        lines.append(b"List-Id: " + address_words(letter.list_name, f"lettre.{domain}"))
    for name, value in letter.headers.items():
        lines.append(_extra_header(name, value))
    lines.append(b"MIME-Version: 1.0")
    return b"".join(line + b"\r\n" for line in lines)


def _extra_header(name: str, value: str) -> bytes:
    plain_name = name.isascii() and name.replace("-", "").isalnum()
    if not plain_name or name.lower() in OWN or value != merge.on_one_line(value):
        raise UnsafeHeader(name)
    line = name.encode() + b": " + (value.encode() if value.isascii() else header_words(value))
    if any(len(part) > LONGEST for part in line.split(b"\r\n")):
        raise UnsafeHeader(name)
    return line


def address_words(name: str, address: str) -> bytes:
    """Write `Name <address>` for a header; a line end in either is refused, not repaired."""
    if merge.on_one_line(name + address) != name + address or not address.isascii() or " " in address:
        raise UnsafeHeader("address")
    if name and not name.isascii():
        return header_words(name) + b"\r\n <" + address.encode() + b">"
    return formataddr((name, address)).encode()
