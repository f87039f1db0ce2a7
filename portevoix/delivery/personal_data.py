"""What the outbox owes to the persons in it."""

from __future__ import annotations

from django.db.models import Case, Exists, F, OuterRef, Q, Value, When

from portevoix.delivery.models import (
    UNSETTLED,
    Bounce,
    Contact,
    Message,
    MessageQuerySet,
    State,
    TextReceipt,
    TextReply,
)
from portevoix.kernel import clock
from portevoix.people.models import Person
from portevoix.rights.exceptions import MailUnderWay
from portevoix.rights.purposes import OPTIONAL, Advertising
from portevoix.rights.selectors.merging import clash
from portevoix.rights.types import Follower, Handler, Trace, register

#: What has not left and is in nobody's hands.
STILL_HERE = (State.QUEUED, State.PAUSED)


class OutboxHandler(Handler):
    """A message's person follows its ground: the composite key moves it when the ground is moved.

    A message that waits on a ground that does not hold, or no longer will, would stop that move at the gate.
    """

    def merge(self, kept_id: int, absorbed_id: int) -> Trace:
        """Hold back what nobody wants twice, or at all. Raises MailUnderWay."""
        waiting = Message.objects.filter(person__in=[kept_id, absorbed_id])
        # Messages first, grounds after: the order in which a dispatcher takes them.
        list(waiting.unsettled().select_for_update().values_list("pk"))
        clashing = clash(kept_id, absorbed_id)
        ending = Q(ground__in=clashing.ended)
        if Person.objects.restricted().filter(pk__in=[kept_id, absorbed_id]).exists():
            ending |= Q(purpose__in=list(OPTIONAL))  # who is restricted on one record is so on both (RGPD art. 18)
        # Two records may be of two ages, and agree to different things: an advertisement is held back rather.
        ending |= ~Q(batch__advertising=Advertising.NONE)
        _hold_back(waiting, ending)
        twin = Message.objects.filter(batch=OuterRef("batch"), person__in=[kept_id, absorbed_id]).exclude(
            pk=OuterRef("pk")
        )
        gone = twin.exclude(state__in=[*STILL_HERE, State.SUPPRESSED])
        earlier = twin.filter(state__in=STILL_HERE, pk__lt=OuterRef("pk"))
        twins = waiting.filter(Exists(gone) | Exists(earlier), state__in=STILL_HERE)
        Message.objects.filter(pk__in=list(twins.values_list("pk", flat=True))).update(
            state=State.SUPPRESSED, done_at=clock.now()
        )
        for superseded, kept in clashing.superseded.items():
            waiting.unsettled().filter(ground=superseded).update(ground=kept, person=kept_id)
        return Trace()

    def part(self, trace: Trace, kept_id: int, absorbed_id: int) -> None:
        """Hold back what waits on a ground that was withdrawn meanwhile. Raises MailUnderWay."""
        _hold_back(Message.objects.filter(person=kept_id), Q(pk__in=[]))


def _hold_back(messages: MessageQuerySet, ending: Q) -> None:
    ended = messages.filter(Q(ground__withdrawn_at__isnull=False) | Q(ground__is_held=True) | ending)
    if ended.filter(state=State.SENDING).exists():
        raise MailUnderWay
    ids = list(ended.filter(state__in=STILL_HERE).values_list("pk", flat=True))
    Message.objects.filter(pk__in=ids).update(state=State.SUPPRESSED, done_at=clock.now())


# The row stays for the batch's totals and says nothing about anyone; what still waited never leaves.
register(
    OutboxHandler(
        Message,
        exported=["batch__subject", "purpose", "channel", "state", "done_at", "reply", "unsubscribed_at"],
        erasure="blank",
        blanked=[
            ("state", Case(When(state__in=UNSETTLED, then=Value(State.SUPPRESSED.value)), default=F("state"))),
            ("person", None),
            ("ground", None),
            ("reply", ""),
        ],
    )
)
register(Handler(Bounce, exported=["batch__subject", "email__address", "bad", "status", "at"]))
# What a provider said of a text counts, and no longer says of whom.
register(
    Handler(
        TextReceipt,
        exported=["batch__subject", "phone__number", "parts", "state", "at"],
        erasure="blank",
        blanked=[("person", None), ("phone", None), ("reference", "")],
    )
)
register(Handler(TextReply, exported=["batch__subject", "text", "is_stop", "at", "read_at"], same=["reference"]))


# Calls, letters and visits follow the ground they lean on, by their composite key: where it goes, they go.
register(
    Follower(
        Contact, exported=["purpose", "channel", "result", "note", "volunteer", "at", "recorded_at", "recorded_by"]
    )
)
