"""Commands on text messages to many: write, try on oneself, let leave, stop, close."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.models import User
from portevoix.accounts.types import Actor, Role
from portevoix.delivery import selectors as outbox
from portevoix.delivery import services as delivery
from portevoix.delivery.services import texting
from portevoix.delivery.types import Text
from portevoix.intake.exceptions import PersonErased
from portevoix.intake.services import staff
from portevoix.kernel import clock, normalise
from portevoix.mailings import rules, selectors
from portevoix.mailings.exceptions import NoAddressForTests, NotAMobile, NotBeingSent, TooFewReaders
from portevoix.mailings.gate import TextLeaving, check_text
from portevoix.mailings.models import ShortMessage, TextTrial
from portevoix.mailings.selectors import texts as reads
from portevoix.mailings.services import advertising
from portevoix.mailings.types import Confirmation, State, TextDraft
from portevoix.people.models import Person
from portevoix.rights import gate
from portevoix.rights.gate import Audience
from portevoix.rights.purposes import Channel, Purpose

WRITERS = {Role.DIRECTOR, Role.COMMUNICATIONS}


@command("mailings.write_text", label=_("Write a text message"), roles=WRITERS)
def write_text(draft: TextDraft, *, actor: Actor) -> ShortMessage:
    """Keep a new draft."""
    author = User.objects.filter(pk=actor.ident).first() if actor.kind == "staff" else None
    text = ShortMessage(created_by=author, created_at=clock.now())
    _fill(text, draft)
    note(about=text, count=1)
    return text


@command("mailings.edit_text", label=_("Change a text message"), roles=WRITERS)
def edit_text(text: ShortMessage, draft: TextDraft, *, actor: Actor) -> ShortMessage:
    """Change a draft. Raises NotADraft."""
    text = ShortMessage.objects.locked_draft(text.pk)
    _fill(text, draft)
    note(about=text, count=1)
    return text


@command("mailings.delete_text", label=_("Delete a text message that was not sent"), roles=WRITERS)
def delete_text(text: ShortMessage, *, actor: Actor) -> None:
    """Delete a draft. Raises NotADraft."""
    text = ShortMessage.objects.locked_draft(text.pk)
    note(about=text, count=1)
    text.delete()


def _fill(text: ShortMessage, draft: TextDraft) -> None:
    for field in fields(draft):
        setattr(text, field.name, getattr(draft, field.name))
    text.save()


@command("mailings.test_text", label=_("Send oneself a test of a text message"), roles=WRITERS)
def test_text(text: ShortMessage, to: User, number: str, *, actor: Actor) -> str:
    """Send the text, in its present state, to a mobile number of the member of staff's own; return that number.

    It goes by the outbox like any, on the ground of the person's own request, at any hour. Raises LetterError,
    NotAMobile, NoAddressForTests.
    """
    note(about=text, count=1)
    mobile = normalise.phone(number)
    if mobile is None or not normalise.is_mobile(mobile):
        raise NotAMobile
    address = normalise.email(to.email)
    if address is None:
        raise NoAddressForTests
    try:
        person = staff.receive_staff_number(
            address, mobile, first_name=to.first_name, last_name=to.last_name, actor=actor
        )
    except PersonErased as error:
        raise NoAddressForTests from error
    alone = Person.objects.filter(pk=person.pk)
    audience = gate.admit(alone, purpose=Purpose.SERVICE, channel=Channel.SMS)
    if not audience.count():
        raise NoAddressForTests
    texting.send_texts(Text(words=reads.whole(text)), audience, about=text, actor=actor)
    return mobile


@command("mailings.send_text", label=_("Send a text message to its segment"), roles=WRITERS)
def send_text(text: ShortMessage, confirmed: Confirmation, *, actor: Actor) -> ShortMessage:
    """Send the text to everybody of its segment who agreed to it and can be reached; once.

    Of a text with several versions, each goes to its part of the audience, and the rest waits for the best. Raises
    NotADraft and what `check_text` does.
    """
    text = ShortMessage.objects.locked_here(text.pk)
    leaving = check_text(text, confirmed, actor=actor)
    trial = selectors.trial_of(text)
    if trial is None:
        _leave(text, leaving.audience, actor=actor)
    else:
        _begin(trial, leaving)
    note(
        about=text,
        count=text.recipients,
        segment=text.segment_id,
        batch=text.batch_id,
        cents=text.foreseen_cents,
    )
    return text


def _leave(text: ShortMessage, audience: Audience, *, beside: Collection[int] = (), actor: Actor) -> None:
    """Hand a text to the door, and write down that it left."""
    batch = texting.send_texts(Text(words=reads.whole(text)), audience, about=text, beside=beside, actor=actor)
    text.batch_id = batch.pk
    text.state = State.SENDING
    text.sent_at = clock.now()
    text.segment_name = str(text.segment)[:200]
    text.recipients = outbox.results(batch).total
    counted = reads.counted(text.words, label=selectors.label_of(text))
    text.foreseen_cents = reads.estimate(counted, text.recipients).cents
    text.save()
    advertising.publish_notice(text, actor=actor)


def _begin(trial: TextTrial, leaving: TextLeaving) -> None:
    """Let each version leave to those drawn for it; all of it or nothing.

    Raises NotATrialYet, TooFewReaders, NotADraft, LetterError.
    """
    people, beside = selectors.people_of(leaving.text, leaving.actor), list[int]()
    for version, part in selectors.parts_of(people, trial):
        text = leaving.text if version.place == 0 else ShortMessage.objects.locked_here(version.mailing_id)
        text.segment = leaving.text.segment
        _leave(text, selectors.audience_of(leaving.text, part), beside=beside, actor=leaving.actor)
        assert text.batch_id is not None  # noqa: S101 - it has just left
        beside.append(text.batch_id)
        if text.recipients < rules.LEAST_READERS:
            raise TooFewReaders
    trial.started_at, trial.count = clock.now(), leaving.count
    trial.started_by = User.objects.filter(pk=leaving.actor.ident).first() if leaving.actor.kind == "staff" else None
    trial.save()


@command("mailings.stop_text", label=_("Stop a text message that is being sent"), roles=WRITERS)
def stop_text(text: ShortMessage, *, actor: Actor) -> int:
    """Hold back whatever has not left yet, of its other versions too; return how many. A trial ends with it.

    Raises NotBeingSent.
    """
    family = ShortMessage.objects.filter(Q(pk=text.pk) | Q(version__trial__versions__mailing=text.pk))
    ids = sorted(set(family.values_list("pk", flat=True)))
    locked = ShortMessage.objects.select_for_update(of=("self",)).filter(pk__in=ids, state=State.SENDING)
    held, meant = 0, [one for one in locked.order_by("pk") if one.batch is not None]
    if not meant:
        raise NotBeingSent
    for one in meant:
        assert one.batch is not None  # noqa: S101 - it is under way
        held += delivery.stop(one.batch, actor=actor)
        one.state = State.STOPPED
        one.save(update_fields=["state", "updated_at"])
    TextTrial.objects.under_way().filter(versions__mailing=text.pk).update(decided_at=clock.now())
    note(about=text, count=held)
    return held


@command("mailings.finish_text", label=_("Write down what became of a text message"))
def finish_text(text: ShortMessage, *, actor: Actor) -> bool:
    """Write the totals of a text whose last message has left; tell whether there was something to write."""
    text = ShortMessage.objects.select_for_update().get(pk=text.pk)
    note(about=text, count=0)
    trial = selectors.trial_of(text)
    if text.batch is None or text.finished_at is not None or (trial is not None and trial.is_under_way):
        return False
    found = outbox.results(text.batch)
    if found.waiting:
        return False
    text.sent, text.finished_at = found.sent, clock.now()
    if text.state == State.SENDING:
        text.state = State.SENT
    text.save()
    advertising.publish_notice(text, actor=actor)
    note(count=found.sent, failed=found.failed, suppressed=found.suppressed, uncertain=found.uncertain)
    return True
