"""What may be wrong with an automation."""

from __future__ import annotations

from collections.abc import Sequence


class NotPossible(Exception):
    """What was asked cannot be; the message, in the reader's language, says why."""


class Faulty(NotPossible):
    """The automation cannot be published as it is drawn: one sentence a fault."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__(" ".join(faults))
        self.faults = list(faults)


class CannotAct(Exception):
    """A step cannot do its work for anybody: what it needs is gone. Says what, in the campaign's language."""
