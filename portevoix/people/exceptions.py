"""The people room's errors."""

from __future__ import annotations


class OutOfSight(Exception):
    """The person is gone, or is not of the actor's territory: to the actor, both are the same."""
