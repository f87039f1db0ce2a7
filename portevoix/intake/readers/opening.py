"""A file as it was sent: what it is, how it is encoded, its lines. Reads it as a stream, whatever its size."""

from __future__ import annotations

import codecs
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from portevoix.intake.exceptions import FileRefused
from portevoix.intake.types import Fault

MIB = 1024 * 1024
#: The most that is read, out of a zip or not: some four million rows.
LARGEST = 1024 * MIB
#: A table of people shrinks to a tenth; what shrinks to less than this is a bomb.
SMALLEST_SHARE = 1 / 200
BLOCK = MIB

MAGIC = {
    b"\xd0\xcf\x11\xe0": Fault.WORKBOOK,  # Excel before 2007
    b"\x1f\x8b": Fault.COMPRESSED,
    b"7z\xbc\xaf": Fault.COMPRESSED,
    b"Rar!": Fault.COMPRESSED,
    b"BZh": Fault.COMPRESSED,
    b"\xfd7zXZ": Fault.COMPRESSED,
    b"(\xb5/\xfd": Fault.COMPRESSED,
    b"%PDF": Fault.NOT_TEXT,
}
COMPRESSED_KINDS = {
    b"\x1f\x8b": "gzip",
    b"7z\xbc\xaf": "7z",
    b"Rar!": "rar",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"(\xb5/\xfd": "zstd",
}
#: Files inside a zip that make it a workbook of Excel or LibreOffice.
OF_A_WORKBOOK = {"[content_types].xml", "mimetype"}
#: What text never holds; tabs, line ends and NUL are judged elsewhere.
CONTROL = bytes(set(range(1, 32)) - {9, 10, 11, 12, 13, 26, 27})
UNDEFINED_IN_CP1252 = (b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d")
BROKEN = re.compile("[\udc80-\udcff]")
#: What an undecodable byte of UTF-16 becomes: its codec can keep nothing.
REPLACED = "\ufffd"


@dataclass(frozen=True)
class Inspection:
    """What one pass over a file tells; ``lines`` counts line ends, a little more than rows."""

    size: int
    lines: int
    encoding: str
    has_nul: bool
    has_broken_bytes: bool

    @property
    def broken(self) -> re.Pattern[str] | None:
        """What shows, in decoded text, that bytes could not be decoded; None where every byte could."""
        if not self.has_broken_bytes:
            return None
        return re.compile(REPLACED) if self.encoding.startswith("utf-16") else BROKEN


@contextmanager
def stream(path: Path) -> Iterator[IO[bytes]]:
    """Open a CSV file, or the only CSV file of a zip; raises FileRefused for anything else."""
    try:
        with path.open("rb") as file:
            first = file.read(8)
            file.seek(0)
            _refuse_other_formats(path, first)
            if first.startswith(b"PK"):
                with _member(file) as member:
                    yield member
            else:
                yield file
    except FileNotFoundError as error:
        raise FileRefused(Fault.MISSING) from error
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise FileRefused(Fault.ZIP_DAMAGED) from error


def _refuse_other_formats(path: Path, first: bytes) -> None:
    if not first:
        raise FileRefused(Fault.EMPTY)
    for magic, fault in MAGIC.items():
        if first.startswith(magic):
            raise FileRefused(fault, kind=COMPRESSED_KINDS.get(magic, ""))
    if path.stat().st_size > LARGEST:
        raise FileRefused(Fault.TOO_BIG, limit=LARGEST // MIB)


@contextmanager
def _member(file: IO[bytes]) -> Iterator[IO[bytes]]:
    with zipfile.ZipFile(file) as archive:
        files = [item for item in archive.infolist() if not item.is_dir()]
        if OF_A_WORKBOOK & {item.filename.lower() for item in files}:
            raise FileRefused(Fault.WORKBOOK)
        tables = [item for item in files if _is_a_table(item.filename)]
        if len(tables) != 1:
            raise FileRefused(Fault.ZIP_NOT_ONE, count=len(tables))
        [table] = tables
        if table.flag_bits & 1:
            raise FileRefused(Fault.ZIP_LOCKED)
        swells = table.file_size > BLOCK and table.compress_size < table.file_size * SMALLEST_SHARE
        if swells:
            raise FileRefused(Fault.ZIP_SWELLS)
        if table.file_size > LARGEST:
            raise FileRefused(Fault.TOO_BIG, limit=LARGEST // MIB)
        try:
            member = archive.open(table)
        except NotImplementedError as error:  # a compression that Python does not know
            raise FileRefused(Fault.ZIP_DAMAGED) from error
        with member:
            yield member


def _is_a_table(name: str) -> bool:
    path = Path(name)
    is_of_macos = "__MACOSX" in path.parts or path.name.startswith(".")
    return path.suffix.lower() in {".csv", ".tsv", ".txt"} and not is_of_macos


def inspect(path: Path) -> Inspection:
    """Read the whole file without keeping it: its encoding is only known at its last byte."""
    with stream(path) as file:
        head = file.read(BLOCK)
        if not head.strip(b"\xef\xbb\xbf \t\r\n"):
            raise FileRefused(Fault.EMPTY)
        wide = _utf_16(head)
        if wide is None and len(head.translate(None, CONTROL)) < len(head) * 0.99:
            raise FileRefused(Fault.NOT_TEXT)
        try:
            return _inspect_wide(file, head, wide) if wide else _inspect_utf_8(file, head)
        except UnicodeDecodeError:
            pass
    return _inspect_mixed(path)


def _utf_16(head: bytes) -> str | None:
    """Return the encoding of text in two bytes a letter, told by its mark or by where its zeros are."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    sample = head[:4096]
    for encoding, zeros in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[::2])):
        if len(zeros) > 8 and zeros.count(0) > len(zeros) * 0.6:
            return encoding
    return None


def _blocks(file: IO[bytes], head: bytes) -> Iterator[bytes]:
    size = 0
    while head:
        size += len(head)
        if size > LARGEST:
            raise FileRefused(Fault.TOO_BIG, limit=LARGEST // MIB)
        yield head
        head = file.read(BLOCK)


def _inspect_wide(file: IO[bytes], head: bytes, encoding: str) -> Inspection:
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    size = lines = 0
    has_nul = has_broken = False
    for block in _blocks(file, head):
        text = decoder.decode(block)
        size += len(block)
        lines += text.count("\n")
        has_nul = has_nul or "\0" in text
        has_broken = has_broken or REPLACED in text
    return Inspection(size, lines, encoding, has_nul, has_broken)


def _inspect_utf_8(file: IO[bytes], head: bytes) -> Inspection:
    decoder = codecs.getincrementaldecoder("utf-8")()
    size = lines = 0
    has_nul = False
    for block in _blocks(file, head):
        decoder.decode(block)
        size += len(block)
        lines += block.count(b"\n") or block.count(b"\r")
        has_nul = has_nul or b"\0" in block
    decoder.decode(b"", final=True)
    return Inspection(size, lines, "utf-8-sig", has_nul, has_broken_bytes=False)


def _inspect_mixed(path: Path) -> Inspection:
    """Tell Windows-1252 from broken UTF-8 by what most of the letters with accents are written in."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    size = lines = broken = accented = undefined = 0
    has_nul = False
    with stream(path) as file:
        for block in _blocks(file, file.read(BLOCK)):
            text = decoder.decode(block)
            found = len(BROKEN.findall(text))
            broken += found
            accented += len(text) - len(text.encode("ascii", "ignore")) - found
            undefined += sum(block.count(byte) for byte in UNDEFINED_IN_CP1252)
            size += len(block)
            lines += block.count(b"\n") or block.count(b"\r")
            has_nul = has_nul or b"\0" in block
    if broken > accented:
        return Inspection(size, lines, "cp1252", has_nul, has_broken_bytes=undefined > 0)
    return Inspection(size, lines, "utf-8-sig", has_nul, has_broken_bytes=True)


@contextmanager
def text(path: Path, inspection: Inspection) -> Iterator[Iterator[str]]:
    """Open the file as lines, ends kept; undecodable bytes stay visible to ``inspection.broken``."""
    errors = "replace" if inspection.encoding.startswith("utf-16") else "surrogateescape"
    with stream(path) as file, io.TextIOWrapper(file, inspection.encoding, errors=errors, newline="") as lines:
        yield lines
