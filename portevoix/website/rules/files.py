"""What a file really is, whatever its name says."""

from __future__ import annotations

import re
from typing import Any

import filetype
from django.utils.translation import gettext_lazy as _

MOST_BYTES = 500 * 1024 * 1024

#: By the end of its name: what a browser is told, and what its first bytes must show.
RECORDINGS = {
    "mp4": ("video/mp4", {"video/mp4", "video/x-m4v", "video/quicktime"}),
    "webm": ("video/webm", {"video/webm", "video/x-matroska"}),
    "mp3": ("audio/mpeg", {"audio/mpeg"}),
    "m4a": ("audio/mp4", {"audio/mp4", "video/mp4"}),
    "ogg": ("audio/ogg", {"audio/ogg"}),
    "opus": ("audio/ogg", {"audio/ogg"}),
}
#: As much of a file as is looked at.
HEAD = 1024
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
#: By the end of its name: how a document begins. Office suites write archives.
DOCUMENTS: dict[str, tuple[bytes, ...]] = {
    "pdf": (b"%PDF-",),
    "rtf": (b"{\\rtf",),
    **dict.fromkeys(("docx", "key", "odt", "pptx", "xlsx", "zip"), _ZIP),
}
_WORDS = {"csv", "txt"}
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
#: What is no table and yet may be written in plain signs.
_IN_WORDS = {"pdf", "rtf", "ps"}
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_PAGE = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|!--|\?xml|[a-z])", re.IGNORECASE)
_CUE = re.compile(r"^(?:\d{2,}:)?\d{2}:\d{2}\.\d{3}[ \t]+-->[ \t]+(?:\d{2,}:)?\d{2}:\d{2}\.\d{3}", re.MULTILINE)


def _ending(name: str) -> str:
    return name.rpartition(".")[2].lower()


def type_of(name: str) -> str:
    """Return the media type that browsers are told for a recording of this name."""
    return RECORDINGS.get(_ending(name), ("application/octet-stream", set()))[0]


def kind_of_recording(name: str, head: bytes) -> str | None:
    """Return the media type of a recording whose first bytes are what its name says, None for any other."""
    known = RECORDINGS.get(_ending(name))
    shown = filetype.guess(head)
    if known is None or shown is None or shown.mime not in known[1]:
        return None
    return known[0]


def is_document(name: str, head: bytes) -> bool:
    """Tell whether a document's first bytes are what its name says; a text is no page of the web, nor bytes."""
    ending = _ending(name)
    if ending in DOCUMENTS:
        return head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(DOCUMENTS[ending])
    is_text = head.startswith(_UTF_16) or b"\0" not in head
    shown = filetype.guess(head)
    # Two or three letters that begin a picture or a film may begin a table too: « BMI ».
    is_words = shown is None or (shown.extension not in _IN_WORDS and not _CONTROL.search(head))
    return ending in _WORDS and is_text and is_words and not _PAGE.match(head)


def fault_of_captions(name: str, words: bytes) -> Any:
    """Return what is wrong with a file of captions, None where nothing is."""
    try:
        text = words.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _("Save the captions in UTF-8: their accents would be lost.")
    if _ending(name) != "vtt" or not text.startswith("WEBVTT"):
        return _("Captions are a WebVTT file: its name ends with .vtt and its first line is WEBVTT.")
    if not _CUE.search(text):
        return _("This file holds no caption.")
    return None
