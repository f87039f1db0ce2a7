"""The words of the outbox: a letter, an envelope on its way, and what became of it.

Plain values without tables, so that rules and transports can be read, tested and timed alone.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from django.utils.functional import Promise

from portevoix.kernel.registry import Registry


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What is written once and sent to many; `{{ field|otherwise }}` stands for each person's own words."""

    subject: str
    text: str
    #: Without HTML the message is plain text alone (confirmations, alerts).
    html: str = ""
    sender_name: str
    sender_address: str
    reply_to: str = ""
    #: Name of the list as the reader's mail program may show it (RFC 2919).
    list_name: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message ready for the wire: complete RFC 5322 bytes with CRLF line ends, not yet dot-stuffed."""

    #: The outbox row; the transport hands it back untouched.
    ref: int
    sender: str
    recipient: str
    content: bytes


class Outcome(StrEnum):
    """What a server made of one message."""

    #: The server took responsibility for it (2xx after the final dot).
    SENT = "sent"
    #: Not taken, but may be later (4xx, or the line broke before the message was complete).
    DEFERRED = "deferred"
    #: Never (5xx).
    REFUSED = "refused"
    #: Complete message sent, no answer came: the server may or may not have it. Never guessed.
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome for one envelope, with the server's own words as evidence."""

    ref: int
    outcome: Outcome
    #: SMTP reply code; 0 when no server said anything.
    code: int
    reply: str


class Bad(StrEnum):
    """What may be wrong with a message after a server took it, or refused it."""

    #: Nobody has this address.
    HARD = "hard"
    #: Not now: a full mailbox, a server that was away for days.
    SOFT = "soft"
    #: The server wants nothing of us, or not this; the address is not to blame.
    POLICY = "policy"
    #: Its reader called it spam.
    COMPLAINT = "complaint"
    #: Its reader left by the provider's own button.
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Found:
    """What went wrong with a message, and by which address; None for the one it was just sent to."""

    message_id: int
    email_id: int | None
    bad: Bad
    status: str


@dataclass(frozen=True, slots=True)
class Returned:
    """A message in the mailbox of bounces: its name there and its octets, the first of them where it is long."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Recipient:
    """What merge fields may be made of, read at the moment a message leaves."""

    message_id: int
    person_id: int
    person_ref: uuid.UUID
    first_name: str
    last_name: str
    commune: str
    address: str


@dataclass(frozen=True)
class MergeField:
    """A word that differs from person to person."""

    label: str | Promise
    #: What previews show.
    sample: str | Promise
    #: One value a recipient, in order; asked for many at a time, so that one query is enough.
    values: Callable[[Sequence[Recipient]], Sequence[str]]
    #: Whether every reader has one, so that it needs no words for those who have not.
    is_always_known: bool = False


#: Filled from `AppConfig.ready()`; upper rooms add theirs.
MERGE_FIELDS: Registry[MergeField] = Registry("merge fields")
