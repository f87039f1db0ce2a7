"""The paths room's errors."""

from __future__ import annotations


class MovedMeanwhile(Exception):
    """Somebody else changed the same thing since it was read; nothing was written. Says what it holds now."""

    def __init__(self, now: str) -> None:
        super().__init__(now)
        self.now = now


class OnThePath(Exception):
    """The person is on the path already."""


class NotPossible(Exception):
    """What was asked cannot be; the message, in the reader's language, says why."""
