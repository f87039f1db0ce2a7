"""The accounts' errors."""

from __future__ import annotations

from datetime import datetime


class NotAllowed(Exception):
    """The actor has no right to this act; the refusal is in the journal."""


class KeptRefusal(Exception):
    """A refusal that the journal keeps, under the code ``reason``, although nothing else of the act stays."""

    reason = ""


class NoActor(TypeError):
    """An act was called without saying who acts."""


class Closed(Exception):
    """Too many failures: nobody signs in with this account, or from this address, before ``until``."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


class WrongProof(Exception):
    """A code or a passkey that does not prove anything."""


class LastDirector(Exception):
    """A campaign cannot be left without anybody who may give mandates."""


class OutOfScope(Exception):
    """The role does not hold there: some are over all of France alone, one is over one département."""


class OwnRights(Exception):
    """Nobody changes their own mandates."""


class LastFactor(Exception):
    """The last second factor stays while one is asked of everybody."""
