"""What may not be done with standard letters."""

from __future__ import annotations


class NotOptional(Exception):
    """Somebody waits for this letter, or the law asks for it: it always leaves."""
