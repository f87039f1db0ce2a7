"""Commands of the outbox: write to an audience, close a batch, let a reader leave."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.models import Notice
from portevoix.accounts.types import Actor, Role
from portevoix.delivery import dispatch, selectors
from portevoix.delivery.dispatch import returns
from portevoix.delivery.exceptions import LetterError, NoWayOut
from portevoix.delivery.models import MAY_LEAVE, Batch, LinkTotal, Message, State
from portevoix.delivery.rules import clicks, merge, reports
from portevoix.delivery.rules.mime import CompiledLetter
from portevoix.delivery.types import MERGE_FIELDS, Bad, Letter
from portevoix.kernel import clock, jobs
from portevoix.rights import services as rights
from portevoix.rights.exceptions import NotFromTheGate
from portevoix.rights.gate import Audience
from portevoix.rights.purposes import OPTIONAL, Purpose

if TYPE_CHECKING:
    from portevoix.delivery.transports import Transport

CODE_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
CODE_LENGTH = 8
LONGEST_SUBJECT = 300
#: What a person asked for and waits for, before what is sent to many.
PRIORITIES = {Purpose.SERVICE: 0}

# The lock makes the liveness read here the one that the trigger will see, whoever withdraws meanwhile.
FILL_OUTBOX = """
INSERT INTO delivery_message (batch_id, person_id, ground_id, channel, purpose, priority, state, not_before)
SELECT %s, g.person_id, g.id, g.channel, g.purpose, %s, 'queued', least(%s, now())
FROM rights_ground g
WHERE g.withdrawn_at IS NULL AND NOT g.is_held AND g.id IN ({grounds})
FOR SHARE OF g
"""


@command(
    "delivery.send",
    label=_("Write to an audience"),
    roles={Role.DIRECTOR, Role.COMMUNICATIONS},
    visitors=True,
)
def send(letter: Letter, audience: Audience, *, about: models.Model | None = None, actor: Actor) -> Batch:
    """Queue a letter for everybody in an audience, and for nobody else; it leaves once this transaction commits.

    Raises LetterError for a letter that cannot be sent as it is written, NoWayOut among them: what is
    sent to a list must let its reader leave (CPCE art. L. 34-5). Visitors may cause letters too: the
    audience, not the actor, says who may be written to.
    """
    if not isinstance(audience, Audience):
        raise NotFromTheGate("an Audience comes from rights.gate.admit")
    _check(letter, audience.purpose)
    code = "".join(secrets.choice(CODE_ALPHABET) for _sign in range(CODE_LENGTH))
    targets: list[str] = []
    if audience.purpose in OPTIONAL:
        letter, targets = clicks.numbered(letter, lambda number: selectors.link_address(code, number))
    batch = Batch.objects.create(
        **asdict(letter),
        code=code,
        purpose=audience.purpose,
        channel=audience.channel,
        about_kind=about._meta.label_lower if about is not None else "",
        about_id=about.pk if about is not None else None,
        created_at=clock.now(),
    )
    LinkTotal.objects.bulk_create(
        LinkTotal(batch=batch, number=number, target=target) for number, target in enumerate(targets, 1)
    )
    count = _fill_outbox(batch, audience)
    note(about=batch, count=count, purpose=audience.purpose, about_kind=batch.about_kind, about_id=batch.about_id)
    jobs.defer("delivery.dispatch", once=True)
    return batch


def _check(letter: Letter, purpose: Purpose) -> None:
    CompiledLetter(letter, known=MERGE_FIELDS)
    if len(letter.subject) > LONGEST_SUBJECT:
        raise LetterError(f"a subject has at most {LONGEST_SUBJECT} characters")
    if purpose in OPTIONAL:
        parts = [letter.text, letter.html] if letter.html else [letter.text]
        for part in parts:
            if "unsubscribe_url" not in merge.names_always_in(merge.cut(part, known=MERGE_FIELDS)):
                raise NoWayOut


def _fill_outbox(batch: Batch, audience: Audience) -> int:
    try:
        grounds, parameters = audience.grounds.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        # The ORM knows without asking that nobody is meant.
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            FILL_OUTBOX.format(grounds=grounds),
            [batch.pk, PRIORITIES.get(audience.purpose, 1), batch.created_at, *parameters],
        )
        return int(cursor.rowcount)


@command("delivery.stop", label=_("Stop a batch of messages"), roles={Role.DIRECTOR, Role.COMMUNICATIONS})
def stop(batch: Batch, *, actor: Actor) -> int:
    """Hold back what of a batch has not left; return how much that is, but for what is leaving this very second.

    What a dispatcher has in hand is held back at its next look, or leaves: its answer is written either way.
    """
    now = clock.now()
    Batch.objects.filter(pk=batch.pk, stopped_at=None).update(stopped_at=now)
    waiting = Message.objects.filter(batch=batch, state=State.QUEUED)
    held = waiting.update(state=State.SUPPRESSED, done_at=now)
    note(about=batch, count=held)
    jobs.defer("delivery.dispatch", once=True)
    return held


@command("delivery.finish", label=_("Close a batch of messages"))
def finish(batch: Batch, *, actor: Actor) -> bool:
    """Close a batch none of whose messages may still leave; tell whether it could be closed.

    The words of a service message go with it: they hold one person's links, of use to nobody any more.
    """
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    waits = Message.objects.filter(batch=batch, state__in=MAY_LEAVE).exists()
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
