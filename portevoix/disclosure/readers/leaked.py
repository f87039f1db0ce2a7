"""Addresses and numbers in a file found outside, whatever its form, order and case: text, CSV, or an archive of such.

A spreadsheet is an archive too. The file is read as a stream and never kept.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from typing import IO

from portevoix.disclosure.exceptions import Unreadable
from portevoix.disclosure.rules.canaries import JOINED, NAMED
from portevoix.kernel import normalise

ADDRESS = re.compile(r"[a-z0-9._%+-]{1,64}@[a-z0-9.-]{1,190}\.[a-z]{2,24}")
#: Mobile numbers, and those of landlines that are kept for fiction.
NUMBER = re.compile(
    r"(?<!\d)(?:\+?33|0033|0)[\s.\-]?(?:[67](?:[\s.\-]?\d\d){2}|1[\s.\-]?99[\s.\-]?00)(?:[\s.\-]?\d\d){2}(?!\d)"
)
_NAMES = "|".join(sorted({normalise.sort_key(name) for name in JOINED}))
JOINED_NAMES = re.compile(rf"(?<![a-z])({_NAMES})[-‐‑]({_NAMES})(?![a-z])")
_ACCENTS = re.compile("[\u0300-\u036f]+")
BLOCK = 1 << 20
#: Longer than what is looked for: kept from a block for the next one.
TAIL = 320
#: An archive may pretend to be small.
LARGEST = 4 << 30


def clues(file: IO[bytes]) -> Iterator[str]:
    """Yield each address, in lower case, and each French mobile number, as +33…; some more than once.

    Raises Unreadable.
    """
    if not zipfile.is_zipfile(file):
        file.seek(0)
        yield from _in_stream(file)
        return
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            if sum(member.file_size for member in archive.infolist()) > LARGEST:
                raise Unreadable
            for member in archive.infolist():
                with archive.open(member) as part:
                    yield from _in_stream(part)
    except (RuntimeError, NotImplementedError, zipfile.BadZipFile) as error:
        raise Unreadable from error


def _in_stream(file: IO[bytes]) -> Iterator[str]:
    block = file.read(BLOCK)
    is_wide = block.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    decoder = codecs.getincrementaldecoder("utf-16" if is_wide else "utf-8")(errors="replace")
    kept, total = "", 0
    while block:
        total += len(block)
        if total > LARGEST:
            raise Unreadable
        text = kept + decoder.decode(block).lower()
        yield from in_text(text)
        kept = text[-TAIL:]
        block = file.read(BLOCK)


def in_text(text: str) -> Iterator[str]:
    """Yield the addresses and numbers of a text, and the names that only somebody invented has."""
    text = text.lower()
    for found in ADDRESS.finditer(text):
        yield found.group()
    for found in NUMBER.finditer(text):
        yield "+33" + re.sub(r"\D", "", found.group())[-9:]
    for found in JOINED_NAMES.finditer(_plain(text)):
        yield f"{NAMED}{found[1]} {found[2]}"


def _plain(text: str) -> str:
    return text if text.isascii() else _ACCENTS.sub("", unicodedata.normalize("NFD", text))
