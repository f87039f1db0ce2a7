"""Commands on text messages: write to an audience, take in receipts and answers, read them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Role
from portevoix.delivery import selectors
from portevoix.delivery.dispatch import queueing, receipts
from portevoix.delivery.exceptions import NoTextProvider, NoWords, TooManyParts
from portevoix.delivery.models import Batch, LinkTotal, Message, State, TextReply
from portevoix.delivery.rules import clicks, merge, stops, texting, tokens
from portevoix.delivery.selectors import texting as reads
from portevoix.delivery.services import LONGEST_SUBJECT
from portevoix.delivery.types import MERGE_FIELDS, Letter, SaidReceipt, SaidReply, Text
from portevoix.kernel import clock, jobs, normalise
from portevoix.people import interactions
from portevoix.people.models import Person
from portevoix.people.types import Kind
from portevoix.rights import services as rights
from portevoix.rights.exceptions import NotFromTheGate
from portevoix.rights.gate import Audience
from portevoix.rights.models import Ground
from portevoix.rights.purposes import OPTIONAL, Channel, Purpose

WRITERS = {Role.DIRECTOR, Role.COMMUNICATIONS}
ANSWERERS = {Role.DIRECTOR, Role.DATA_OFFICER, Role.ORGANISER, Role.LOCAL_LEAD}
#: Of an answer, so much is kept: ten parts.
LONGEST_REPLY = 1600


@command("delivery.send_texts", label=_("Write to an audience by text message"), roles=WRITERS)
def send_texts(
    text: Text,
    audience: Audience,
    *,
    about: models.Model | None = None,
    beside: Collection[int] = (),
    actor: Actor,
) -> Batch:
    """Queue a text for everybody in an audience, and for nobody else; it leaves once this transaction commits.

    A telephone gets one text, of this batch and of those ``beside`` it, however many persons share it.

    Raises LetterError for a text that cannot be sent as it is written, or by no provider.
    """
    if not isinstance(audience, Audience) or audience.channel != Channel.SMS:
        raise NotFromTheGate("an Audience comes from rights.gate.admit, for text messages")
    _check(text)
    code = tokens.new_code()
    words = text.words.strip()
    targets: list[str] = []
    if audience.purpose in OPTIONAL:
        letter = Letter(subject="", text=words, sender_name="", sender_address="")
        letter, targets = clicks.numbered(letter, lambda number: selectors.link_address(code, number))
        words = letter.text
    _measure(words, audience)
    batch = Batch.objects.create(
        code=code,
        purpose=audience.purpose,
        channel=audience.channel,
        subject=text.words.strip()[:LONGEST_SUBJECT],
        text=words,
        sender_address=text.sender or settings.INSTANCE.sms.sender,
        about_kind=about._meta.label_lower if about is not None else "",
        about_id=about.pk if about is not None else None,
        advertising=audience.advertising,
        created_at=clock.now(),
    )
    LinkTotal.objects.bulk_create(
        LinkTotal(batch=batch, number=number, target=target) for number, target in enumerate(targets, 1)
    )
    count = queueing.fill(batch, audience)
    queueing.one_a_telephone(batch, beside, at=batch.created_at)
    note(about=batch, count=count, purpose=audience.purpose, about_kind=batch.about_kind, about_id=batch.about_id)
    jobs.defer("delivery.dispatch_texts", once=True)
    return batch


def _check(text: Text) -> None:
    sms = settings.INSTANCE.sms
    if sms.backend == "none" or sms.missing():
        raise NoTextProvider
    if not text.words.strip():
        raise NoWords
    merge.cut(text.words, known=MERGE_FIELDS)


def _measure(words: str, audience: Audience) -> None:
    """Refuse a text that would be too long for one of its readers. Raises TooManyParts."""
    people = Person.objects.filter(pk__in=audience.grounds.order_by().values("person"))
    lengths = {name: len(str(field.sample)) for name, field in MERGE_FIELDS.items()} | reads.longest_values(people)
    mention = settings.INSTANCE.sms.mention
    parts = texting.measure(texting.with_mention(texting.dearest(words, lengths, mention), mention)).parts
    if parts > texting.MOST_PARTS:
        raise TooManyParts(parts)


@command("delivery.take_in_receipts", label=_("Take in receipts of text messages"))
def take_in_receipts(said: Sequence[SaidReceipt], *, actor: Actor) -> int:
    """Write down whether texts arrived; a number that is nobody's is not written to again. May be told again."""
    known, stopped = receipts.settle(said, at=clock.now())
    note(count=known, stopped=stopped, unknown=len({one.reference for one in said}) - known)
    return known


@command("delivery.take_in_replies", label=_("Take in answers by text message"))
def take_in_replies(said: Sequence[SaidReply], *, actor: Actor) -> Counter[str]:
    """Write down what was answered, once; whoever asks for no more gets no more, at once (RGPD art. 7(3) and 21).

    A telephone that several persons share speaks for all of them. Answers of numbers that are nobody's are counted.
    """
    counts: Counter[str] = Counter()
    for one in said:
        number = normalise.phone(one.number)
        people = (
            Person.objects.filter(phones__number=number).distinct().order_by("pk") if number else Person.objects.none()
        )
        for person in people:
            counts[_take_in(person, one, actor)] += 1
        counts["unknown"] += not people
    note(count=len(said), counts=dict(counts))
    return counts


def _take_in(person: Person, one: SaidReply, actor: Actor) -> str:
    is_stop = one.is_stop or stops.means_stop(one.text)
    last = Message.objects.filter(person=person, channel=Channel.SMS, state=State.SENT).order_by("-done_at").first()
    kept = {
        "batch_id": last.batch_id if last else None,
        "text": one.text.replace("\0", "")[:LONGEST_REPLY],
        "is_stop": is_stop,
        "at": one.at,
        "read_at": clock.now() if is_stop else None,
    }
    reply, made = TextReply.objects.get_or_create(reference=one.reference[:64], person=person, defaults=kept)
    if not made and is_stop and not reply.is_stop:
        # Some gateways name the text that is answered: other words under the same name are another answer.
        reference = hashlib.sha256(f"{one.reference} stop".encode()).hexdigest()
        reply, made = TextReply.objects.get_or_create(reference=reference, person=person, defaults=kept)
    if not made and is_stop and not one.is_named:
        reply, made = _said_again(person, one, kept) or (reply, made)
    if not made:
        return "told before"
    if not is_stop:
        interactions.record(person, Kind.REPLIED, at=one.at, about=reply, source="sms")
        return "reply"
    # Marked first: a message still on its way may be written to only while its ground is live.
    if last is not None:
        Message.objects.filter(pk=last.pk).update(unsubscribed_at=clock.now())
    rights.withdraw(
        person,
        [Purpose.TEXTS],
        evidence={"reply": reply.pk, "reference": reply.reference, "words": reply.text[:160], "at": one.at.isoformat()},
        source="sms",
        actor=actor,
    )
    return "stop"


def _said_again(person: Person, one: SaidReply, kept: dict[str, Any]) -> tuple[TextReply, bool] | None:
    """Take a STOP without a name of its own for another one where they agreed again before it; None otherwise.

    Without a date it is of now: whoever may mean that they want no more gets no more.
    """
    live = Ground.objects.live().filter(person=person, purpose=Purpose.TEXTS, given_at__lte=one.at)
    ground = live.order_by("-given_at").first()
    if ground is None:
        return None
    reference = hashlib.sha256(f"{one.reference} {ground.pk}".encode()).hexdigest()
    return TextReply.objects.get_or_create(reference=reference, person=person, defaults=kept)


@command("delivery.read_reply", label=_("Mark an answer by text message as read"), roles=ANSWERERS)
def read_reply(reply: TextReply, *, actor: Actor) -> None:
    """Say that somebody of the team has read an answer."""
    TextReply.objects.filter(pk=reply.pk, read_at=None).update(read_at=clock.now())
    note(about=reply, count=1)
