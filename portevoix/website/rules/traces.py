"""What a device writes beside what is seen or heard: where, when, by whom, with what. None of it leaves with a file."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
#: Of a JPEG, what is needed to show it: JFIF, the profile of its colours, how Adobe wrote them.
_SHOWN_PARTS = {0xE0: b"", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
_IS_APPLICATION, _IS_COMMENT, _SCAN = range(0xE0, 0xF0), 0xFE, 0xDA
#: Of a PNG, what says things that are not seen.
_TOLD_CHUNKS = {b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"}
#: Of an MP4: Apple's and Adobe's notes, the place among them; and what holds such boxes.
_TOLD_BOXES, _WITHIN = {b"udta", b"meta", b"uuid"}, {b"moov", b"trak"}
_BLANK = 64 * 1024


def without_traces(picture: bytes) -> bytes:
    """Return a JPEG or a PNG without what is not seen of it, not one pixel changed; anything else as it is."""
    if picture.startswith(_JPEG):
        return b"".join(_parts_of_jpeg(picture))
    if picture.startswith(_PNG):
        return _PNG + b"".join(_chunks_of_png(picture))
    return picture


def _parts_of_jpeg(picture: bytes) -> Iterator[bytes]:
    yield picture[:2]
    at = 2
    while at + 4 <= len(picture) and picture[at] == 0xFF:
        marker = picture[at + 1]
        if marker == _SCAN:
            break
        end = at + 2 + int.from_bytes(picture[at + 2 : at + 4], "big")
        begins = _SHOWN_PARTS.get(marker)
        is_told = marker == _IS_COMMENT or marker in _IS_APPLICATION
        if not is_told or (begins is not None and picture[at + 4 :].startswith(begins)):
            yield picture[at:end]
        at = end
    yield picture[at:]


def _chunks_of_png(picture: bytes) -> Iterator[bytes]:
    at = len(_PNG)
    while at + 12 <= len(picture):
        end = at + 12 + int.from_bytes(picture[at : at + 4], "big")
        if picture[at + 4 : at + 8] not in _TOLD_CHUNKS:
            yield picture[at:end]
        at = end


def blank_traces(film: BinaryIO) -> int:
    """Write nothing over what an MP4 or M4A says beside its pictures and sound; return how many boxes were blanked.

    Each becomes free space of the same length, so that players find everything else where it was.
    """
    film.seek(0, 2)
    told = list(_told_boxes(film, 0, film.tell()))
    for start, head, end in told:
        film.seek(start + 4)
        film.write(b"free")
        film.seek(start + head)
        left = end - start - head
        while left > 0:
            left -= film.write(bytes(min(left, _BLANK)))
    return len(told)


def _told_boxes(film: BinaryIO, at: int, until: int) -> Iterator[tuple[int, int, int]]:
    """Yield where each box begins, how long its head is, and where it ends."""
    while at + 8 <= until:
        film.seek(at)
        size, kind = struct.unpack(">I4s", film.read(8))
        head = 8
        if size == 1:
            head, size = 16, int.from_bytes(film.read(8), "big")
        end = until if size == 0 else at + size
        if end < at + head or end > until:
            return  # cut short, or no film at all
        if kind in _TOLD_BOXES:
            yield at, head, end
        elif kind in _WITHIN:
            yield from _told_boxes(film, at + head, end)
        at = end
