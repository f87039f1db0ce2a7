"""Texts and electoral silence (code électoral, art. L. 49): they wait for its end, and then for their own hour."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from portevoix.delivery import services
from portevoix.delivery.dispatch import outbox, texts
from portevoix.delivery.models import Message, Run, State
from portevoix.kernel import clock
from portevoix.kernel.clock import PARIS
from portevoix.rights.purposes import Channel
from tests.delivery.factories import states
from tests.delivery.operator import CAMPAIGN, Telephones, configure, queue, textable
from tests.delivery.test_silence import silent_now
from tests.territory.factories import DepartementFactory, election

pytestmark = pytest.mark.django_db
SUNDAY = date(2028, 4, 23)
END = datetime(2028, 4, 23, 20, tzinfo=PARIS)
MONDAY = datetime(2028, 4, 24, 8, tzinfo=PARIS)


@pytest.fixture(autouse=True)
def own_spool(settings: Any, tmp_path: Any) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture
def telephones(settings: Any) -> Iterator[Telephones]:
    with Telephones() as running:
        configure(settings, running)
        yield running


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=PARIS)  # type: ignore[arg-type,misc]


def run_at(moment: datetime, telephones: Telephones) -> int:
    before = len(telephones.words)
    with clock.stopped_at(moment):
        texts.run()
    return len(telephones.words) - before


def test_a_text_waits_for_the_end_of_silence_and_then_for_the_next_day_on_which_texts_may_arrive(
    telephones: Telephones,
) -> None:
    textable(in_rennes=True)
    election(SUNDAY)
    with clock.stopped_at(at(2028, 4, 21, 19)):  # Friday
        batch = queue()
    assert run_at(at(2028, 4, 22, 10), telephones) == 0
    assert Message.objects.get().not_before == MONDAY
    for moment in (at(2028, 4, 23, 19, 59), END, at(2028, 4, 24, 7, 59)):
        assert run_at(moment, telephones) == 0
    assert run_at(MONDAY, telephones) == 1
    assert states(batch) == {"sent": 1}


def test_a_text_sent_in_silence_is_queued_until_its_end(telephones: Telephones) -> None:
    textable(in_rennes=True)
    election(SUNDAY)
    with clock.stopped_at(at(2028, 4, 22, 10)):
        queue()
    assert Message.objects.get().not_before == END
    assert run_at(END, telephones) == 0
    assert run_at(MONDAY, telephones) == 1


def test_silence_elsewhere_keeps_no_text_here(telephones: Telephones) -> None:
    here, there = textable(in_rennes=True), textable(in_brest=True)
    election(SUNDAY, departements=(DepartementFactory(code="29", name="Finistère").pk,))
    with clock.stopped_at(at(2028, 4, 21, 19)):
        queue()
    assert run_at(at(2028, 4, 22, 10), telephones) == 1
    assert here.phones.get().number in telephones.words
    assert there.phones.get().number not in telephones.words


def test_a_text_in_hand_when_silence_begins_goes_back_and_waits(settings: Any) -> None:
    configure(settings)
    textable(in_rennes=True)
    run = Run.objects.create(started_at=clock.now(), boot="x", channel=Channel.SMS)
    with clock.stopped_at(at(2026, 11, 30, 10)):
        batch = queue()
        Message.objects.update(not_before=at(2026, 11, 30, 9))
        claimed, _taken = texts.claim(run.pk, 10, texts.configured(None))
    assert len(claimed) == 1
    hours = silent_now()
    ours = [one.recipient.message_id for one in claimed]
    assert outbox.still_admitted(ours) == set()
    outbox.withhold(run.pk, ours)
    assert states(batch) == {"queued": 1}
    assert Message.objects.get().not_before == hours.ends_at


def test_a_text_does_not_leave_in_the_last_minutes_before_silence(settings: Any) -> None:
    configure(settings)
    textable(in_rennes=True)
    run = Run.objects.create(started_at=clock.now(), boot="x", channel=Channel.SMS)
    begins = at(2028, 4, 21, 19)
    with clock.stopped_at(at(2028, 4, 21, 12)):
        queue()
    election(SUNDAY).silences.update(begins_at=begins)
    for minutes, expected in ((9, 0), (11, 1)):
        with clock.stopped_at(begins - timedelta(minutes=minutes)):
            claimed, _taken = texts.claim(run.pk, 10, texts.configured(None))
            assert len(claimed) == expected
            Message.objects.filter(state=State.QUEUED).update(not_before=at(2028, 4, 21, 12))
    with clock.stopped_at(begins - timedelta(minutes=9)):
        assert outbox.still_admitted([claimed[0].recipient.message_id]) == set(), "in hand, it goes back too"


def test_the_database_lets_no_text_leave_in_silence(settings: Any) -> None:
    configure(settings)
    textable(in_rennes=True)
    queue()
    silent_now()
    with pytest.raises(IntegrityError, match="in electoral silence"), transaction.atomic():
        Message.objects.update(state=State.SENDING)


def test_a_batch_of_texts_set_aside_and_taken_up_again_in_silence_waits(telephones: Telephones) -> None:
    textable(in_rennes=True)
    election(SUNDAY)
    with clock.stopped_at(at(2028, 4, 21, 12)):
        batch = queue()
        services.pause(batch, actor=CAMPAIGN)
    assert run_at(at(2028, 4, 21, 13), telephones) == 0
    assert states(batch) == {"paused": 1}
    with clock.stopped_at(at(2028, 4, 22, 10)):
        services.resume(batch, actor=CAMPAIGN)
    assert run_at(at(2028, 4, 22, 10), telephones) == 0
    assert states(batch) == {"queued": 1}
    assert run_at(MONDAY, telephones) == 1
