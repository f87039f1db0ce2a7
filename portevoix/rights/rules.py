"""The ledger's chain, as pure arithmetic: what the database wrote is computed again without it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from portevoix.rights.exceptions import ReceiptUnreadable
from portevoix.rights.types import Break, Fault

_RECEIPT = re.compile(r"([0-9]{1,18})-([0-9a-f]{64})")


@dataclass(frozen=True)
class Receipt:
    """The number and hash of an entry: kept elsewhere, it proves later that nothing up to there was touched."""

    number: int
    hash: bytes

    @classmethod
    def beginning(cls) -> Self:
        """Return what the first entry is chained to."""
        return cls(0, hashlib.sha256(b"").digest())

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a receipt that was printed. Raises ReceiptUnreadable."""
        match = _RECEIPT.fullmatch(text.strip())
        if match is None:
            raise ReceiptUnreadable(text)
        return cls(int(match[1]), bytes.fromhex(match[2]))

    def __str__(self) -> str:
        return f"{self.number}-{self.hash.hex()}"


@dataclass(frozen=True)
class Written:
    """An entry as it is in the table: its number, the text that its hash is made of, and the hash."""

    number: int
    text: str
    hash: bytes


class Chain:
    """Walks entries in their order, and remembers the last that was right."""

    def __init__(self, start: Receipt) -> None:
        self.last = start

    def follow(self, entries: Iterable[Written]) -> Break | None:
        """Walk on; return the first break, if there is one."""
        for entry in entries:
            if entry.number != self.last.number + 1:
                return Break(self.last.number + 1, Fault.MISSING)
            if hashlib.sha256(self.last.hash + entry.text.encode()).digest() != entry.hash:
                return Break(entry.number, Fault.ALTERED)
            self.last = Receipt(entry.number, entry.hash)
        return None
