from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import connection

from portevoix.kernel import clock, jobs

pytestmark = pytest.mark.django_db


def make_worker(*, silent_for: timedelta) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s) RETURNING id", [clock.now() - silent_for]
        )
        return int(cursor.fetchone()[0])


def make_job(status: str, *, worker: int | None = None, attempts: int = 0, queueing_lock: str | None = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status, worker_id, attempts, queueing_lock)"
            " VALUES ('default', 'tests.task', %s, %s, %s, %s, %s) RETURNING id",
            [json.dumps({}), status, worker, attempts, queueing_lock],
        )
        return int(cursor.fetchone()[0])


def status_of(job: int) -> str | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status FROM procrastinate_jobs WHERE id = %s", [job])
        row = cursor.fetchone()
    return row[0] if row else None


def test_the_jobs_of_a_dead_worker_are_run_again() -> None:
    of_a_silent_one = make_job("doing", worker=make_worker(silent_for=timedelta(minutes=2)))
    of_one_forgotten = make_job("doing")
    assert jobs.rescue() == 2
    assert status_of(of_a_silent_one) == status_of(of_one_forgotten) == "todo"


def test_the_jobs_of_a_living_worker_are_left_alone() -> None:
    job = make_job("doing", worker=make_worker(silent_for=timedelta(seconds=20)))
    assert jobs.rescue() == 0
    assert status_of(job) == "doing"


def test_a_job_that_kills_its_workers_is_given_up() -> None:
    job = make_job("doing", attempts=jobs.DEATHS_ALLOWED)
    assert jobs.rescue() == 0
    assert status_of(job) == "failed"


def test_a_job_that_waits_already_does_the_work_of_the_one_left_behind() -> None:
    left_behind = make_job("doing", queueing_lock="once")
    waiting = make_job("todo", queueing_lock="once")
    assert jobs.rescue() == 0
    assert (status_of(left_behind), status_of(waiting)) == ("failed", "todo")


def test_only_jobs_that_succeeded_long_ago_are_forgotten() -> None:
    succeeded, failed = make_job("doing"), make_job("doing")
    with connection.cursor() as cursor:
        cursor.execute("SELECT procrastinate_finish_job_v1(%s, 'succeeded', false)", [succeeded])
        cursor.execute("SELECT procrastinate_finish_job_v1(%s, 'failed', false)", [failed])
    assert jobs.forget_finished(after=timedelta(hours=1)) == 0
    with clock.stopped_at(clock.now() + timedelta(hours=2)):
        assert jobs.forget_finished(after=timedelta(hours=1)) == 1
    assert (status_of(succeeded), status_of(failed)) == (None, "failed")


def test_every_periodic_job_has_a_next_run() -> None:
    planned = {job.name: job for job in jobs.schedule()}
    assert "operations.rescue_jobs" in planned
    assert all(clock.now() < job.next for job in planned.values() if job.last is None)


def test_the_next_run_follows_the_last() -> None:
    last = clock.now().replace(second=0, microsecond=0) - timedelta(minutes=10)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_periodic_defers (task_name, defer_timestamp) VALUES (%s, %s)",
            ["operations.rescue_jobs", last.timestamp()],
        )
    job = next(job for job in jobs.schedule() if job.name == "operations.rescue_jobs")
    assert (job.last, job.next) == (last, last + timedelta(minutes=1))


def test_the_queue_is_seen_from_outside() -> None:
    make_worker(silent_for=timedelta(seconds=5))
    make_worker(silent_for=timedelta(minutes=5))
    make_job("todo")
    make_job("failed")
    seen = jobs.queue()
    assert (seen.living_workers, seen.waiting, seen.failed) == (1, 1, 1)
    assert seen.oldest_waiting is not None
    assert clock.now() - seen.oldest_waiting < timedelta(minutes=1)
