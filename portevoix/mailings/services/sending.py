"""Commands that let a mailing leave. They know the door (`delivery`), never what is behind it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.models import User
from portevoix.accounts.types import Actor, Role
from portevoix.delivery import selectors as outbox
from portevoix.delivery import services as delivery
from portevoix.intake.exceptions import PersonErased
from portevoix.intake.services import staff
from portevoix.kernel import clock, normalise
from portevoix.mailings import letters, rules, selectors
from portevoix.mailings.exceptions import ChangedMeanwhile, NoAddressForTests, NobodyToReach, NotBeingSent
from portevoix.mailings.models import Mailing
from portevoix.mailings.types import Confirmation, State
from portevoix.people.models import Person
from portevoix.rights import gate
from portevoix.rights.purposes import Channel, Purpose

SENDERS = {Role.DIRECTOR, Role.COMMUNICATIONS}


@command("mailings.send_test", label=_("Send oneself a test of a message"), roles=SENDERS)
def send_test(mailing: Mailing, to: User, *, actor: Actor) -> str:
    """Send the letter, in its present state, to a member of staff at their own address; return that address.

    It goes by the outbox like any letter, on the ground of the person's own request. Raises LetterError for a
    letter that cannot leave, NoAddressForTests.
    """
    note(about=mailing, count=1)
    letter = letters.compose(mailing)
    address = normalise.email(to.email)
    if address is None:
        raise NoAddressForTests
    try:
        person = staff.receive_staff(address, first_name=to.first_name, last_name=to.last_name, actor=actor)
    except PersonErased as error:
        raise NoAddressForTests from error
    alone = Person.objects.filter(pk=person.pk)
    audience = gate.admit(alone, purpose=Purpose.SERVICE, channel=Channel.EMAIL)
    if not audience.count():
        raise NoAddressForTests
    delivery.send(letter, audience, about=mailing, actor=actor)
    return person.emails.get(is_primary=True).address


@command("mailings.send", label=_("Send a message to its segment"), roles=SENDERS)
def send(mailing: Mailing, confirmed: Confirmation, *, actor: Actor) -> Mailing:
    """Send the letter to everybody of its segment who agreed to it and can be reached; once.

    The row is locked while its state is looked at, so that a second click finds it sent. Raises NotADraft,
    NoSegment, NobodyToReach, NotApproved, LetterError; ChangedMeanwhile when the letter, or the size of its audience,
    is no longer what the sender confirmed.
    """
    mailing = Mailing.objects.locked_draft(mailing.pk)
    letter = letters.compose(mailing)
    people = selectors.people_of(mailing, actor)
    audience = gate.admit(people, purpose=Purpose(mailing.purpose), channel=Channel.EMAIL)
    present = audience.count()
    if letters.digest(letter, mailing) != confirmed.digest or rules.has_grown(confirmed.count, present):
        raise ChangedMeanwhile
    selectors.require_approval(mailing, confirmed.digest)
    if not present:
        raise NobodyToReach
    batch = delivery.send(letter, audience, about=mailing, actor=actor)
    mailing.batch_id = batch.pk
    mailing.state = State.SENDING
    mailing.sent_at = clock.now()
    mailing.segment_name = str(mailing.segment)
    mailing.recipients = outbox.results(batch).total
    mailing.save()
    note(about=mailing, count=mailing.recipients, segment=mailing.segment_id, batch=batch.pk)
    return mailing


@command("mailings.stop", label=_("Stop a message that is being sent"), roles=SENDERS)
def stop(mailing: Mailing, *, actor: Actor) -> int:
    """Hold back whatever has not left yet; return how many. What has left cannot be called back.

    Raises NotBeingSent.
    """
    mailing = Mailing.objects.select_for_update().get(pk=mailing.pk)
    if mailing.state != State.SENDING or mailing.batch is None:
        raise NotBeingSent
    held = delivery.stop(mailing.batch, actor=actor)
    mailing.state = State.STOPPED
    mailing.save(update_fields=["state", "updated_at"])
    note(about=mailing, count=held)
    return held


@command("mailings.finish", label=_("Write down what became of a message"))
def finish(mailing: Mailing, *, actor: Actor) -> bool:
    """Write the totals of a mailing whose last message has left; tell whether there was something to write."""
    mailing = Mailing.objects.select_for_update().get(pk=mailing.pk)
    note(about=mailing, count=0)
    if mailing.batch is None or mailing.finished_at is not None:
        return False
    found = outbox.results(mailing.batch)
    if found.waiting:
        return False
    mailing.sent, mailing.failed = found.sent, found.failed
    mailing.suppressed, mailing.uncertain = found.suppressed, found.uncertain
    mailing.finished_at = clock.now()
    if mailing.state == State.SENDING:
        mailing.state = State.SENT
    mailing.save()
    note(count=found.sent, failed=found.failed, suppressed=found.suppressed, uncertain=found.uncertain)
    return True
