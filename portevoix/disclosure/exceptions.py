"""The errors of the way out."""

from __future__ import annotations


class NotYours(Exception):
    """A disclosure granted to one actor is used by another."""


class UnknownField(ValueError):
    """A field that no file about people has; the text names it."""
