"""What PostgreSQL believes of a table is put right before a statement about everybody, and only where it is wrong."""

from __future__ import annotations

import psycopg
import pytest
from django.db import connection

from portevoix.kernel import planner

MADE = "CREATE TABLE planner_voters (id integer PRIMARY KEY, ward text)"
FILLED = "INSERT INTO planner_voters SELECT n, 'ward ' || n % 7 FROM generate_series({}, {}) AS n"


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def voters(db: None) -> None:
    run(MADE)


def fill(first: int, last: int) -> None:
    run(FILLED.format(first, last))


@pytest.mark.usefixtures("voters")
class TestATable:
    def test_that_was_never_counted_is_counted_once(self) -> None:
        fill(1, 5_000)
        assert planner.count_anew("planner_voters") == ["planner_voters"]
        assert planner.count_anew("planner_voters") == []

    def test_that_doubled_is_counted_again_but_not_for_a_few_rows_more(self) -> None:
        fill(1, 5_000)
        planner.count_anew("planner_voters")
        fill(5_001, 5_500)
        assert planner.count_anew("planner_voters") == []
        fill(5_501, 12_000)
        assert planner.count_anew("planner_voters") == ["planner_voters"]

    def test_that_is_empty_is_left(self) -> None:
        assert planner.count_anew("planner_voters") == []


@pytest.mark.django_db(transaction=True)
def test_a_table_that_somebody_else_counts_is_left_rather_than_waited_for() -> None:
    run(MADE)
    try:
        fill(1, 5_000)
        where = connection.settings_dict
        with psycopg.connect(host=where["HOST"], user=where["USER"], dbname=where["NAME"]) as other:
            other.execute("LOCK TABLE planner_voters IN SHARE UPDATE EXCLUSIVE MODE")
            run("SET statement_timeout = '5s'")
            planner.count_anew("planner_voters")
            other.rollback()
        assert planner.count_anew("planner_voters") == ["planner_voters"]
    finally:
        run("RESET statement_timeout")
        run("DROP TABLE planner_voters")
