from __future__ import annotations

import threading

import pytest
from django.db import connection

from portevoix.audience import counter
from portevoix.audience.models import DailyCount
from portevoix.audience.rules import Link

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
        patch.setattr(counter, "UPSERT", "SELECT 1/0 -- %s %s %s %s %s %s %s %s %s")
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


def test_visits_are_told_apart_by_the_word_of_the_link_and_by_nobodys_name() -> None:
    for origin, link in (("", Link("tract")), ("", Link("tract")), ("social", Link("", True)), (None, Link("tract"))):
        counter.count("/", origin, link)
    counter.flush()
    rows = DailyCount.objects.values_list("origin", "source", "is_by_personal_link", "views", "visits")
    assert set(rows) == {("", "tract", False, 2, 2), ("social", "", True, 1, 1), ("", "", False, 1, 0)}


def test_a_flood_of_words_counts_as_visits_without_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counter, "MOST_WORDS", 3)
    counter.count("/", "", Link("tract"))
    counter.flush()
    for number in range(9):
        counter.count("/", "", Link(f"w{number}"))
        counter.count("/", "", Link("tract"))
        if number % 3 == 0:
            counter.flush()
    counter.flush()
    assert DailyCount.objects.exclude(source="").values("source").distinct().count() == 3
    assert DailyCount.objects.get(source="tract").visits == 10
    assert DailyCount.objects.get(source="").visits == 7


def test_visits_are_told_apart_by_the_whole_link_and_a_flood_of_links_by_their_word_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(counter, "MOST_LINKS", 2)
    for number, medium in enumerate(("qr", "papier", "mur", "sac")):
        for _visit in range(5 - number):
            counter.count("/", "", Link("tract", medium=medium, campaign="mai"))
    counter.flush()
    counter.count("/", "", Link("tract", medium="sac", campaign="mai"))
    counter.flush()
    rows = dict(DailyCount.objects.values_list("medium", "visits"))
    assert rows == {"qr": 5, "papier": 4, "": 3 + 2 + 1}
    assert set(DailyCount.objects.values_list("source", flat=True)) == {"tract"}
