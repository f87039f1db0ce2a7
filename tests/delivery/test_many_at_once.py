"""A letter to many, queued while PostgreSQL still believes that they are few."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from benchmarks.mail import ADD_PEOPLE
from portevoix.delivery.models import Message
from tests.delivery.factories import queue

MANY = 20_000
TABLES = ("rights_ground", "people_emailaddress", "people_person")


def add_people(number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(ADD_PEOPLE, [number])


def believe_that_there_is_nobody() -> None:
    """Count while the tables are large and empty, as after a purge."""
    add_people(MANY)
    with connection.cursor() as cursor:
        with transaction.atomic():
            cursor.execute("SET LOCAL session_replication_role = replica")
            for table in TABLES:
                cursor.execute(f'DELETE FROM "{table}"')
        cursor.execute(f"ANALYZE {', '.join(TABLES)}")


@pytest.mark.django_db(transaction=True)
def test_a_letter_to_many_who_came_a_moment_ago_does_not_read_everybody_for_each() -> None:
    believe_that_there_is_nobody()
    add_people(MANY)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '20s'")
        try:
            assert Message.objects.filter(batch=queue()).count() == MANY
        finally:
            cursor.execute("RESET statement_timeout")
