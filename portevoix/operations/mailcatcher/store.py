"""Caught messages: one .eml file each in one folder, named by its time of arrival."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import BytesHeaderParser, BytesParser
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

IDENT = re.compile(r"\d{20}-\d{6}")
SENDER_HEADER = "X-Envelope-From"
RECIPIENTS_HEADER = "X-Envelope-To"
PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True)
class Caught:
    """A message and its name; without its parts where only the headers were read."""

    ident: str
    message: EmailMessage

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(int(self.ident[:20]) / 1e9, tz=PARIS)

    def headers(self) -> list[tuple[str, str]]:
        """Return every header in order, decoded, even those that the library's own parser trips over."""
        return [(name, _decoded(raw)) for name, raw in self.message.raw_items()]

    def header(self, name: str) -> str:
        """Return the first header of that name, or nothing."""
        return next((value for found, value in self.headers() if found.lower() == name.lower()), "")

    def body(self, kind: str) -> str | None:
        """Return the text or HTML version, or None where the message has none."""
        part = self.message.get_body((kind,))
        if not isinstance(part, EmailMessage):
            return None
        try:
            return str(part.get_content())
        except (LookupError, UnicodeError):
            return cast("bytes", part.get_payload(decode=True) or b"").decode("utf-8", errors="replace")

    def embedded(self, content_id: str) -> EmailMessage | None:
        """Return the part, usually an image, that the HTML names by ``cid:``."""
        for part in self.message.walk():
            if isinstance(part, EmailMessage) and part.get("Content-ID", "").strip("<> ") == content_id:
                return part
        return None


class Store:
    """The folder. Safe for several threads: a file appears whole or not at all, and is never changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._numbers = itertools.count()

    def save(self, content: bytes, *, sender: str, recipients: Sequence[str]) -> str:
        """Keep a message as it came, below the envelope it came in."""
        ident = f"{time.time_ns():020d}-{next(self._numbers) % 1_000_000:06d}"
        envelope = (
            f"{SENDER_HEADER}: {_one_line(sender)}\r\n{RECIPIENTS_HEADER}: {_one_line(', '.join(recipients))}\r\n"
        )
        unfinished = self.folder / f"{ident}.new"
        unfinished.write_bytes(envelope.encode("utf-8") + content)
        unfinished.rename(self._path(ident))
        return ident

    def idents(self) -> list[str]:
        """Return the names of all messages, the newest first."""
        names = (path.stem for path in self.folder.glob("*.eml"))
        return sorted((name for name in names if IDENT.fullmatch(name)), reverse=True)

    def headers(self, ident: str) -> Caught:
        with self._path(ident).open("rb") as file:
            return Caught(ident, BytesHeaderParser(policy=policy.default).parse(file))

    def read(self, ident: str) -> Caught | None:
        """Return a message, or None where there is none of that name."""
        try:
            return Caught(ident, BytesParser(policy=policy.default).parsebytes(self.source(ident)))
        except FileNotFoundError:
            return None

    def source(self, ident: str) -> bytes:
        """Return the very bytes that are kept."""
        return self._path(ident).read_bytes()

    def _path(self, ident: str) -> Path:
        if not IDENT.fullmatch(ident):
            raise FileNotFoundError(ident)
        return self.folder / f"{ident}.eml"


def _decoded(raw: str) -> str:
    text = raw.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    try:
        return _one_line(str(make_header(decode_header(text))))
    except (LookupError, ValueError, HeaderParseError):
        return _one_line(text)


def _one_line(value: str) -> str:
    return " ".join(value.split())
