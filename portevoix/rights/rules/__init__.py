"""The ledger's chain, as pure arithmetic: what the database wrote is computed again without it."""

from __future__ import annotations

import hashlib
import hmac
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

    def then(self, number: int, text: str) -> Receipt:
        """Return what this, and then ``text`` at ``number``, are chained to."""
        return Receipt(number, hashlib.sha256(self.hash + text.encode()).digest())

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
            computed = self.last.then(entry.number, entry.text)
            if computed.hash != entry.hash:
                return Break(entry.number, Fault.ALTERED)
            self.last = computed
        return None


@dataclass(frozen=True)
class SuppressionKey:
    """The key of the hashes of erased people's contacts: HMAC-SHA-256, whose two pads SQL can use as well."""

    key: bytes

    @classmethod
    def of(cls, secret: str | bytes) -> Self:
        """Derive the key from a secret of the instance, for this use only."""
        secret = secret.encode() if isinstance(secret, str) else secret
        return cls(hashlib.sha256(b"portevoix.rights.suppression:" + secret).digest())

    @property
    def name(self) -> str:
        """What tells this key from others, and tells nothing of it."""
        return hashlib.sha256(b"portevoix.rights.suppression.name:" + self.key).hexdigest()[:16]

    def digest(self, kind: str, value: str) -> bytes:
        """Return the hash of one contact in its normal form."""
        return hmac.digest(self.key, f"{kind}:{value}".encode(), "sha256")

    @property
    def pads(self) -> tuple[bytes, bytes]:
        """The inner and the outer pad of HMAC (RFC 2104): sha256(outer || sha256(inner || text))."""
        padded = self.key.ljust(64, b"\0")
        return bytes(byte ^ 0x36 for byte in padded), bytes(byte ^ 0x5C for byte in padded)
