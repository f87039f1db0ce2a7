"""Commands on text messages to many: write, try on oneself, let leave, stop, close."""

from __future__ import annotations

from dataclasses import fields

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
from portevoix.mailings import rules
from portevoix.mailings.exceptions import ChangedMeanwhile, NoAddressForTests, NobodyToReach, NotAMobile, NotBeingSent
from portevoix.mailings.models import ShortMessage
from portevoix.mailings.selectors import people_of
from portevoix.mailings.selectors import texts as reads
from portevoix.mailings.types import Confirmation, State, TextDraft
from portevoix.people.models import Person
from portevoix.rights import gate
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
    texting.send_texts(Text(words=text.words), audience, about=text, actor=actor)
    return mobile


@command("mailings.send_text", label=_("Send a text message to its segment"), roles=WRITERS)
def send_text(text: ShortMessage, confirmed: Confirmation, *, actor: Actor) -> ShortMessage:
    """Send the text to everybody of its segment who agreed to it and can be reached; once.

    Raises NotADraft, NoSegment, NobodyToReach, LetterError; ChangedMeanwhile when the text, or the size of its
    audience, is no longer what the sender confirmed.
    """
    text = ShortMessage.objects.locked_draft(text.pk)
    audience = gate.admit(people_of(text, actor), purpose=Purpose(text.purpose), channel=Channel.SMS)
    present = audience.count()
    if reads.digest(text) != confirmed.digest or rules.has_grown(confirmed.count, present):
        raise ChangedMeanwhile
    if not present:
        raise NobodyToReach
    foreseen = reads.estimate(reads.counted(text.words), present)
    batch = texting.send_texts(Text(words=text.words), audience, about=text, actor=actor)
    text.batch_id = batch.pk
    text.state = State.SENDING
    text.sent_at = clock.now()
    text.segment_name = str(text.segment)
    text.recipients = outbox.results(batch).total
    text.foreseen_cents = foreseen.cents
    text.save()
    note(about=text, count=text.recipients, segment=text.segment_id, batch=batch.pk, cents=foreseen.cents)
    return text


@command("mailings.stop_text", label=_("Stop a text message that is being sent"), roles=WRITERS)
def stop_text(text: ShortMessage, *, actor: Actor) -> int:
    """Hold back whatever has not left yet; return how many. Raises NotBeingSent."""
    text = ShortMessage.objects.select_for_update().get(pk=text.pk)
    if text.state != State.SENDING or text.batch is None:
        raise NotBeingSent
    held = delivery.stop(text.batch, actor=actor)
    text.state = State.STOPPED
    text.save(update_fields=["state", "updated_at"])
    note(about=text, count=held)
    return held


@command("mailings.finish_text", label=_("Write down what became of a text message"))
def finish_text(text: ShortMessage, *, actor: Actor) -> bool:
    """Write the totals of a text whose last message has left; tell whether there was something to write."""
    text = ShortMessage.objects.select_for_update().get(pk=text.pk)
    note(about=text, count=0)
    if text.batch is None or text.finished_at is not None:
        return False
    found = outbox.results(text.batch)
    if found.waiting:
        return False
    text.sent, text.finished_at = found.sent, clock.now()
    if text.state == State.SENDING:
        text.state = State.SENT
    text.save()
    note(count=found.sent, failed=found.failed, suppressed=found.suppressed, uncertain=found.uncertain)
    return True
