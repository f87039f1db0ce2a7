"""When an address that bounces is written to no more."""

from __future__ import annotations

from datetime import timedelta

#: So many messages that a server could not deliver for now…
SOFT_MOST = 5
#: … within so long: a mailbox that is full for a month is abandoned.
SOFT_WITHIN = timedelta(days=30)
#: So long a server may try before it sends a message back (RFC 5321, 4.5.4.1): what has not come back by then arrived.
SETTLED_AFTER = timedelta(days=5)


def is_dead(soft: int) -> bool:
    """Tell whether so many soft bounces within `SOFT_WITHIN` mean that the address does not work."""
    return soft >= SOFT_MOST
