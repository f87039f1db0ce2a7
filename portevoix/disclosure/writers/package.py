"""A file inside an AES-256 archive (WinZip AE-2), written as a stream: nothing readable ever touches the disk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pyzipper


@contextmanager
def sealed(path: Path, *, inside: str, password: str) -> Iterator[IO[bytes]]:
    """Yield where to write the one file of the archive; ``path`` exists once it is whole, and only then."""
    with folder(path, password=password) as archive, archive.open(inside, "w", force_zip64=True) as to:
        yield to


@contextmanager
def folder(path: Path, *, password: str) -> Iterator[pyzipper.AESZipFile]:
    """Yield an archive that takes several files, one after the other.

    What was written of an archive that is not finished goes, but after the sudden death of the process: the next
    writing, or the sweep, removes that.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            archive = pyzipper.AESZipFile(
                file, "w", compression=pyzipper.ZIP_DEFLATED, compresslevel=6, encryption=pyzipper.WZ_AES
            )
            archive.setpassword(password.encode())
            try:
                yield archive
                archive.close()
            except BaseException:
                archive.fp = None  # given up: closing it would write its end
                raise
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
