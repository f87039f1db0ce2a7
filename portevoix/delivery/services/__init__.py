"""Commands of the outbox: write to an audience, close a batch, let a reader leave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.models import Notice
from portevoix.accounts.types import Actor, Role
from portevoix.delivery import dispatch, selectors
from portevoix.delivery.dispatch import queueing, returns
from portevoix.delivery.exceptions import BatchStopped, LetterError, NoWayOut
from portevoix.delivery.models import Batch, LinkTotal, Message, State
from portevoix.delivery.rules import clicks, merge, reports, tokens
from portevoix.delivery.rules.mime import CompiledLetter
from portevoix.delivery.types import MERGE_FIELDS, Bad, Letter, Measuring
from portevoix.kernel import clock, jobs
from portevoix.rights import services as rights
from portevoix.rights.exceptions import NotFromTheGate
from portevoix.rights.gate import Audience
from portevoix.rights.purposes import OPTIONAL, Channel, Purpose

if TYPE_CHECKING:
    from datetime import datetime

    from portevoix.delivery.transports import Transport

LONGEST_SUBJECT = 300
#: Clicks are counted for each link, in all, and nothing else.
NOTHING_MORE = Measuring()
#: What of a batch is put aside at once when it is paused or stopped; of a larger one, a job does it, while nothing of
#: it leaves any more.
AT_ONCE = 20_000

SENDERS = {Role.DIRECTOR, Role.COMMUNICATIONS}


@command(
    "delivery.send",
    label=_("Write to an audience"),
    roles=SENDERS,
    visitors=True,
)
def send(
    letter: Letter,
    audience: Audience,
    *,
    about: models.Model | None = None,
    measuring: Measuring = NOTHING_MORE,
    not_after: datetime | None = None,
    actor: Actor,
) -> Batch:
    """Queue a letter for everybody in an audience, and for nobody else; it leaves once this transaction commits.

    Where electoral silence holds it waits for its end (code électoral, art. L. 49). What has not left by ``not_after``
    never does.

    Raises LetterError for a letter that cannot be sent as it is written, NoWayOut among them: what is
    sent to a list must let its reader leave (CPCE art. L. 34-5). Visitors may cause letters too: the
    audience, not the actor, says who may be written to.
    """
    if not isinstance(audience, Audience):
        raise NotFromTheGate("an Audience comes from rights.gate.admit")
    _check(letter, audience.purpose)
    code = tokens.new_code()
    targets: list[str] = []
    if audience.purpose in OPTIONAL:
        letter, targets = clicks.numbered(
            letter, lambda number: clicks.own(selectors.link_address(code, number), measuring)
        )
        letter = clicks.measured(letter, measuring, clicks.own(selectors.picture_address(code), measuring))
    batch = Batch.objects.create(
        **asdict(letter),
        code=code,
        purpose=audience.purpose,
        channel=audience.channel,
        about_kind=about._meta.label_lower if about is not None else "",
        about_id=about.pk if about is not None else None,
        counts_opens=measuring.opens,
        measures_people=measuring.people,
        advertising=audience.advertising,
        not_after=not_after,
        created_at=clock.now(),
    )
    LinkTotal.objects.bulk_create(
        LinkTotal(batch=batch, number=number, target=target) for number, target in enumerate(targets, 1)
    )
    count = queueing.fill(batch, audience)
    note(about=batch, count=count, purpose=audience.purpose, about_kind=batch.about_kind, about_id=batch.about_id)
    jobs.defer("delivery.dispatch", once=True)
    return batch


def _check(letter: Letter, purpose: Purpose) -> None:
    known = {name for name, field in MERGE_FIELDS.items() if purpose not in OPTIONAL or not field.is_of_requests}
    CompiledLetter(letter, known=known)
    if len(letter.subject) > LONGEST_SUBJECT:
        raise LetterError(f"a subject has at most {LONGEST_SUBJECT} characters")
    if purpose in OPTIONAL:
        parts = [letter.text, letter.html] if letter.html else [letter.text]
        for part in parts:
            if "unsubscribe_url" not in merge.names_always_in(merge.cut(part, known=MERGE_FIELDS)):
                raise NoWayOut


@command("delivery.send_more", label=_("Send a letter to more people"), roles=SENDERS)
def send_more(batch: Batch, audience: Audience, *, but_for: Collection[int] = (), actor: Actor) -> int:
    """Queue the letter of a batch for more people, never for one who has a message in it or in those ``but_for``.

    Return how many. A batch that was closed is open again. Raises BatchStopped for one that was stopped or is paused.
    """
    if not isinstance(audience, Audience):
        raise NotFromTheGate("an Audience comes from rights.gate.admit")
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    if batch.stopped_at is not None or batch.paused_at is not None:
        raise BatchStopped
    batch.finished_at = None
    batch.save(update_fields=["finished_at"])
    count = queueing.fill(batch, audience, but_for={batch.pk, *but_for})
    if batch.channel == Channel.SMS:
        queueing.one_a_telephone(batch, but_for, at=clock.now())
    note(about=batch, count=count, purpose=audience.purpose)
    _let_leave(batch)
    return count


def _let_leave(batch: Batch) -> None:
    jobs.defer("delivery.dispatch_texts" if batch.channel == Channel.SMS else "delivery.dispatch", once=True)


@command("delivery.pause", label=_("Pause a batch of messages"), roles=SENDERS)
def pause(batch: Batch, *, actor: Actor) -> int:
    """Let nothing of a batch leave until it is resumed; return how many of its messages wait.

    It takes hold at once, however many they are. What a dispatcher has in hand is set aside at its next look, or
    leaves: its answer is written either way. Raises BatchStopped.
    """
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    if batch.stopped_at is not None:
        raise BatchStopped
    if batch.paused_at is None:
        batch.paused_at = clock.now()
        batch.save(update_fields=["paused_at"])
    waiting = _put_aside(batch)
    note(about=batch, count=waiting)
    return waiting


@command("delivery.resume", label=_("Resume a batch of messages"), roles=SENDERS)
def resume(batch: Batch, *, actor: Actor) -> int:
    """Let a paused batch go on where it was: each of its messages is queued again, once; return how many.

    Whoever withdrew meanwhile gets nothing. Raises BatchStopped.
    """
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    if batch.stopped_at is not None:
        raise BatchStopped
    if batch.paused_at is None:
        note(about=batch, count=0)
        return 0
    batch.paused_at = None
    batch.save(update_fields=["paused_at"])
    queued = queueing.take_up(batch, at=clock.now())
    note(about=batch, count=queued)
    _let_leave(batch)
    return queued


@command("delivery.stop", label=_("Stop a batch of messages"), roles=SENDERS)
def stop(batch: Batch, *, actor: Actor) -> int:
    """Hold back for ever what of a batch has not left; return how much that is, but for what leaves this very second.

    What a dispatcher has in hand is held back at its next look, or leaves: its answer is written either way.
    """
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    if batch.stopped_at is None:
        batch.stopped_at, batch.paused_at = clock.now(), None
        batch.save(update_fields=["stopped_at", "paused_at"])
    held = _put_aside(batch)
    note(about=batch, count=held)
    _let_leave(batch)
    return held


@command("delivery.set_aside", label=_("Put the rest of a batch aside"))
def set_aside(batch: Batch, *, actor: Actor) -> int:
    """Take what waits of a large batch that was paused or stopped out of the queue; return how much that is.

    What leaves of other batches goes on meanwhile.
    """
    count = queueing.put_aside(queueing.kept_as_it_is(batch.pk))
    note(about=batch, count=count)
    return count


def _put_aside(batch: Batch) -> int:
    """Take what waits out of the queue, by a job where that takes long; return how many wait, or were held back."""
    here = Message.objects.filter(batch=batch, state__in=[State.QUEUED, State.PAUSED])
    count = here.count()
    if count > AT_ONCE:
        jobs.defer("delivery.set_aside", once=True, batch_id=batch.pk)
    else:
        queueing.put_aside(batch)
    return count


@command("delivery.finish", label=_("Close a batch of messages"))
def finish(batch: Batch, *, actor: Actor) -> bool:
    """Close a batch none of whose messages may still leave; tell whether it could be closed.

    The words of a service message go with it: they hold one person's links, of use to nobody any more.
    """
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    waits = Message.objects.filter(batch=batch).unsettled().exists()
    if waits or batch.finished_at is not None:
        note(about=batch, count=0)
        return False
    batch.finished_at = clock.now()
    if batch.purpose not in OPTIONAL:
        batch.text = batch.html = ""
    batch.save(update_fields=["finished_at", "text", "html"])
    found = selectors.results(batch)
    note(
        about=batch,
        count=found.sent,
        failed=found.failed,
        suppressed=found.suppressed,
        uncertain=found.uncertain,
    )
    return True


@command("delivery.write_to_staff", label=_("Write to members of staff"))
def write_to_staff(transport: Callable[[], Transport] | None = None, *, actor: Actor) -> int:
    """Send the letters that members of staff are owed, each once; return how many were settled.

    What no server takes stays due.
    """
    settled = [notice.pk for notice in dispatch.write_to_staff(transport)]
    Notice.objects.filter(pk__in=settled).update(sent_at=clock.now())
    note(count=len(settled))
    return len(settled)


@command("delivery.unsubscribe", label=_("Unsubscribe by a link in a message"), visitors=True)
def unsubscribe(message: Message, *, one_click: bool, actor: Actor) -> None:
    """End the ground that a message leant on, for its reader (RGPD art. 7(3), RFC 8058). May be asked again."""
    note(about=message, count=0)
    if message.person is None or message.purpose not in OPTIONAL:
        return
    # Marked first: a message still on its way may be written to only while its ground is live.
    mark = Message.objects.filter(pk=message.pk, ground__withdrawn_at=None).update(unsubscribed_at=clock.now())
    withdrawn = rights.withdraw(
        message.person,
        [Purpose(message.purpose)],
        evidence={"message": message.pk, "batch": message.batch_id, "one_click": one_click},
        source="unsubscribe",
        actor=actor,
    )
    note(count=withdrawn, marked=mark)


@command("delivery.take_in", label=_("Take in bounces and complaints"))
def take_in(said: Sequence[reports.Report], *, actor: Actor) -> Counter[str]:
    """Write down what came back, for the address that each message went to; return how many there were of each kind.

    Nobody is believed without the signature that only the message itself carried: what shows none, or a wrong one,
    is counted as `unproven` and changes nothing. Whoever complains is not written to again by that address, and
    their consent to what they complained about ends at once (RFC 5965; RGPD art. 21(3)). May be told again.
    """
    proved = selectors.proved(said)
    entered = returns.enter(proved, at=clock.now())
    for message in entered.leaving:
        # Marked first: a message still on its way may be written to only while its ground is live.
        if entered.why[message.pk] == Bad.LEFT:
            Message.objects.filter(pk=message.pk, ground__withdrawn_at=None).update(unsubscribed_at=clock.now())
        assert message.person is not None  # noqa: S101 - proved by their address
        rights.withdraw(
            message.person,
            [Purpose(message.purpose)],
            evidence={"message": message.pk, "batch": message.batch_id, "report": entered.why[message.pk].value},
            source="complaint" if entered.why[message.pk] == Bad.COMPLAINT else "unsubscribe",
            actor=actor,
        )
    counts = Counter(one.bad.value for one in proved)
    counts["unproven"] = len(said) - len(proved)
    note(count=len(said), counts=dict(counts), stopped=entered.stopped)
    return counts
