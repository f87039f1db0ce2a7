"""Visits that the web server in front answered by itself, from its log: each counts once, whatever happens."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from portevoix.audience import counter, readers
from portevoix.audience.models import Bookmark, DailyCount
from portevoix.audience.tasks import count_log

pytestmark = pytest.mark.django_db
HOUR = "2026-03-01T11:00:00+01:00"


def line(path: str = "/", origin: str = "", hour: str = HOUR, host: str = "valmer.example") -> str:
    return json.dumps([hour, host, path, origin]) + "\n"


@pytest.fixture
def log(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path / "visits.log"


def append(log: Path, *lines: str) -> None:
    with log.open("a") as file:
        file.writelines(lines)


def counts() -> dict[tuple[str, str], tuple[int, int]]:
    return {(row.path, row.origin): (row.views, row.visits) for row in DailyCount.objects.all()}


def test_visits_are_counted_by_day_page_and_origin(log: Path) -> None:
    append(log, line(), line(origin="www.qwant.com"), line(origin="valmer.example"), line("/programme/", "lemonde.fr"))
    count_log()
    assert counts() == {("/", ""): (2, 1), ("/", "search"): (1, 1), ("/programme/", "lemonde.fr"): (1, 1)}
    assert {row.day for row in DailyCount.objects.all()} == {date(2026, 3, 1)}


def test_the_day_is_that_of_paris(log: Path) -> None:
    append(log, line(hour="2026-03-01T23:00:00+00:00"))
    count_log()
    assert DailyCount.objects.get().day == date(2026, 3, 2)


def test_each_counts_once(log: Path) -> None:
    append(log, line())
    assert counter.count_log() == 1
    append(log, line())
    assert counter.count_log() == 1
    assert counter.count_log() == 0
    assert counts() == {("/", ""): (2, 2)}


def test_half_a_line_waits_for_its_end(log: Path) -> None:
    whole = line("/programme/")
    append(log, line(), whole[:20])
    assert counter.count_log() == 1
    append(log, whole[20:])
    assert counter.count_log() == 1
    assert counts()["/programme/", ""] == (1, 1)


def test_a_count_that_fails_is_made_again_whole(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    append(log, line())
    Bookmark.objects.create(pk=1)
    with monkeypatch.context() as patch:
        patch.setattr(Bookmark, "save", lambda self, **how: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            counter.count_log()
    assert counts() == {}
    assert counter.count_log() == 1


def test_a_log_that_was_changed_for_another_is_read_from_its_beginning(log: Path) -> None:
    append(log, line(), line())
    counter.count_log()
    log.rename(log.with_suffix(".1"))
    append(log, line())
    assert counter.count_log() == 1


def test_a_long_log_is_emptied_and_what_comes_next_is_counted(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counter, "LONG_LOG", 100)
    monkeypatch.setattr(readers, "MOST_BYTES", 150)  # read in several goes
    append(log, *[line()] * 10)
    assert counter.count_log() == 10
    assert log.stat().st_size == 0
    append(log, line())
    assert counter.count_log() == 1


def test_a_log_that_grew_meanwhile_is_not_emptied(log: Path) -> None:
    append(log, line())
    counter._empty(3)
    assert log.stat().st_size > 0


def test_a_log_that_we_may_not_empty_is_told(log: Path, caplog: pytest.LogCaptureFixture) -> None:
    log.mkdir()
    counter._empty(log.stat().st_size)
    assert "visits.log" in caplog.text


def test_what_is_no_line_of_ours_is_left_out(log: Path) -> None:
    append(log, "\n", "{}\n", "[1,2,3,4]\n", '["x"]\n', "not json\n", "\x00\xff\n", line(hour="yesterday"), line())
    with log.open("ab") as file:
        file.write(b"\xff\xfe\n")
    assert counter.count_log() == 1


def test_a_page_is_written_as_browsers_show_it(log: Path) -> None:
    append(log, line("/%C3%A9tude/"))
    count_log()
    assert DailyCount.objects.get().path == "/étude/"


def test_without_a_log_there_is_nothing_to_count(log: Path) -> None:
    assert counter.count_log() == 0
    assert not list(log.parent.iterdir())


def test_the_word_of_the_link_is_read_and_cleaned(log: Path) -> None:
    said = [["tract", ""], ["march%C3%A9+aux+puces", "1"], ["anne%40mail.example", ""], ["", ""]]
    append(log, *(json.dumps([HOUR, "valmer.example", "/", "", *link]) + "\n" for link in said), line())
    assert counter.count_log() == 5
    rows = DailyCount.objects.values_list("source", "is_by_personal_link", "visits")
    assert set(rows) == {("tract", False, 1), ("marché aux puces", True, 1), ("", False, 3)}


def test_half_a_link_is_no_line(log: Path) -> None:
    append(log, json.dumps([HOUR, "valmer.example", "/", "", "tract"]) + "\n", line())
    assert counter.count_log() == 1
