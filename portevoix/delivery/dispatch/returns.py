"""What went wrong with messages is written down, and their addresses' states with it, many a statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from django.db import connection, transaction
from django.db.models import Count, Exists, OuterRef

from portevoix.delivery.models import Bounce, Message, State
from portevoix.delivery.rules import bounces
from portevoix.delivery.types import Bad, Found
from portevoix.people.models import EmailAddress
from portevoix.people.types import USABLE, ContactStatus
from portevoix.rights.purposes import OPTIONAL, Channel

# A message that was just refused went to the address that it was written to, or else to its reader's main one.
ENTER = """
INSERT INTO delivery_bounce (message_id, batch_id, person_id, email_id, bad, status, at)
SELECT m.id, m.batch_id, m.person_id, e.id, r.bad, r.status, %(at)s
FROM unnest(%(messages)s::bigint[], %(emails)s::bigint[], %(bad)s::text[], %(statuses)s::text[], %(addresses)s::text[])
    AS r(message_id, email_id, bad, status, address)
JOIN delivery_message m ON m.id = r.message_id AND m.channel = 'email'
JOIN people_emailaddress e ON e.person_id = m.person_id
    AND CASE WHEN r.email_id IS NOT NULL THEN e.id = r.email_id
        WHEN r.address IS NOT NULL THEN e.address = r.address ELSE e.is_primary END
ON CONFLICT (message_id, bad) DO NOTHING
RETURNING message_id, email_id, bad
"""


#: Of a dead run nobody knows any more where its messages went.
NOT_KNOWN: Mapping[int, str] = MappingProxyType({})


@dataclass
class Entered:
    """What follows from what was new."""

    #: Addresses that are written to no more.
    stopped: int = 0
    #: Messages whose readers want no more of their kind, and why.
    leaving: list[Message] = field(default_factory=list)
    why: dict[int, Bad] = field(default_factory=dict)


@transaction.atomic
def enter(found: Sequence[Found], *, at: datetime, written_to: Mapping[int, str] = NOT_KNOWN) -> Entered:
    """Write down what is new; take what is said of an address into its state, at once (RFC 3464, RFC 5965)."""
    if not found:
        return Entered()
    with connection.cursor() as cursor:
        cursor.execute(
            ENTER,
            {
                "at": at,
                "messages": [one.message_id for one in found],
                "addresses": [written_to.get(one.message_id) for one in found],
                "emails": [one.email_id for one in found],
                "bad": [one.bad.value for one in found],
                "statuses": [one.status[:11] for one in found],
            },
        )
        rows = [(message, email, Bad(bad)) for message, email, bad in cursor.fetchall()]
    emails = EmailAddress.objects.filter(status__in=USABLE)
    dead = {email for _message, email, bad in rows if bad is Bad.HARD}
    dead |= _too_often({email for _message, email, bad in rows if bad is Bad.SOFT}, at=at)
    refused = [email for _message, email, bad in rows if bad is Bad.COMPLAINT]
    stopped = EmailAddress.objects.filter(pk__in=refused).exclude(status=ContactStatus.REFUSED)
    count = stopped.update(status=ContactStatus.REFUSED)
    count += emails.filter(pk__in=dead).update(status=ContactStatus.BOUNCING)
    why: dict[int, Bad] = {message: bad for message, _email, bad in rows if bad in (Bad.COMPLAINT, Bad.LEFT)}
    leaving = Message.objects.filter(pk__in=why, purpose__in=OPTIONAL, person__isnull=False)
    return Entered(count, list(leaving.select_related("person").order_by("pk")), why)


def _too_often(emails: set[int], *, at: datetime) -> set[int]:
    """Return the addresses that bounced too often since a message last reached their readers."""
    if not emails:
        return set()
    back = Bounce.objects.filter(message=OuterRef("pk"), bad__in=[Bad.HARD, Bad.SOFT, Bad.POLICY])
    reached = Message.objects.filter(
        ~Exists(back),
        person=OuterRef("person"),
        channel=Channel.EMAIL,
        state=State.SENT,
        done_at__gt=OuterRef("at"),
        done_at__lte=at - bounces.SETTLED_AFTER,
    )
    soft = Bounce.objects.filter(email__in=emails, bad=Bad.SOFT, at__gte=at - bounces.SOFT_WITHIN).order_by()
    counted = soft.filter(~Exists(reached)).values_list("email").annotate(Count("pk"))
    return {email for email, number in counted if bounces.is_dead(number)}
