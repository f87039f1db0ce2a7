"""Plain values of the public site."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Link:
    """An entry of a menu."""

    label: str
    url: str
    is_current: bool = False


@dataclass(frozen=True)
class StoredPage:
    """A page as it left, ready to leave again."""

    body: bytes
    compressed: bytes | None
    headers: dict[str, str]
    generation: tuple[int, int]
    expires_at: datetime

    @property
    def weight(self) -> int:
        """Bytes it takes in memory, about."""
        return len(self.body) + len(self.compressed or b"") + 512
