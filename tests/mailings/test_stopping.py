"""Stopping what leaves, closing what has left."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portevoix.delivery import services as delivery
from portevoix.delivery.types import Outcome
from portevoix.journal.models import Entry
from portevoix.kernel import clock
from portevoix.mailings import tasks
from portevoix.mailings.exceptions import (
    NotADraft,
    NotBeingSent,
)
from portevoix.mailings.models import Mailing
from portevoix.mailings.services import sending
from portevoix.mailings.types import State
from portevoix.people.models import Person
from portevoix.rights import services as rights
from portevoix.rights.purposes import Purpose
from tests.mailings.factories import CAMPAIGN, MailingFactory, deliver, send
from tests.people.factories import PersonFactory, reachable

pytestmark = pytest.mark.django_db


def withdraw(person: Person) -> None:
    rights.withdraw(person, [Purpose.NEWSLETTER], evidence={}, source="tests", actor=CAMPAIGN)


def test_stopping_holds_back_what_has_not_left() -> None:
    PersonFactory.create_batch(3, reachable=True)
    mailing = send(MailingFactory())
    assert sending.stop(mailing, actor=CAMPAIGN) == 3
    mailing.refresh_from_db()
    assert mailing.state == State.STOPPED
    assert deliver().sent == []


def test_what_was_stopped_cannot_be_stopped_again_nor_sent() -> None:
    PersonFactory(reachable=True)
    mailing = send(MailingFactory())
    sending.stop(mailing, actor=CAMPAIGN)
    with pytest.raises(NotBeingSent):
        sending.stop(mailing, actor=CAMPAIGN)
    with pytest.raises(NotADraft):
        send(mailing)


def test_a_draft_cannot_be_stopped() -> None:
    with pytest.raises(NotBeingSent):
        sending.stop(MailingFactory(), actor=CAMPAIGN)


def close(mailing: Mailing) -> Mailing:
    assert mailing.batch is not None
    delivery.finish(mailing.batch, actor=CAMPAIGN)
    tasks.finish_mailings()
    return Mailing.objects.get(pk=mailing.pk)


def test_once_the_last_message_has_left_the_totals_are_written() -> None:
    reachable("oui@mail.example")
    reachable("non@mail.example")
    leaver = reachable("parti@mail.example")
    mailing = send(MailingFactory())
    withdraw(leaver)
    deliver({"non@mail.example": (Outcome.REFUSED, 550, "no such user")})
    mailing = close(mailing)
    assert mailing.state == State.SENT
    assert (mailing.sent, mailing.failed, mailing.suppressed, mailing.uncertain) == (1, 1, 1, 0)
    assert mailing.finished_at is not None


def test_a_mailing_that_still_leaves_is_not_closed() -> None:
    PersonFactory(reachable=True)
    mailing = send(MailingFactory())
    tasks.finish_mailings()
    assert sending.finish(mailing, actor=CAMPAIGN) is False
    mailing.refresh_from_db()
    assert mailing.state == State.SENDING


def test_closing_twice_changes_nothing() -> None:
    PersonFactory(reachable=True)
    mailing = send(MailingFactory())
    deliver()
    first = close(mailing)
    with clock.stopped_at(clock.now() + timedelta(hours=1)):
        assert sending.finish(first, actor=CAMPAIGN) is False
    assert Mailing.objects.get().finished_at == first.finished_at


def test_a_stopped_mailing_stays_stopped_when_it_is_closed() -> None:
    PersonFactory.create_batch(2, reachable=True)
    mailing = send(MailingFactory())
    sending.stop(mailing, actor=CAMPAIGN)
    mailing = close(mailing)
    assert (mailing.state, mailing.suppressed) == (State.STOPPED, 2)
    assert mailing.finished_at is not None


def test_the_minutely_job_says_nothing_while_there_is_nothing_to_close() -> None:
    PersonFactory(reachable=True)
    send(MailingFactory())
    tasks.finish_mailings()
    assert not Entry.objects.filter(command="mailings.finish").exists()
