"""What can keep an audit from being made."""

from __future__ import annotations


class NotPossible(Exception):
    """An audit cannot be asked for now; the text says why, for whoever asked."""
