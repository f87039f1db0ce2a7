"""The worker's part of imports. A run is advanced by whoever comes: the marks in its rows say where it is."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from django.db import IntegrityError, OperationalError

from portevoix.accounts.types import System
from portevoix.exchange import rules, services
from portevoix.exchange.exceptions import SomebodyIsAtIt
from portevoix.exchange.models import ImportRun
from portevoix.exchange.types import State
from portevoix.intake.exceptions import FileRefused, SomebodyElseCameFirst
from portevoix.intake.models import Arrival
from portevoix.intake.readers import grouping, opening, staging
from portevoix.intake.services import merging
from portevoix.intake.types import Mapping
from portevoix.kernel import jobs
from portevoix.people.models import CustomField

logger = logging.getLogger(__name__)
ACTOR = System("exchange.advance")
#: First half of the database's advisory locks that keep a run to one process.
LOCK = 7_305_002
#: A chunk that meets somebody else's work is merged again.
TRIES = 5


@jobs.task(name="exchange.advance")
def advance(run_id: int) -> None:
    """Bring an import as far as it can go without somebody's decision.

    Raises SomebodyIsAtIt, so that the queue asks again: a dead process may hold the run for a few seconds more.
    """
    is_done = [True for _run in steps(run_id)]
    if not is_done and ImportRun.objects.at_work().filter(pk=run_id).exists():
        raise SomebodyIsAtIt(run_id)


@jobs.periodic("50 2 * * *", name="exchange.forget")
def forget() -> None:
    """Forget files nobody decided on, and rows left aside long ago."""
    services.forget_imports(actor=System("exchange.forget"))


def steps(run_id: int) -> Iterator[ImportRun]:
    """Do the work of an import, yielding the run after each step; stop where a decision is due, or at the end.

    Does nothing while another process is at it: that one's death frees the run.
    """
    with jobs.alone(LOCK, run_id) as is_alone:
        if not is_alone:
            return
        try:
            yield from _steps(run_id)
        except FileRefused as refusal:
            yield services.refuse_file(run_id, refusal, actor=ACTOR)
        except Exception as error:
            run = services.note_failure(run_id, type(error).__name__, actor=ACTOR)
            if run.state != State.STOPPED:
                raise  # the queue tries again
            logger.exception("import %s is stopped", run_id)
            yield run


def _steps(run_id: int) -> Iterator[ImportRun]:
    run = ImportRun.objects.select_related("arrival").get(pk=run_id)
    if run.state in {State.RECEIVED, State.READING}:
        yield from _read(run)
        run = services.report_reading(run_id, actor=ACTOR)
        yield run
    if run.state == State.MERGING:
        yield from _read(run)  # where a crash of the server emptied the staging table
        yield from _merge(run)


def _read(run: ImportRun) -> Iterator[ImportRun]:
    arrival = run.arrival
    if not staging.is_staged(arrival):
        inspection = opening.inspect(run.path)
        if run.state == State.RECEIVED:
            run.state = State.READING
        run.lines = inspection.lines
        run.save(update_fields=["state", "lines"])
        yield run
        for _row in staging.stage(arrival, run.path, inspection, lambda titles: _mapping(run, titles)):
            yield run
    if not arrival.is_grouped:
        grouping.group(arrival)
        yield run


def _mapping(run: ImportRun, titles: list[str]) -> Mapping:
    mapping = rules.recognise(titles, dict(CustomField.objects.values_list("key", "kind")))
    run.columns = rules.fates(mapping, titles)
    run.save(update_fields=["columns"])
    return mapping


def _merge(run: ImportRun) -> Iterator[ImportRun]:
    while run.arrival.merged < run.arrival.staged:
        run.arrival = _merge_chunk(run.arrival_id)
        yield run
    yield services.finish_import(run.pk, actor=ACTOR)


def _merge_chunk(arrival_id: int) -> Arrival:
    for _again in range(TRIES - 1):
        try:
            return merging.merge(arrival_id, actor=ACTOR)
        except (SomebodyElseCameFirst, IntegrityError, OperationalError) as error:
            logger.warning("import %s: a chunk is merged again (%s)", arrival_id, type(error).__name__)
    return merging.merge(arrival_id, actor=ACTOR)
