"""What can be wrong with a change of the calendar."""

from __future__ import annotations


class SilenceIsRunning(Exception):
    """A silence that has begun would end by this change: whoever makes it must say why."""
