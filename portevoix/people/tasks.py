"""The worker's part: the search for duplicates, acts on many people portion by portion."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from portevoix.accounts.commands import may
from portevoix.accounts.types import System
from portevoix.kernel import jobs
from portevoix.people import rules
from portevoix.people.exceptions import Impossible, OutOfSight, SomebodyIsAtIt
from portevoix.people.models import BulkRun, DuplicateSearch
from portevoix.people.selectors import duplicates as blocks
from portevoix.people.selectors.bulk import at_the_helm
from portevoix.people.services import bulk, duplicates
from portevoix.people.services.acts import BulkAct
from portevoix.people.types import RunEnd, RunState

logger = logging.getLogger(__name__)
#: First half of the database's advisory locks that keep an act on many people to one process.
ACTS_LOCK = 7_305_004
ACTS_ACTOR = System("people.advance_act")
ACTOR = System("people.look_for_duplicates")


@jobs.periodic("10 1 * * *", name="people.look_for_duplicates_nightly")
def look_every_night() -> None:
    """Look again through everybody."""
    duplicates.search_duplicates(actor=ACTOR)


@jobs.task(name="people.look_for_duplicates", lock="people.look_for_duplicates")
def look_for_duplicates(search_id: int) -> None:
    """Compare whoever shares a key with somebody; begun again from the start when it was cut short."""
    search = DuplicateSearch.objects.filter(pk=search_id, ended_at=None).first()
    if search is None:
        return
    search.pairs, search.compared, search.found = blocks.block(), 0, 0
    search.save(update_fields=["pairs", "compared", "found"])
    try:
        for pairs in blocks.slices(search.pairs):
            alike = [(one, other, rules.compare(mine, theirs)) for one, other, mine, theirs in pairs]
            found = [pair for pair in alike if pair[2].score >= rules.WORTH_A_LOOK]
            duplicates.note_candidates(search, len(pairs), found, actor=ACTOR)
        duplicates.end_search(search, actor=ACTOR)
    finally:
        blocks.forget_blocks()


@jobs.periodic("20 2 * * *", name="people.forget_acts_nightly")
def forget_acts_every_night() -> None:
    """Forget what old acts changed, and drafts that nobody confirmed."""
    bulk.forget_acts(actor=System("people.forget_acts"))
    # What a queue that gave up has left on the way goes on.
    for run_id in BulkRun.objects.at_work().values_list("pk", flat=True):
        jobs.defer("people.advance_act", once=True, run_id=run_id)


@jobs.task(name="people.advance_act")
def advance_act(run_id: int) -> None:
    """Carry an act on many people out, or undo it, to its end.

    Raises SomebodyIsAtIt, so that the queue asks again: a dead process may hold the act for a few seconds more.
    """
    is_done = [True for _run in act_steps(run_id)]
    if not is_done and BulkRun.objects.at_work().filter(pk=run_id).exists():
        raise SomebodyIsAtIt(run_id)


def act_steps(run_id: int) -> Iterator[BulkRun]:
    """Do an act portion by portion, yielding it after each. Does nothing while another process is at it."""
    with jobs.alone(ACTS_LOCK, run_id) as is_alone:
        run = BulkRun.objects.filter(pk=run_id).first() if is_alone else None
        while run is not None and run.is_working:
            run = _act_step(run)
            yield run


def _act_step(run: BulkRun) -> BulkRun:
    act, actor = BulkAct.every().get(run.act), at_the_helm(run)
    if act is None:
        return bulk.stop_act(run, RunEnd.IMPOSSIBLE, actor=ACTS_ACTOR)
    if not (may(actor, "people.carry_out") and may(actor, act.command)):
        return bulk.stop_act(run, RunEnd.NO_RIGHT, actor=ACTS_ACTOR)
    step = bulk.take_back if run.state == RunState.UNDOING else bulk.carry_out
    try:
        return step(run, act, actor=actor)
    except OutOfSight:
        return bulk.stop_act(run, RunEnd.NO_RIGHT, actor=ACTS_ACTOR)
    except Impossible:
        return bulk.stop_act(run, RunEnd.IMPOSSIBLE, actor=ACTS_ACTOR)
    except Exception as error:
        failed = bulk.note_failure(run, type(error).__name__, actor=ACTS_ACTOR)
        if failed.is_working:
            raise  # the queue tries again
        logger.exception("act %s is stopped", run.pk)
        return failed
