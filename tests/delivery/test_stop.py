"""A batch that was stopped: what has left has left, nothing else leaves, every message ends somewhere."""

from __future__ import annotations

from typing import Any

import pytest

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.types import Role
from portevoix.delivery import dispatch, services, tasks
from portevoix.delivery.dispatch import outbox
from portevoix.delivery.models import Batch, Message, Run
from portevoix.delivery.transports.memory import MemoryTransport
from portevoix.delivery.types import Outcome, Result
from portevoix.journal.models import Entry
from portevoix.kernel import clock
from tests.accounts.factories import staff
from tests.delivery.factories import CAMPAIGN, queue, states

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_spool(settings: Any, tmp_path: Any) -> None:
    settings.DATA_DIR = tmp_path


def test_what_waits_is_held_back_and_counted() -> None:
    batch = queue(people=3)
    assert services.stop(batch, actor=CAMPAIGN) == 3
    assert states(batch) == {"suppressed": 3}
    entry = Entry.objects.get(command="delivery.stop")
    assert entry.count == 3


def test_another_batch_goes_on() -> None:
    stopped, other = queue(people=2), queue()
    services.stop(stopped, actor=CAMPAIGN)
    kept = MemoryTransport()
    dispatch.run(lambda: kept, connections=1)
    assert (states(stopped), states(other)) == ({"suppressed": 2}, {"sent": 2})


def test_stopping_twice_changes_nothing_more() -> None:
    batch = queue(people=2)
    services.stop(batch, actor=CAMPAIGN)
    first = Batch.objects.get().stopped_at
    assert services.stop(batch, actor=CAMPAIGN) == 0
    assert Batch.objects.get().stopped_at == first


def test_what_is_refused_for_now_after_the_stop_is_not_tried_again() -> None:
    batch = queue(people=1)
    run = Run.objects.create(started_at=clock.now(), boot="x")
    claimed, _taken = outbox.claim(run.pk, 10)
    services.stop(batch, actor=CAMPAIGN)
    ref = claimed[0].recipient.message_id
    outbox.write(run.pk, [Result(ref, Outcome.DEFERRED, 451, "later")], {ref: 0})
    assert states(batch) == {"suppressed": 1}


def test_what_a_dead_worker_gives_back_after_the_stop_stays_here() -> None:
    batch = queue(people=1)
    run = Run.objects.create(started_at=clock.now(), boot="x")
    claimed, _taken = outbox.claim(run.pk, 10)
    services.stop(batch, actor=CAMPAIGN)
    outbox.give_back(run.pk, [claimed[0].recipient.message_id], not_before=clock.now())
    assert states(batch) == {"suppressed": 1}


def test_what_slipped_back_into_the_queue_is_held_back_when_its_turn_comes() -> None:
    batch = queue(people=1)
    Batch.objects.update(stopped_at=clock.now())
    kept = MemoryTransport()
    dispatch.run(lambda: kept, connections=1)
    assert kept.sent == []
    assert states(batch) == {"suppressed": 1}


def test_an_answer_that_comes_after_the_stop_is_written_as_it_is() -> None:
    batch = queue(people=1)
    run = Run.objects.create(started_at=clock.now(), boot="x")
    claimed, _taken = outbox.claim(run.pk, 10)
    services.stop(batch, actor=CAMPAIGN)
    ref = claimed[0].recipient.message_id
    assert outbox.still_admitted([ref]) == set()
    outbox.write(run.pk, [Result(ref, Outcome.SENT, 250, "ok")], {ref: 0})
    assert states(batch) == {"sent": 1}


def test_a_stopped_batch_is_closed_by_the_next_turn_of_the_dispatcher() -> None:
    batch = queue(people=2)
    services.stop(batch, actor=CAMPAIGN)
    tasks.dispatch_queue()
    batch.refresh_from_db()
    assert batch.finished_at is not None
    assert not Message.objects.may_leave().exists()


@pytest.mark.parametrize("role", [Role.READER, Role.ORGANISER, Role.LOCAL_LEAD, Role.DATA_OFFICER])
def test_only_who_may_send_may_stop(role: Role) -> None:
    batch = queue(people=1)
    with pytest.raises(NotAllowed):
        services.stop(batch, actor=staff(role, "35" if role is Role.LOCAL_LEAD else ""))
    assert states(batch) == {"queued": 1}
