"""What may not be done with standard letters."""

from __future__ import annotations


class NotOptional(Exception):
    """Somebody waits for this letter, or the law asks for it: it always leaves."""


class NoAddressForTests(Exception):
    """Whoever asks for a test has no address to which one may be sent."""
