"""Background and periodic work, in the same PostgreSQL and the same transaction as the act that asks for it.

The only module that knows the queue library. A task takes identifiers, may run twice, calls one command, and
keeps its name for ever (a job in flight is found by it).
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any, ParamSpec, TypeVar

from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction
from procrastinate import App, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued, UniqueViolation
from procrastinate.periodic import PeriodicRegistry, PeriodicTask
from procrastinate.worker import Worker

from portevoix.kernel import clock

P = ParamSpec("P")
R = TypeVar("R")

#: A failed job is tried again after 10 s, 40 s, 160 s … at most five times.
PATIENT = RetryStrategy(max_attempts=5, exponential_wait=4, wait=10)


def task(*, name: str, lock: str | None = None) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare a function as a job called ``name``; jobs that share ``lock`` never run at the same time."""

    def declare(function: Callable[P, R]) -> Callable[P, R]:
        app.task(name=name, lock=lock, retry=PATIENT)(function)
        return function

    return declare


def periodic(cron: str, *, name: str) -> Callable[[Callable[[], R]], Callable[[], R]]:
    """Declare a job without arguments that runs at each moment of ``cron`` (minute hour day month weekday, UTC)."""

    def declare(function: Callable[[], R]) -> Callable[[], R]:
        def at(timestamp: int) -> None:
            function()

        at.__doc__ = function.__doc__
        app.periodic(cron=cron)(app.task(name=name, queueing_lock=name, pass_context=False)(at))
        return function

    return declare


def defer(name: str, *, once: bool = False, later: timedelta | None = None, **arguments: Any) -> None:
    """Ask for a job, to be run ``later`` than now; it exists if and only if the present transaction commits.

    With ``once``, a job of the same name and arguments that still waits is enough.
    """
    key = name + repr(sorted(arguments.items())) if once else None
    at = clock.now() + later if later else None
    try:
        with transaction.atomic():
            app.configure_task(name, queueing_lock=key, schedule_at=at).defer(**arguments)
    except AlreadyEnqueued:
        return


@contextmanager
def alone(lock: int, ident: int) -> Iterator[bool]:
    """Keep one long work to one process; yields whether it is this one. A process that dies frees it.

    ``lock`` is the first half of an advisory lock of the database, one number a kind of work.
    """
    with connection.cursor() as cursor:
        # The server notices within seconds that we died, even in the middle of a long statement, and frees the work.
        cursor.execute("SET client_connection_check_interval = '2s'")
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [lock, ident])
        (is_alone,) = cursor.fetchone()
    try:
        yield is_alone
    finally:
        if is_alone:
            # A connection that is lost has lost its lock too.
            with suppress(OperationalError, InterfaceError), connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [lock, ident])


#: Set once this process was told to stop.
_told_to_stop = Event()


def is_stopping() -> bool:
    """Tell whether this worker was told to stop: a long job begins nothing new."""
    return _told_to_stop.is_set()


def run_worker(*, wait: bool = True, concurrency: int = 1) -> None:
    """Run jobs until told to stop (SIGINT, SIGTERM); with ``wait=False``, until none is left."""
    # Not replace_connector(): a job that asks for another must ask on Django's line, inside its own transaction.
    worker = app.with_connector(app.connector.get_worker_connector())  # type: ignore[attr-defined]
    worker.periodic_registry = _kept_by(worker)
    _listen_to_stops(worker)
    with worker.open():
        worker.run_worker(wait=wait, concurrency=concurrency, install_signal_handlers=wait, listen_notify=wait)


def _listen_to_stops(worker: App) -> None:
    """Let jobs know of the signal too, which the library keeps to itself."""
    make = worker._worker

    def listening(**options: Any) -> Worker:
        made = make(**options)
        stop: Callable[[], None] = made.stop

        def told() -> None:
            _told_to_stop.set()
            stop()

        made.stop = told  # type: ignore[method-assign]
        return made

    worker._worker = listening  # type: ignore[method-assign]


def _kept_by(worker: App) -> PeriodicRegistry:
    """Return the periodic jobs, asked for on the worker's own lines: it ends with the clock that a dead line stops."""
    kept = PeriodicRegistry()  # type: ignore[no-untyped-call]
    for key, planned in app.periodic_registry.periodic_tasks.items():
        task = copy(planned.task)
        task.blueprint = worker
        kept.periodic_tasks[key] = PeriodicTask(task, planned.cron, planned.periodic_id, planned.configure_kwargs)
    return kept


PRODUCT = Path(__file__).parents[1]


def named(error: Exception) -> str:
    """Return what kind of fault it was and where we met it, without its words: they may quote somebody's data."""
    code = getattr(error.__cause__, "sqlstate", None)
    met = [(Path(one.filename), one.lineno) for one in traceback.extract_tb(error.__traceback__)]
    ours = [f"{file.relative_to(PRODUCT)}:{line}" for file, line in met if file.is_relative_to(PRODUCT)]
    where = ours[-1] if ours else ""
    return " ".join(word for word in (type(error).__name__, code, where) if word)


#: A worker tells every ten seconds that it lives; one that was silent for six times that is dead.
SILENCE = timedelta(seconds=60)
#: A job whose worker died that often is taken for the cause.
DEATHS_ALLOWED = 5

LEFT_BEHIND = """
    SELECT job.id, job.attempts
    FROM procrastinate_jobs job LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
    WHERE job.status = 'doing' AND (worker.id IS NULL OR worker.last_heartbeat < %s)
"""
FORGET = """
    DELETE FROM procrastinate_jobs job USING procrastinate_events event
    WHERE event.job_id = job.id AND event.type = 'succeeded' AND event.at < %s AND job.status = 'succeeded'
"""


def rescue() -> int:
    """Give back the jobs that dead workers held, to be run again; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(LEFT_BEHIND, [clock.now() - SILENCE])
        left_behind = cursor.fetchall()
    return sum(_run_again(ident, attempts) for ident, attempts in left_behind)


def _run_again(ident: int, attempts: int) -> bool:
    if attempts < DEATHS_ALLOWED:
        try:
            with transaction.atomic():
                app.job_manager.retry_job_by_id(job_id=ident, retry_at=clock.now())
            return True
        except (IntegrityError, UniqueViolation):
            pass  # the same job waits already, and will do this one's work
    with connection.cursor() as cursor:
        cursor.execute("SELECT procrastinate_finish_job_v1(%s, 'failed', false)", [ident])
    return False


def forget_finished(*, after: timedelta) -> int:
    """Remove the jobs that succeeded long ago; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(FORGET, [clock.now() - after])
        return int(cursor.rowcount)


@dataclass(frozen=True)
class Planned:
    """A periodic job: when it ran last, and when it should run next after that."""

    name: str
    cron: str
    last: datetime | None
    next: datetime


def schedule() -> list[Planned]:
    """Return every periodic job, by name."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, max(defer_timestamp) FROM procrastinate_periodic_defers GROUP BY task_name")
        last_runs = {name: datetime.fromtimestamp(stamp, tz=UTC) for name, stamp in cursor.fetchall()}
    planned = []
    for periodic_task in app.periodic_registry.periodic_tasks.values():
        last = last_runs.get(periodic_task.task.name)
        following = periodic_task.croniter.get_next(datetime, start_time=last or clock.now())
        planned.append(Planned(periodic_task.task.name, periodic_task.cron, last, following))
    return sorted(planned, key=lambda job: job.name)


@dataclass(frozen=True)
class Queue:
    """What the queue looks like from outside."""

    living_workers: int
    waiting: int
    oldest_waiting: datetime | None
    failed: int


def queue() -> Queue:
    """Count workers and jobs."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat >= %s", [clock.now() - SILENCE])
        (living,) = cursor.fetchone()
        cursor.execute(
            """
            SELECT count(*) FILTER (WHERE status = 'todo' AND coalesce(scheduled_at, %(now)s) <= %(now)s),
                   min(coalesce(scheduled_at, deferred.at)) FILTER (WHERE status = 'todo'),
                   count(*) FILTER (WHERE status = 'failed')
            FROM procrastinate_jobs job
            LEFT JOIN LATERAL (
                SELECT min(at) AS at FROM procrastinate_events WHERE job_id = job.id AND type = 'deferred'
            ) deferred ON job.status = 'todo'
            WHERE job.status IN ('todo', 'failed')
            """,
            {"now": clock.now()},
        )
        waiting, oldest, failed = cursor.fetchone()
    return Queue(living, waiting, oldest, failed)
