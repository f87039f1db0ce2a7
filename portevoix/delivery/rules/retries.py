"""When a message that was refused for now is tried again, and when no more."""

from __future__ import annotations

from datetime import timedelta

#: Greylisting lets a message in after some minutes; a full mailbox may take a day (RFC 5321, 4.5.4.1).
DELAYS = (
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=16),
)
#: When no server answers at all nothing was tried: the whole queue waits a little.
UNAVAILABLE = timedelta(minutes=1)
AT_ONCE = timedelta()


def delay_after(attempts: int) -> timedelta | None:
    """Return how long to wait after so many attempts; None when that was the last."""
    return DELAYS[attempts - 1] if attempts <= len(DELAYS) else None
