from __future__ import annotations

import threading

import pytest
from django.db import connection

from portevoix.audience import counter
from portevoix.audience.models import DailyCount

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_writer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counter, "_writer", threading.current_thread())


def test_pages_seen_are_added_up_by_day_page_and_origin() -> None:
    for origin in ("", "search", "search", None):
        counter.count("/", origin)
    counter.flush()
    counter.count("/", "search")
    counter.flush()
    counts = {row.origin: (row.views, row.visits) for row in DailyCount.objects.all()}
    assert counts == {"": (2, 1), "search": (3, 3)}


def test_counts_wait_when_the_database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    counter.count("/", "")
    with monkeypatch.context() as patch:
        patch.setattr(counter, "UPSERT", "SELECT 1/0 -- %s %s %s %s %s")
        with connection.cursor() as cursor:
            cursor.execute("SAVEPOINT before")
            assert counter.flush() == 0
            cursor.execute("ROLLBACK TO before")
    assert counter.flush() == 1
    assert DailyCount.objects.get().views == 1


def test_a_flood_of_addresses_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counter, "MOST_KEPT", 10)
    for number in range(100):
        counter.count(f"/{number}", "")
    assert counter.flush() == 10
