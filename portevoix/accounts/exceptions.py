"""The accounts' errors."""

from __future__ import annotations


class NotAllowed(Exception):
    """The actor has no right to this act; the refusal is in the journal."""


class NoActor(TypeError):
    """An act was called without saying who acts."""
