"""A Maildir: what arrived is in `new`, what was seen in `cur`; a file appears there whole, by one rename."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from portevoix.delivery.exceptions import ReaderUnavailable
from portevoix.delivery.rules.reports import MOST_OCTETS
from portevoix.delivery.types import Returned

FOLDERS = ("tmp", "new", "cur")


class MaildirReader:
    """Reads what is new in a Maildir."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> Self:
        if not (self._folder / "new").is_dir():
            raise ReaderUnavailable(f"{self._folder} is not a Maildir")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def batches(self, size: int, *, most: int) -> Iterator[list[Returned]]:
        """Yield what is new, so many at a time."""
        # Names begin with the second of arrival.
        names = sorted(entry.name for entry in os.scandir(self._folder / "new") if entry.is_file(follow_symlinks=False))
        for start in range(0, min(len(names), most), size):
            yield [self._read(name) for name in names[start : min(start + size, most)]]

    def _read(self, name: str) -> Returned:
        try:
            with (self._folder / "new" / name).open("rb") as file:
                return Returned(name, file.read(MOST_OCTETS))
        except OSError as error:
            raise ReaderUnavailable(f"{name}: {error.strerror}") from error

    def settle(self, name: str, *, keep: bool) -> None:
        """Remove a report; move anything else to what was seen."""
        path = self._folder / "new" / name
        if keep:
            (self._folder / "cur").mkdir(exist_ok=True)
            path.replace(self._folder / "cur" / f"{name.partition(':')[0]}:2,S")
        else:
            path.unlink(missing_ok=True)


def deposit(folder: Path, octets: bytes) -> Path:
    """Put a message into a Maildir; it is on the disk when this returns."""
    for name in FOLDERS:
        (folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"{time.time_ns()}.{secrets.token_hex(8)}.portevoix"
    with os.fdopen(os.open(folder / "tmp" / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(octets)
        file.flush()
        os.fsync(file.fileno())
    return (folder / "tmp" / name).rename(folder / "new" / name)
