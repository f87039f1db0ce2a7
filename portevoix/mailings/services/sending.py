"""Commands that let a mailing leave. They know the door (`delivery`), never what is behind it."""

from __future__ import annotations

from collections.abc import Callable, Collection

from django.db.models import Model, Q
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.models import User
from portevoix.accounts.types import Actor, Role
from portevoix.delivery import selectors as outbox
from portevoix.delivery import services as delivery
from portevoix.delivery.types import Letter
from portevoix.intake.exceptions import PersonErased
from portevoix.intake.services import staff
from portevoix.kernel import clock, normalise
from portevoix.mailings import letters, rules, selectors
from portevoix.mailings.exceptions import (
    NoAddressForTests,
    NotBeingSent,
    TooFewReaders,
)
from portevoix.mailings.gate import Leaving, check
from portevoix.mailings.models import Mailing, Trial
from portevoix.mailings.services import advertising, archiving
from portevoix.mailings.types import UNDER_WAY, Confirmation, Label, State
from portevoix.people.models import Person
from portevoix.rights import gate
from portevoix.rights.gate import Audience
from portevoix.rights.purposes import Channel, Purpose

SENDERS = {Role.DIRECTOR, Role.COMMUNICATIONS}


@command("mailings.send_test", label=_("Send oneself a test of a message"), roles=SENDERS)
def send_test(
    mailing: Mailing, to: User, *, about: Model | None = None, label: Label | None = None, actor: Actor
) -> str:
    """Send the letter, in its present state, to a member of staff at their own address; return that address.

    It goes by the outbox like any letter, on the ground of the person's own request. A letter that another room keeps
    comes in the form of a mailing that is kept nowhere, with what it is ``about`` and its ``label``. Raises LetterError
    for a letter that cannot leave, NoAddressForTests.
    """
    about = about or mailing
    note(about=about, count=1)
    letter = letters.compose(mailing, label)
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
    delivery.send(letter, audience, about=about, actor=actor)
    return person.emails.get(is_primary=True).address


@command("mailings.send", label=_("Send a message to its segment"), roles=SENDERS)
def send(mailing: Mailing, confirmed: Confirmation, *, actor: Actor) -> Mailing:
    """Send the letter to everybody of its segments who agreed to it and can be reached; once.

    Of a letter with several versions, each goes to its part of the audience, and the rest waits for the best. The row
    is locked while its state is looked at, so that a second click finds it sent. Raises NotADraft and what `check`
    does.
    """
    # One at a time of all that send the same letter again: none may count on readers whom another is writing to.
    if (again := selectors.resending_of(mailing)) is not None:
        Mailing.objects.select_for_update().get(pk=again.original_id)
    mailing = Mailing.objects.locked_here(mailing.pk)
    leaving = check(mailing, confirmed, at=clock.now(), actor=actor)
    trial = selectors.trial_of(mailing)
    if trial is None:
        _leave(mailing, leaving.letter, leaving.audience, actor=actor)
    else:
        _begin(trial, leaving)
    note(about=mailing, count=mailing.recipients, segment=mailing.segment_id, batch=mailing.batch_id)
    return mailing


def _leave(mailing: Mailing, letter: Letter, audience: Audience, *, actor: Actor) -> None:
    """Hand a letter to the door, and write down that it left."""
    batch = delivery.send(letter, audience, about=mailing, measuring=selectors.measuring_of(mailing), actor=actor)
    mailing.batch_id = batch.pk
    mailing.state = State.SENDING
    mailing.sent_at = clock.now()
    mailing.segment_name = str(selectors.targets_of(mailing))[:200]
    mailing.recipients = outbox.results(batch).total
    mailing.save()
    archiving.keep_copy(mailing, actor=actor)
    advertising.publish_notice(mailing, actor=actor)


def _begin(trial: Trial, leaving: Leaving) -> None:
    """Let each version leave to those drawn for it; all of it or nothing.

    Raises NotATrialYet, TooFewReaders, NotADraft, LetterError.
    """
    people = selectors.people_of(leaving.mailing, leaving.actor)
    for version, part in selectors.parts_of(people, trial):
        mailing = leaving.mailing if version.place == 0 else Mailing.objects.locked_here(version.mailing_id)
        audience = selectors.audience_of(leaving.mailing, part)
        letter = leaving.letter if version.place == 0 else letters.compose(mailing)
        _leave(mailing, letter, audience, actor=leaving.actor)
        if mailing.recipients < rules.LEAST_READERS:
            raise TooFewReaders
        if version.place:
            Mailing.objects.filter(pk=mailing.pk).update(segment_name=leaving.mailing.segment_name)
    trial.started_at, trial.count = clock.now(), leaving.count
    trial.started_by = User.objects.filter(pk=leaving.actor.ident).first() if leaving.actor.kind == "staff" else None
    trial.save()


@command("mailings.pause", label=_("Pause a message that is being sent"), roles=SENDERS)
def pause(mailing: Mailing, *, actor: Actor) -> int:
    """Let nothing more of a mailing, nor of its other versions, leave until it is resumed; return how much waits.

    Raises NotBeingSent.
    """
    return _turn(mailing, delivery.pause, {State.SENDING}, State.PAUSED, actor)


@command("mailings.resume", label=_("Resume a message that is paused"), roles=SENDERS)
def resume(mailing: Mailing, *, actor: Actor) -> int:
    """Let a paused mailing go on where it was, nobody missed and nobody twice; return how much waits.

    Raises NotBeingSent.
    """
    return _turn(mailing, delivery.resume, {State.PAUSED}, State.SENDING, actor)


@command("mailings.stop", label=_("Stop a message that is being sent"), roles=SENDERS)
def stop(mailing: Mailing, *, actor: Actor) -> int:
    """Hold back for ever whatever has not left yet; return how many. What has left cannot be called back.

    A trial ends with it. Raises NotBeingSent.
    """
    held = _turn(mailing, delivery.stop, set(UNDER_WAY), State.STOPPED, actor)
    Trial.objects.under_way().filter(versions__mailing=mailing.pk).update(decided_at=clock.now())
    return held


def _turn(mailing: Mailing, act: Callable[..., int], states: Collection[State], state: State, actor: Actor) -> int:
    """Do something to the batch of a mailing and of its other versions that are in one of some states."""
    family = Mailing.objects.filter(Q(pk=mailing.pk) | Q(version__trial__versions__mailing=mailing.pk))
    ids = sorted(set(family.values_list("pk", flat=True)))
    found = [one for one in Mailing.objects.select_for_update().filter(pk__in=ids).order_by("pk") if one.batch_id]
    meant = [one for one in found if one.state in states]
    if not meant:
        raise NotBeingSent
    count = 0
    for one in meant:
        assert one.batch is not None  # noqa: S101 - it has a number
        count += act(one.batch, actor=actor)
        one.state = state
        one.save(update_fields=["state", "updated_at"])
    note(about=mailing, count=count, messages=[one.pk for one in meant])
    return count


@command("mailings.finish", label=_("Write down what became of a message"))
def finish(mailing: Mailing, *, actor: Actor) -> bool:
    """Write the totals of a mailing whose last message has left; tell whether there was something to write."""
    mailing = Mailing.objects.select_for_update().get(pk=mailing.pk)
    note(about=mailing, count=0)
    trial = selectors.trial_of(mailing)
    if mailing.batch is None or mailing.finished_at is not None or (trial is not None and trial.is_under_way):
        return False
    found = outbox.results(mailing.batch)
    if found.waiting:
        return False
    mailing.sent, mailing.failed = found.sent, found.failed
    mailing.suppressed, mailing.uncertain = found.suppressed, found.uncertain
    mailing.finished_at = clock.now()
    if mailing.state in UNDER_WAY:
        mailing.state = State.SENT
    mailing.save()
    advertising.publish_notice(mailing, actor=actor)
    note(count=found.sent, failed=found.failed, suppressed=found.suppressed, uncertain=found.uncertain)
    return True
