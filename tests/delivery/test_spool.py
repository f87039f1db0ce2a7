"""A dead run's diary is believed exactly as far as it can be."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from portevoix.delivery.dispatch import recovery, spool
from portevoix.delivery.dispatch.spool import Spool
from portevoix.delivery.models import Batch, Message, Run, State
from portevoix.delivery.types import Outcome, Result
from portevoix.kernel import clock
from portevoix.rights.purposes import Channel
from tests.delivery.factories import queue, states, withdraw

SENT = Outcome.SENT


def write(folder: Path, run_id: int = 1, *, begun: tuple[int, ...] = (), results: tuple[Result, ...] = ()) -> None:
    diary = Spool(folder, run_id)
    for message_id in begun:
        diary.begin(message_id)
    for result in results:
        diary.finish(result)
    diary.close(complete=False)


def test_a_diary_tells_what_was_answered_and_what_was_not(tmp_path: Path) -> None:
    answer = Result(1, SENT, 250, "2.0.0 gardé\n« bien »")
    write(tmp_path, begun=(1, 2), results=(answer,))
    account = spool.read(spool.path_of(tmp_path, 1))
    assert account.begun == {2}
    assert account.results == {1: answer}


def test_a_message_begun_again_is_unanswered_again(tmp_path: Path) -> None:
    write(tmp_path, begun=(1,), results=(Result(1, Outcome.DEFERRED, 450, ""),))
    write(tmp_path, begun=(1,))
    account = spool.read(spool.path_of(tmp_path, 1))
    assert (account.begun, account.results) == ({1}, {})


def test_a_line_cut_short_says_nothing(tmp_path: Path) -> None:
    write(tmp_path, begun=(1, 2))
    with spool.path_of(tmp_path, 1).open("ab") as file:
        file.write(b'[2, "sent", 250')
    assert spool.read(spool.path_of(tmp_path, 1)).begun == {1, 2}


def test_a_living_workers_diary_is_not_read(tmp_path: Path) -> None:
    living = Spool(tmp_path, 1)
    with pytest.raises(spool.StillRunning):
        spool.read(spool.path_of(tmp_path, 1))
    living.close(complete=True)
    assert not spool.path_of(tmp_path, 1).exists()


@pytest.fixture
def sending(db: None) -> tuple[Run, Batch, list[int]]:
    """A run that stopped with three messages in hand."""
    batch = queue(people=3)
    run = Run.objects.create(boot=spool.boot())
    Message.objects.update(state=State.SENDING, run=run)
    return run, batch, list(Message.objects.order_by("pk").values_list("pk", flat=True))


Sending = tuple[Run, Batch, list[int]]


def test_each_message_is_settled_by_what_the_diary_says(sending: Sending, tmp_path: Path) -> None:
    run, batch, (answered, begun, _untouched) = sending
    write(tmp_path, run.pk, begun=(answered, begun), results=(Result(answered, SENT, 250, "ok"),))
    assert recovery.recover(tmp_path, Channel.EMAIL) == 1
    assert states(batch) == {"sent": 1, "uncertain": 1, "queued": 1}
    assert recovery.recover(tmp_path, Channel.EMAIL) == 0


def test_each_channel_settles_its_own_runs_and_no_other(sending: Sending, tmp_path: Path) -> None:
    run, batch, _ids = sending
    write(tmp_path, run.pk)
    assert recovery.recover(tmp_path, Channel.SMS) == 0
    assert states(batch) == {"sending": 3}
    assert recovery.recover(tmp_path, Channel.EMAIL) == 1
    assert states(batch) == {"queued": 3}


def test_what_was_never_begun_goes_back_unless_its_reader_withdrew(sending: Sending, tmp_path: Path) -> None:
    run, batch, ids = sending
    write(tmp_path, run.pk)
    reader = Message.objects.select_related("person").get(pk=ids[0]).person
    assert reader is not None
    withdraw(reader)
    recovery.recover(tmp_path, Channel.EMAIL)
    assert states(batch) == {"suppressed": 1, "queued": 2}


def test_after_a_power_failure_silence_proves_nothing(sending: Sending, tmp_path: Path) -> None:
    run, batch, ids = sending
    Run.objects.update(boot="another life of this machine")
    write(tmp_path, run.pk, begun=(ids[0],), results=(Result(ids[0], SENT, 250, "ok"),))
    recovery.recover(tmp_path, Channel.EMAIL)
    assert states(batch) == {"sent": 1, "uncertain": 2}


def test_a_run_whose_diary_is_elsewhere_is_left_alone_for_an_hour(sending: Sending, tmp_path: Path) -> None:
    _run, batch, _ids = sending
    assert recovery.recover(tmp_path, Channel.EMAIL) == 0
    assert states(batch) == {"sending": 3}
    with clock.stopped_at(clock.now() + timedelta(hours=2)):
        assert recovery.recover(tmp_path, Channel.EMAIL) == 1
    assert states(batch) == {"uncertain": 3}


def test_a_deferral_in_the_diary_is_one_attempt(sending: Sending, tmp_path: Path) -> None:
    run, batch, ids = sending
    results: Any = tuple(Result(message_id, Outcome.DEFERRED, 450, "later") for message_id in ids)
    write(tmp_path, run.pk, begun=tuple(ids), results=results)
    recovery.recover(tmp_path, Channel.EMAIL)
    assert states(batch) == {"queued": 3}
    assert set(Message.objects.values_list("attempts", flat=True)) == {1}
