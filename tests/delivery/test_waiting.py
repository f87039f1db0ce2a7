"""What waits for its hour holds up nothing that is due: neither letters put off, nor another channel's messages."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from portevoix.delivery import selectors, tasks
from portevoix.delivery.dispatch import outbox, texts
from portevoix.delivery.models import Message, Run
from portevoix.kernel import clock
from portevoix.people.types import USABLE
from portevoix.rights.purposes import Channel
from tests.delivery import operator
from tests.delivery.factories import queue

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def provider(settings: Any) -> None:
    operator.configure(settings)


def walked_over(statement: str) -> tuple[int, set[str]]:
    """Return how many rows a claim looked at and left, and by which indexes it found the others."""
    asked = {"now": clock.now(), "limit": 5, "priority": outbox.ALL, "usable": [str(one) for one in USABLE]}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", asked)
        told = cursor.fetchone()[0]
    plan = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
    return _left(plan), _indexes(plan)


def _nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for part in plan.get("Plans", []) for node in _nodes(part))]


def _left(plan: dict[str, Any]) -> int:
    return sum(
        node.get("Rows Removed by Filter", 0)
        for node in _nodes(plan)
        if node.get("Relation Name") == "delivery_message"
    )


def _indexes(plan: dict[str, Any]) -> set[str]:
    return {node["Index Name"] for node in _nodes(plan) if "Index Name" in node}


def test_a_claim_of_letters_walks_over_none_that_waits() -> None:
    operator.queue(30)
    queue(people=30)
    Message.objects.filter(channel=Channel.EMAIL).update(not_before=clock.now() + timedelta(hours=9))
    due = queue(people=3)
    left, indexes = walked_over(outbox.TAKE)
    assert left == 0
    assert "message_letters_waiting" in indexes
    claimed, _taken = outbox.claim(Run.objects.create().pk, 50)
    assert {one.batch_id for one in claimed} == {due.pk}


def test_a_claim_of_texts_walks_over_no_letter() -> None:
    queue(people=30)
    operator.queue(3)
    left, indexes = walked_over(texts.TAKE)
    assert left == 0
    assert "message_texts_waiting" in indexes


def test_what_is_due_for_longest_leaves_first_whatever_was_queued_before() -> None:
    late, early = queue(people=2), queue()
    Message.objects.filter(batch=late).update(not_before=clock.now() - timedelta(minutes=1))
    Message.objects.filter(batch=early).update(not_before=clock.now() - timedelta(hours=1))
    claimed, _taken = outbox.claim(Run.objects.create().pk, 2)
    assert {one.batch_id for one in claimed} == {early.pk}


def test_the_pace_of_letters_knows_nothing_of_texts() -> None:
    operator.queue(3)
    Run.objects.create(channel=Channel.SMS, fault="402 no credit", ended_at=clock.now())
    now = selectors.pace_now()
    assert (now.waiting, now.fault) == (0, "")


def test_texts_that_wait_call_no_second_worker_for_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "MUCH", 1)
    operator.queue(3)
    tasks.dispatch_queue()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'delivery.dispatch'")
        assert cursor.fetchone() == (0,)
