"""The words of the outbox: a letter, an envelope on its way, and what became of it.

Plain values without tables, so that rules and transports can be read, tested and timed alone.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portevoix.kernel.registry import Registry
from portevoix.rights.purposes import Channel


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

    @property
    def automatic(self) -> Letter:
        """The same, saying that a machine writes, so that no other machine answers (RFC 3834)."""
        return replace(self, headers={"Auto-Submitted": "auto-generated", **self.headers})


@dataclass(frozen=True)
class Measuring:
    """What is counted of a letter besides its clicks, which are a total for each link and tell of nobody."""

    #: Openings, in all, by one picture that is the same for every reader.
    opens: bool = False
    #: Clicks (and openings, where they are counted) of each reader who agreed to that, under their name.
    people: bool = False


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message ready for the wire.

    A letter is complete RFC 5322 bytes with CRLF line ends, not yet dot-stuffed; a text is the JSON of `TextBody`.
    """

    #: The outbox row; the transport hands it back untouched.
    ref: int
    sender: str
    recipient: str
    content: bytes


@dataclass(frozen=True, slots=True)
class TextBody:
    """What is in the envelope of a text message."""

    words: str
    #: Whether it goes to a list: then it says how to get no more.
    is_list: bool

    def packed(self) -> bytes:
        """Return it as an envelope's content."""
        return json.dumps([self.words, self.is_list]).encode()

    @classmethod
    def unpacked(cls, content: bytes) -> TextBody:
        """Read an envelope's content."""
        words, is_list = json.loads(content)
        return cls(words, is_list)


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
    #: Whether it is who sends that the server refuses: whoever was written to is not to blame.
    is_of_sender: bool = False


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
    #: Whether it belongs in letters that somebody's own request calls for, and in no other.
    is_of_requests: bool = False


#: Filled from `AppConfig.ready()`; upper rooms add theirs.
MERGE_FIELDS: Registry[MergeField] = Registry("merge fields")


@dataclass(frozen=True, kw_only=True)
class Text:
    """What is written once and sent to many telephones, with merge fields as in a letter.

    How to answer STOP is not in it: that is added, and counted, by what the configuration says of the provider.
    """

    words: str
    sender: str = ""


class ContactResult(models.TextChoices):
    """What came of a call, a letter or a visit. Never renamed: rows name it."""

    TALKED = "talked", _("we talked")
    NO_ANSWER = "no_answer", _("no answer")
    MESSAGE_LEFT = "message_left", _("a message was left")
    CALL_BACK = "call_back", _("to be contacted again")
    SENT = "sent", pgettext_lazy("letter", "sent")
    RETURNED = "returned", _("came back: wrong address")
    WRONG = "wrong", _("wrong number or address")
    REFUSED = "refused", _("wants no more of these contacts")


#: What volunteers do by hand, and what may come of it.
BY_HAND: dict[Channel, tuple[ContactResult, ...]] = {
    Channel.PHONE: (
        ContactResult.TALKED,
        ContactResult.NO_ANSWER,
        ContactResult.MESSAGE_LEFT,
        ContactResult.CALL_BACK,
        ContactResult.WRONG,
        ContactResult.REFUSED,
    ),
    Channel.POST: (ContactResult.SENT, ContactResult.RETURNED, ContactResult.REFUSED),
    Channel.DOOR: (
        ContactResult.TALKED,
        ContactResult.NO_ANSWER,
        ContactResult.MESSAGE_LEFT,
        ContactResult.CALL_BACK,
        ContactResult.WRONG,
        ContactResult.REFUSED,
    ),
}


@dataclass(frozen=True, kw_only=True)
class MadeContact:
    """A call, a letter or a visit, as it is told."""

    channel: Channel
    result: ContactResult
    at: datetime
    note: str = ""
    volunteer: str = ""


@dataclass(frozen=True)
class SaidReceipt:
    """What a provider says became of a text message."""

    reference: str
    #: None as long as it is not settled.
    is_delivered: bool | None
    code: str = ""
    #: Whether the number is nobody's.
    is_unknown: bool = False


@dataclass(frozen=True)
class SaidReply:
    """What a provider says somebody answered."""

    reference: str
    number: str
    text: str
    at: datetime
    #: Whether the provider itself took it for a wish to get no more.
    is_stop: bool = False
    #: Whether ``reference`` is the provider's own name for this very answer: told again, it is the same one.
    is_named: bool = True
