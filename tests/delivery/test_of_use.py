"""A letter that is worth nothing after a moment does not leave after it, and the database says so too."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

import portevoix.delivery.migrations
from portevoix.delivery import services
from portevoix.delivery.dispatch import outbox
from portevoix.delivery.models import Batch, Message, Run
from portevoix.delivery.types import Outcome, Result
from portevoix.kernel import clock
from tests.delivery.factories import CAMPAIGN, audience, letter, states
from tests.mailings.factories import deliver
from tests.people.factories import PersonFactory

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def own_spool(settings: Any, tmp_path: Any) -> None:
    settings.DATA_DIR = tmp_path


def until(moment: datetime) -> Batch:
    PersonFactory(reachable=True)
    return services.send(letter(), audience(), not_after=moment, actor=CAMPAIGN)


def past(batch: Batch) -> None:
    Batch.objects.filter(pk=batch.pk).update(not_after=clock.now() - HOUR)


def test_before_the_moment_it_leaves_and_after_it_does_not() -> None:
    late, early = until(clock.now() - HOUR), until(clock.now() + HOUR)
    deliver()
    assert states(late) == {"suppressed": 1}
    assert states(early) == {"sent": 2}


def test_what_was_refused_for_now_is_not_tried_again_after_the_moment() -> None:
    batch = until(clock.now() + HOUR)
    run = Run.objects.create(started_at=clock.now(), boot="x")
    claimed, _taken = outbox.claim(run.pk, 10)
    past(batch)
    ref = claimed[0].recipient.message_id
    assert outbox.still_admitted([ref]) == set()
    outbox.write(run.pk, [Result(ref, Outcome.DEFERRED, 451, "later")], {ref: 0})
    assert states(batch) == {"suppressed": 1}


def test_whoever_forgets_to_ask_is_refused_by_the_database() -> None:
    batch = until(clock.now() + HOUR)
    past(batch)
    with pytest.raises(IntegrityError, match="past their use"), transaction.atomic():
        Message.objects.filter(batch=batch).update(state="sending")
    Message.objects.filter(batch=batch).update(state="suppressed")


def test_the_gate_that_stands_is_the_one_that_its_last_file_says() -> None:
    (*_former, last) = sorted(Path(portevoix.delivery.migrations.__path__[0]).glob("*_gate.sql"))
    said = re.search(r"AS \$\$(.*)\$\$;", last.read_text("utf-8"), re.DOTALL)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.tgname, p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
            "WHERE t.tgrelid = 'delivery_message'::regclass AND t.tgname LIKE 'delivery_gate%%' ORDER BY 1"
        )
        found = cursor.fetchall()
    assert said is not None
    assert [name for name, _source in found] == ["delivery_gate_on_insert", "delivery_gate_on_update"]
    assert {source for _name, source in found} == {said[1]}
