"""A batch that is paused and taken up again: nothing leaves meanwhile, nobody is missed, nobody gets it twice."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.types import Role
from portevoix.delivery import dispatch, selectors, services, tasks
from portevoix.delivery.dispatch import outbox
from portevoix.delivery.exceptions import BatchStopped
from portevoix.delivery.models import Batch, Message, Run
from portevoix.delivery.transports.memory import MemoryTransport
from portevoix.delivery.transports.smtp import SmtpServer, SmtpTransport
from portevoix.delivery.types import Outcome, Result
from portevoix.journal.models import Entry
from portevoix.kernel import clock
from portevoix.people.models import Person
from portevoix.rights import services as rights
from portevoix.rights.services import merging
from tests.accounts.factories import staff
from tests.delivery.factories import CAMPAIGN, audience, queue, states, withdraw
from tests.delivery.scripted_server import ScriptedServer
from tests.people.factories import PersonFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_spool(settings: Any, tmp_path: Any) -> None:
    settings.DATA_DIR = tmp_path


def deliver() -> MemoryTransport:
    kept = MemoryTransport()
    dispatch.run(lambda: kept, connections=1)
    return kept


def claim_one() -> tuple[Run, int]:
    run = Run.objects.create(started_at=clock.now(), boot="x")
    claimed, _taken = outbox.claim(run.pk, 1)
    return run, claimed[0].recipient.message_id


def test_what_waits_stays_until_it_is_taken_up_again() -> None:
    batch = queue(people=3)
    assert services.pause(batch, actor=CAMPAIGN) == 3
    assert deliver().sent == []
    assert states(batch) == {"paused": 3}
    assert services.resume(batch, actor=CAMPAIGN) == 3
    assert len(deliver().sent) == 3
    assert states(batch) == {"sent": 3}
    assert [entry.count for entry in Entry.objects.filter(command__in=["delivery.pause", "delivery.resume"])] == [3, 3]


def test_what_has_left_before_the_pause_does_not_leave_again() -> None:
    batch = queue(people=3)
    run, ref = claim_one()
    outbox.write(run.pk, [Result(ref, Outcome.SENT, 250, "ok")], {ref: 0})
    Run.objects.update(ended_at=clock.now())
    services.pause(batch, actor=CAMPAIGN)
    services.resume(batch, actor=CAMPAIGN)
    assert len(deliver().sent) == 2
    assert states(batch) == {"sent": 3}


def test_another_batch_goes_on() -> None:
    paused, other = queue(people=2), queue()
    services.pause(paused, actor=CAMPAIGN)
    deliver()
    assert (states(paused), states(other)) == ({"paused": 2}, {"sent": 2})


def test_whoever_withdraws_during_the_pause_gets_nothing_after_it() -> None:
    batch = queue(people=3)
    services.pause(batch, actor=CAMPAIGN)
    withdraw(Person.objects.order_by("pk")[0])
    assert services.resume(batch, actor=CAMPAIGN) == 2
    assert states(batch) == {"queued": 2, "suppressed": 1}


def test_whoever_is_erased_during_the_pause_leaves_a_number() -> None:
    batch = queue(people=2)
    services.pause(batch, actor=CAMPAIGN)
    rights.erase(Person.objects.order_by("pk")[0], actor=CAMPAIGN)
    assert states(batch) == {"paused": 1, "suppressed": 1}
    assert services.resume(batch, actor=CAMPAIGN) == 1
    assert len(deliver().sent) == 1


def test_pausing_and_resuming_twice_changes_nothing_more() -> None:
    batch = queue(people=2)
    services.pause(batch, actor=CAMPAIGN)
    first = Batch.objects.get().paused_at
    assert services.pause(batch, actor=CAMPAIGN) == 2
    assert Batch.objects.get().paused_at == first
    services.resume(batch, actor=CAMPAIGN)
    assert services.resume(batch, actor=CAMPAIGN) == 0
    assert states(batch) == {"queued": 2}


@pytest.mark.parametrize("outcome", [Outcome.DEFERRED, Outcome.SENT])
def test_what_a_dispatcher_has_in_hand_is_written_as_it_was_answered(outcome: Outcome) -> None:
    batch = queue(people=1)
    run, ref = claim_one()
    services.pause(batch, actor=CAMPAIGN)
    assert outbox.still_admitted([ref]) == set()
    outbox.write(run.pk, [Result(ref, outcome, 250 if outcome is Outcome.SENT else 451, "x")], {ref: 0})
    assert states(batch) == ({"sent": 1} if outcome is Outcome.SENT else {"paused": 1})
    services.resume(batch, actor=CAMPAIGN)
    assert states(batch) == ({"sent": 1} if outcome is Outcome.SENT else {"queued": 1})


def test_what_a_dispatcher_gives_back_is_set_aside_or_queued_as_its_batch_is_then() -> None:
    batch = queue(people=1)
    run, ref = claim_one()
    services.pause(batch, actor=CAMPAIGN)
    # The sender saw the pause and kept the message; it was taken up again before that was written down.
    services.resume(batch, actor=CAMPAIGN)
    outbox.give_back(run.pk, [ref], not_before=clock.now())
    assert states(batch) == {"queued": 1}


def test_a_large_batch_is_paused_at_once_and_put_aside_by_a_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "AT_ONCE", 2)
    batch = queue(people=5)
    assert services.pause(batch, actor=CAMPAIGN) == 5
    assert states(batch) == {"queued": 5}
    assert deliver().sent == [], "the dispatcher looks at the batch itself"
    Message.objects.filter(state="paused").update(state="paused")
    tasks.set_aside(batch.pk)
    assert states(batch) == {"paused": 5}
    services.resume(batch, actor=CAMPAIGN)
    assert len(deliver().sent) == 5


def test_a_large_batch_that_is_resumed_before_the_job_misses_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "AT_ONCE", 2)
    batch = queue(people=5)
    services.pause(batch, actor=CAMPAIGN)
    services.resume(batch, actor=CAMPAIGN)
    tasks.set_aside(batch.pk)
    assert len(deliver().sent) == 5


def test_a_paused_batch_is_not_closed() -> None:
    batch = queue(people=2)
    services.pause(batch, actor=CAMPAIGN)
    tasks.dispatch_queue()
    assert services.finish(batch, actor=CAMPAIGN) is False
    found = selectors.results(batch)
    assert (found.paused, found.waiting, found.total) == (2, 2, 2)


def test_a_paused_batch_may_be_stopped_for_good() -> None:
    batch = queue(people=2)
    services.pause(batch, actor=CAMPAIGN)
    assert services.stop(batch, actor=CAMPAIGN) == 2
    assert states(batch) == {"suppressed": 2}
    for act in (services.pause, services.resume):
        with pytest.raises(BatchStopped):
            act(batch, actor=CAMPAIGN)


def test_the_database_lets_nothing_of_a_paused_batch_leave() -> None:
    batch = queue(people=1)
    services.pause(batch, actor=CAMPAIGN)
    with pytest.raises(IntegrityError, match="paused"), transaction.atomic():
        Message.objects.filter(batch=batch).update(state="sending")


def test_the_database_sets_nothing_aside_of_a_batch_that_goes_on() -> None:
    batch = queue(people=1)
    with pytest.raises(IntegrityError, match="not paused"), transaction.atomic():
        Message.objects.filter(batch=batch).update(state="paused")


def change(batch: Batch, **facts: Any) -> None:
    Batch.objects.filter(pk=batch.pk).update(**facts)
    connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_database_takes_up_no_batch_without_its_messages() -> None:
    batch = queue(people=1)
    services.pause(batch, actor=CAMPAIGN)
    with pytest.raises(IntegrityError, match="left behind"), transaction.atomic():
        change(batch, paused_at=None)


def test_the_database_closes_no_batch_before_its_last_message() -> None:
    batch = queue(people=1)
    with pytest.raises(IntegrityError, match="left behind"), transaction.atomic():
        change(batch, finished_at=clock.now())


def test_two_records_that_are_merged_during_a_pause_get_one_letter() -> None:
    batch = queue(people=2)
    services.pause(batch, actor=CAMPAIGN)
    kept, absorbed = Person.objects.order_by("pk")
    merging.merge(kept.pk, absorbed.pk, actor=CAMPAIGN)
    services.resume(batch, actor=CAMPAIGN)
    assert len(deliver().sent) == 1


def test_more_people_are_written_to_once_however_often_it_is_asked() -> None:
    batch = queue(people=2)
    deliver()
    services.finish(batch, actor=CAMPAIGN)
    PersonFactory.create_batch(3, reachable=True)
    assert services.send_more(batch, audience(), actor=CAMPAIGN) == 3
    assert services.send_more(batch, audience(), actor=CAMPAIGN) == 0
    batch.refresh_from_db()
    assert batch.finished_at is None
    assert len(deliver().sent) == 3
    assert states(batch) == {"sent": 5}


def test_nobody_who_has_another_batch_is_written_to_by_this_one() -> None:
    first = queue(people=2)
    PersonFactory(reachable=True)
    second = services.send_more
    batch = queue(people=0, subject="Autre")
    assert states(batch) == {"queued": 3}
    services.stop(batch, actor=CAMPAIGN)
    with pytest.raises(BatchStopped):
        second(batch, audience(), actor=CAMPAIGN)
    assert second(first, audience(), but_for=[batch.pk], actor=CAMPAIGN) == 0


@pytest.mark.parametrize("role", [Role.READER, Role.ORGANISER, Role.LOCAL_LEAD, Role.DATA_OFFICER])
def test_only_who_may_send_may_pause_and_resume(role: Role) -> None:
    batch = queue(people=1)
    actor = staff(role, "35" if role is Role.LOCAL_LEAD else "")
    for act in (services.pause, services.resume):
        with pytest.raises(NotAllowed):
            act(batch, actor=actor)


@pytest.mark.django_db(transaction=True)
def test_a_mailing_paused_and_resumed_while_it_leaves_reaches_everybody_once() -> None:
    batch = queue(people=60)
    reached = threading.Event()

    def answer(count: int) -> str:
        if count == 10:
            reached.set()
        return "250 taken"

    with ScriptedServer(answers={"final dot": answer}) as server:

        def work() -> None:
            while Message.objects.unsettled().exists():
                dispatch.run(lambda: SmtpTransport(SmtpServer(host="127.0.0.1", port=server.port)), connections=2)
            connection.close()

        worker = threading.Thread(target=work)
        worker.start()
        assert reached.wait(60)
        for _time in range(5):
            services.pause(batch, actor=CAMPAIGN)
            services.resume(batch, actor=CAMPAIGN)
        worker.join(60)
    assert not worker.is_alive()
    assert states(batch) == {"sent": 60}
    assert max(Counter(content.split(b"Message-ID: <")[1].split(b".")[0] for content in server.contents).values()) == 1
    assert len(server.contents) == 60
