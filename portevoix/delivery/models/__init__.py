"""What the room keeps: the outbox, what became of text messages, and the calls, letters and visits of volunteers."""

from portevoix.delivery.models.contacts import Contact
from portevoix.delivery.models.outbox import (
    MAY_LEAVE,
    Batch,
    BatchQuerySet,
    Bounce,
    LinkTotal,
    LinkTotalQuerySet,
    Message,
    MessageQuerySet,
    Run,
    Setback,
    State,
    Tally,
)
from portevoix.delivery.models.texts import TextReceipt, TextReply

__all__ = [
    "MAY_LEAVE",
    "Batch",
    "BatchQuerySet",
    "Bounce",
    "Contact",
    "LinkTotal",
    "LinkTotalQuerySet",
    "Message",
    "MessageQuerySet",
    "Run",
    "Setback",
    "State",
    "Tally",
    "TextReceipt",
    "TextReply",
]
