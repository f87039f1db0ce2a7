"""Commands on imports: receive a file, start or give up its import, and what the worker reports."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Role
from portevoix.exchange.models import ImportRun
from portevoix.exchange.types import State
from portevoix.intake.exceptions import FileRefused
from portevoix.intake.models import Arrival, LeftAside
from portevoix.intake.readers.opening import LARGEST, MIB
from portevoix.intake.selectors import forecast
from portevoix.intake.services import merging
from portevoix.intake.types import Fault
from portevoix.kernel import clock, jobs

IMPORTERS = {Role.DIRECTOR, Role.DATA_OFFICER}
#: A file that nobody decides on is given up after a week, the rows left aside are forgotten after a month
#: (RGPD art. 5(1)(e)).
UNDECIDED_LIFETIME = timedelta(days=7)
LEFT_ASIDE_LIFETIME = timedelta(days=30)
FAILURES_ALLOWED = 5


@command("exchange.receive_file", label=_("Send a file to import"), roles=IMPORTERS, nationwide=True)
def receive_file(name: str, blocks: Iterable[bytes], *, by_worker: bool, actor: Actor) -> ImportRun:
    """Keep a file and have it read; nothing of it is written before somebody has seen what it would bring.

    Without ``by_worker`` the caller does the reading (``exchange.tasks.steps``). Raises FileRefused when the file is
    too large or the disk is full; NotAllowed for whom a mandate keeps to a territory: a file knows none.
    """
    arrival = Arrival.objects.create(name=Path(name).name[-200:] or "import.csv", sha256="", created_at=clock.now())
    run = ImportRun.objects.create(arrival=arrival, asked_by=actor.label[:200], created_at=clock.now())
    arrival.sha256, run.size = _keep(run.path, blocks)
    arrival.save(update_fields=["sha256"])
    run.save(update_fields=["size"])
    note(about=run, count=0, sha256=arrival.sha256, size=run.size)
    if by_worker:
        jobs.defer("exchange.advance", run_id=run.pk)
    return run


@command("exchange.report_reading", label=_("Report on a file that was read"))
def report_reading(run_id: int, *, actor: Actor) -> ImportRun:
    """Write down what the file would bring; then somebody decides."""
    run = _locked(run_id)
    if run.state == State.READING:
        run.forecast = forecast(run.arrival)
        run.state = State.READY
        run.save(update_fields=["forecast", "state"])
    note(about=run, count=run.arrival.counts.get("rows", 0))
    return run


@command("exchange.refuse_file", label=_("Refuse a file"))
def refuse_file(run_id: int, refusal: FileRefused, *, actor: Actor) -> ImportRun:
    """End a run whose file cannot be read, and say why."""
    run = _locked(run_id)
    run.fault, run.fault_values = refusal.fault, refusal.values
    note(about=run, fault=refusal.fault)
    return _end(run, State.REFUSED, actor)


@command("exchange.note_failure", label=_("Note that an import failed"))
def note_failure(run_id: int, kind: str, *, actor: Actor) -> ImportRun:
    """Count a failure that nobody foresaw; one too many stops the run.

    Its file and its rows stay: somebody can start it again.
    """
    run = _locked(run_id)
    run.failures += 1
    if run.failures >= FAILURES_ALLOWED and run.is_working:
        run.state = State.STOPPED
        run.fault, run.fault_values = Fault.UNFORESEEN, {"kind": kind}
    run.save(update_fields=["failures", "state", "fault", "fault_values"])
    note(about=run, count=run.failures, kind=kind)
    return run


@command("exchange.start_import", label=_("Start an import"), roles=IMPORTERS, nationwide=True)
def start_import(
    run_id: int, *, declares_grounds: bool, declares_opinions: bool = False, by_worker: bool, actor: Actor
) -> ImportRun:
    """Let a file's people in, with its consents or without them, with its political opinions or, as a rule, without.

    Without, each person is to be asked again before the first message: the file's word is the former controller's.
    """
    run = _locked(run_id)
    if run.state in {State.READY, State.STOPPED}:
        run.arrival.declares_grounds = declares_grounds
        run.arrival.declares_opinions = declares_opinions
        run.arrival.save(update_fields=["declares_grounds", "declares_opinions"])
        run.state = State.MERGING
        run.fault, run.failures = "", 0
        run.started_at = clock.now()
        run.save(update_fields=["state", "fault", "failures", "started_at"])
        if by_worker:
            jobs.defer("exchange.advance", run_id=run.pk)
    note(about=run, count=run.forecast.get("persons", 0), declares_grounds=declares_grounds)
    note(declares_opinions=declares_opinions)
    return run


@command("exchange.finish_import", label=_("Finish an import"))
def finish_import(run_id: int, *, actor: Actor) -> ImportRun:
    """End a run all of whose rows are in."""
    run = _locked(run_id)
    note(about=run, count=run.arrival.counts.get("merged", {}).get("persons", 0))
    return _end(run, State.DONE, actor)


@command("exchange.give_up_import", label=_("Give up an import"), roles=IMPORTERS, nationwide=True)
def give_up_import(run_id: int, *, actor: Actor) -> ImportRun:
    """End a run that nobody wants any more; what was merged before it stopped stays."""
    run = _locked(run_id)
    note(about=run)
    return _end(run, State.GIVEN_UP, actor) if run.state in {State.READY, State.STOPPED} else run


@command("exchange.forget_imports", label=_("Forget files and rows kept too long"), roles={Role.DATA_OFFICER})
def forget_imports(*, actor: Actor) -> int:
    """Give up what nobody decided on, and erase the rows left aside long ago; return how many rows."""
    now = clock.now()
    undecided = ImportRun.objects.undecided().filter(created_at__lt=now - UNDECIDED_LIFETIME)
    for pk in undecided.values_list("pk", flat=True):
        _end(_locked(pk), State.GIVEN_UP, actor)
    old = ImportRun.objects.filter(ended_at__lt=now - LEFT_ASIDE_LIFETIME)
    forgotten, _tables = LeftAside.objects.filter(arrival__run__in=old).delete()
    note(count=forgotten)
    return forgotten


@command("exchange.destroy_imports", label=_("Destroy files and rows at the end of a campaign"))
def destroy_imports(*, actor: Actor) -> int:
    """Give up every file on its way in, and erase every row left aside; return how many rows and files."""
    unfinished = ImportRun.objects.filter(ended_at=None).values_list("pk", flat=True)
    ended = [_end(_locked(pk), State.GIVEN_UP, actor) for pk in unfinished]
    erased, _tables = LeftAside.objects.all().delete()
    note(count=erased + len(ended), files=len(ended))
    return erased + len(ended)


def _locked(run_id: int) -> ImportRun:
    return ImportRun.objects.select_related("arrival").select_for_update(of=("self",)).get(pk=run_id)


def _end(run: ImportRun, state: State, actor: Actor) -> ImportRun:
    run.state = state
    run.ended_at = clock.now()
    run.save(update_fields=["state", "ended_at", "fault", "fault_values"])
    merging.close(run.arrival_id, actor=actor)
    run.path.unlink(missing_ok=True)
    return run


def _keep(path: Path, blocks: Iterable[bytes]) -> tuple[str, int]:
    """Write a file that only this account can read; return its fingerprint and its size."""
    digest, size = hashlib.sha256(), 0
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            for block in blocks:
                size += len(block)
                if size > LARGEST:
                    raise FileRefused(Fault.TOO_BIG, limit=LARGEST // MIB)
                digest.update(block)
                file.write(block)
    except (OSError, FileRefused) as error:
        path.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise FileRefused(Fault.NO_ROOM) from error
        raise
    return digest.hexdigest(), size
