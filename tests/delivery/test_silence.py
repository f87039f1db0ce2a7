"""Electoral silence (code électoral, art. L. 49): nothing of propaganda leaves where it holds, by any way."""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from portevoix.delivery import dispatch, services
from portevoix.delivery.dispatch import outbox
from portevoix.delivery.dispatch.work import Work
from portevoix.delivery.models import Message, Run, State
from portevoix.delivery.transports.memory import MemoryTransport
from portevoix.kernel import clock
from portevoix.kernel.clock import PARIS
from portevoix.people.models import Person
from portevoix.territory.models import SilentHours
from tests.delivery.factories import CAMPAIGN, audience, queue, queue_confirmation, states, withdraw
from tests.people.factories import PersonFactory
from tests.territory.factories import CommuneFactory, DepartementFactory, election

pytestmark = pytest.mark.django_db
SUNDAY = date(2028, 4, 23)
END = datetime(2028, 4, 23, 20, tzinfo=PARIS)


@pytest.fixture(autouse=True)
def own_spool(settings: Any, tmp_path: Any) -> None:
    settings.DATA_DIR = tmp_path


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=PARIS)  # type: ignore[arg-type,misc]


def run_at(moment: datetime) -> list[str]:
    kept = MemoryTransport()
    with clock.stopped_at(moment):
        dispatch.run(lambda: kept, connections=1)
    return [envelope.recipient for envelope in kept.sent]


def in_guadeloupe(**known: Any) -> Person:
    islands = DepartementFactory(code="971", name="Guadeloupe")
    town = CommuneFactory(code="97105", name="Basse-Terre", departement=islands)
    person: Person = PersonFactory(reachable=True, commune=town, **known)
    return person


def silent_now(departement: str = "35") -> SilentHours:
    """Let silence hold now, by the clocks of this machine and of the database."""
    kept = election(SUNDAY, departements=(DepartementFactory(code=departement).pk,))
    kept.silences.update(begins_at=clock.now() - timedelta(hours=1), ends_at=clock.now() + timedelta(hours=1))
    return kept.silences.get(departement=departement)


def test_at_a_minute_to_midnight_letters_leave_and_at_midnight_they_wait() -> None:
    PersonFactory(reachable=True, in_rennes=True)
    election(SUNDAY)
    with clock.stopped_at(at(2028, 4, 20, 12)):
        batch = queue()
    assert len(run_at(at(2028, 4, 21, 23, 59))) == 1
    Message.objects.update(state=State.QUEUED)
    assert run_at(at(2028, 4, 22, 0, 0)) == []
    assert states(batch) == {"queued": 1}
    assert Message.objects.get().not_before == END


def test_a_minute_before_the_offices_close_they_wait_and_then_they_leave() -> None:
    PersonFactory(reachable=True, in_rennes=True)
    election(SUNDAY)
    with clock.stopped_at(at(2028, 4, 21, 12)):
        queue()
    assert run_at(at(2028, 4, 23, 19, 59)) == []
    assert len(run_at(at(2028, 4, 23, 20, 0))) == 1


def test_where_one_votes_on_saturday_letters_wait_from_friday_and_elsewhere_they_leave() -> None:
    islander = in_guadeloupe()
    mainlander = PersonFactory(reachable=True, in_rennes=True)
    election(SUNDAY, kind="presidential", early=("971",))
    with clock.stopped_at(at(2028, 4, 21, 12)):
        queue()
    assert run_at(at(2028, 4, 21, 12)) == [mainlander.emails.get().address]
    waits = Message.objects.get(state=State.QUEUED)
    assert (waits.person_id, waits.not_before) == (islander.pk, END)


def test_whoever_is_of_no_known_place_is_written_to_by_the_strictest_hours() -> None:
    in_guadeloupe()
    PersonFactory(reachable=True)
    election(SUNDAY, kind="presidential", early=("971",))
    with clock.stopped_at(at(2028, 4, 21, 12)):
        queue()
    assert run_at(at(2028, 4, 21, 12)) == []


def test_an_election_elsewhere_silences_nobody_here() -> None:
    PersonFactory(reachable=True, in_rennes=True)
    election(SUNDAY, departements=(DepartementFactory(code="29", name="Finistère").pk,))
    with clock.stopped_at(at(2028, 4, 22, 12)):
        queue()
    assert len(run_at(at(2028, 4, 22, 12))) == 1


def test_what_is_sent_during_silence_is_queued_until_its_end() -> None:
    PersonFactory(reachable=True, in_rennes=True)
    election(SUNDAY)
    with clock.stopped_at(at(2028, 4, 22, 9)):
        assert audience().silent_until["35"] == END
        queue()
    assert Message.objects.get().not_before == END


def test_what_a_person_asked_for_leaves_all_the_same() -> None:
    person = PersonFactory(with_email=True, in_rennes=True)
    silent_now()
    queue_confirmation(person)
    kept = MemoryTransport()
    dispatch.run(lambda: kept, connections=1)
    assert len(kept.sent) == 1


def test_the_database_refuses_that_anything_begins_to_leave_whoever_asks() -> None:
    PersonFactory(reachable=True, in_rennes=True)
    queue()
    silent_now()
    with pytest.raises(IntegrityError, match="in electoral silence"), transaction.atomic():
        Message.objects.update(state=State.SENDING)
    SilentHours.objects.update(ends_at=clock.now())
    Message.objects.update(state=State.SENDING)


def test_the_database_lets_those_of_other_places_and_of_service_leave() -> None:
    PersonFactory(reachable=True, in_brest=True)
    queue()
    queue_confirmation(PersonFactory(with_email=True, in_rennes=True))
    silent_now()
    Message.objects.update(state=State.SENDING)
    assert Message.objects.filter(state=State.SENDING).count() == 2


def test_the_database_keeps_those_of_no_known_place() -> None:
    PersonFactory(reachable=True)
    queue()
    silent_now()
    with pytest.raises(IntegrityError, match="in electoral silence"):
        Message.objects.update(state=State.SENDING)


def test_a_letter_in_hand_when_silence_begins_goes_back_and_waits() -> None:
    PersonFactory(reachable=True, in_rennes=True)
    queue()
    run = Run.objects.create(started_at=clock.now(), boot="x")
    claimed, _taken = outbox.claim(run.pk, 10)
    hours = silent_now()
    ours = {one.recipient.message_id for one in claimed}
    assert outbox.still_admitted(ours) == set()
    outbox.withhold(run.pk, list(ours))
    message = Message.objects.get()
    assert (message.state, message.not_before, message.attempts) == (State.QUEUED, hours.ends_at, 0)


def test_whoever_withdrew_is_held_back_for_good_in_silence_too() -> None:
    person = PersonFactory(reachable=True, in_rennes=True)
    queue()
    run = Run.objects.create(started_at=clock.now(), boot="x")
    claimed, _taken = outbox.claim(run.pk, 10)
    silent_now()
    withdraw(person)
    outbox.withhold(run.pk, [one.recipient.message_id for one in claimed])
    assert Message.objects.get().state == State.SUPPRESSED


def test_nothing_is_taken_in_the_last_seconds_before_silence() -> None:
    PersonFactory(reachable=True, in_rennes=True)
    election(SUNDAY)
    with clock.stopped_at(at(2028, 4, 21, 12)):
        queue()
    assert run_at(at(2028, 4, 21, 23, 59, 56)) == []
    Message.objects.update(not_before=clock.now())
    assert len(run_at(at(2028, 4, 21, 23, 59, 54))) == 1


@pytest.mark.django_db(transaction=True)
def test_a_run_that_meets_silence_on_its_way_sends_nothing_more(tmp_path: Any) -> None:
    PersonFactory.create_batch(5, reachable=True, in_rennes=True)
    batch = queue()
    kept = MemoryTransport()
    work = Work(tmp_path, lambda: kept, 1)
    silent_now()
    with work:
        work.go_on(until=time.monotonic() + 1)
    assert kept.sent == []
    assert states(batch) == {"queued": 5}


# ------------------------------------------------------------------------------------------------- and a pause


def test_a_paused_batch_taken_up_again_in_silence_waits_for_its_end() -> None:
    PersonFactory(reachable=True, in_rennes=True)
    neighbour = PersonFactory(reachable=True, in_brest=True)
    batch = queue()
    services.pause(batch, actor=CAMPAIGN)
    hours = silent_now()
    assert services.resume(batch, actor=CAMPAIGN) == 2
    kept = MemoryTransport()
    dispatch.run(lambda: kept, connections=1)
    assert [one.recipient for one in kept.sent] == [neighbour.emails.get().address]
    assert Message.objects.get(state=State.QUEUED).not_before == hours.ends_at
    SilentHours.objects.update(ends_at=clock.now())
    Message.objects.filter(state=State.QUEUED).update(not_before=clock.now())
    dispatch.run(lambda: kept, connections=1)
    assert states(batch) == {"sent": 2}


def test_a_letter_in_hand_of_a_batch_paused_in_silence_is_set_aside_and_waits_once_it_is_taken_up() -> None:
    PersonFactory(reachable=True, in_rennes=True)
    batch = queue()
    run = Run.objects.create(started_at=clock.now(), boot="x")
    claimed, _taken = outbox.claim(run.pk, 10)
    hours = silent_now()
    services.pause(batch, actor=CAMPAIGN)
    outbox.withhold(run.pk, [one.recipient.message_id for one in claimed])
    assert states(batch) == {"paused": 1}
    services.resume(batch, actor=CAMPAIGN)
    message = Message.objects.get()
    assert (message.state, message.not_before) == (State.QUEUED, hours.ends_at)


def test_who_is_added_to_a_batch_in_silence_waits_too() -> None:
    PersonFactory(reachable=True, in_rennes=True)
    first = queue()
    hours = silent_now()
    PersonFactory(reachable=True, in_rennes=True)
    assert services.send_more(first, audience(), but_for=[first.pk], actor=CAMPAIGN) == 1
    assert Message.objects.order_by("pk").last().not_before == hours.ends_at  # type: ignore[union-attr]
