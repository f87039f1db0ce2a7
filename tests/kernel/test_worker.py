"""A worker lives for months; the database beside it is restarted now and then."""

from __future__ import annotations

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection

from portevoix.kernel import jobs
from tests.kernel.worker import run_the_worker

pytestmark = pytest.mark.django_db(transaction=True)

SEEN: list[bool] = []
CUT_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@jobs.task(name="tests.look")
def look() -> None:
    SEEN.append(ContentType.objects.exists())


@pytest.fixture(autouse=True)
def nothing_seen() -> None:
    SEEN.clear()


def test_a_worker_works_again_after_the_database_cut_every_line() -> None:
    run_the_worker()
    with connection.cursor() as cursor:
        cursor.execute(CUT_OTHERS)
    jobs.defer("tests.look")
    run_the_worker()
    assert SEEN == [True]
