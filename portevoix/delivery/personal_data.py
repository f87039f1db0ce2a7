"""What the outbox owes to the persons in it."""

from __future__ import annotations

from django.db.models import Case, F, Value, When

from portevoix.delivery.models import MAY_LEAVE, Message, State
from portevoix.rights.types import Handler, register


class OutboxHandler(Handler):
    """A message's person follows its ground: the composite key moves it when the ground is moved."""

    def merge(self, kept_id: int, absorbed_id: int) -> None:
        return


# The row stays for the batch's totals and says nothing about anyone; what still waited never leaves.
register(
    OutboxHandler(
        Message,
        exported=["batch__subject", "purpose", "channel", "state", "done_at", "unsubscribed_at"],
        erasure="blank",
        blanked=[
            ("state", Case(When(state__in=MAY_LEAVE, then=Value(State.SUPPRESSED.value)), default=F("state"))),
            ("person", None),
            ("ground", None),
            ("reply", ""),
        ],
    )
)
