"""What the room keeps: the outbox, what became of text messages, and the calls, letters and visits of volunteers."""

from portevoix.delivery.models.contacts import Contact
from portevoix.delivery.models.outbox import (
    MAY_LEAVE,
    UNSETTLED,
    Batch,
    BatchQuerySet,
    Bounce,
    ClickHour,
    LinkTotal,
    Message,
    MessageQuerySet,
    OpenHour,
    Run,
    Setback,
    State,
    Tally,
)
from portevoix.delivery.models.texts import TextReceipt, TextReply

__all__ = [
    "MAY_LEAVE",
    "UNSETTLED",
    "Batch",
    "BatchQuerySet",
    "Bounce",
    "ClickHour",
    "Contact",
    "LinkTotal",
    "Message",
    "MessageQuerySet",
    "OpenHour",
    "Run",
    "Setback",
    "State",
    "Tally",
    "TextReceipt",
    "TextReply",
]
