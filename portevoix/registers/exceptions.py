"""The registers' errors."""

from __future__ import annotations


class LacksWords(Exception):
    """Something that the law asks for is not said; the text tells what, in the reader's language."""


class Stale(Exception):
    """Somebody else amended the same thing meanwhile: nothing was written."""
