"""What a run that died left behind, settled by its diary and never by a guess."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from portevoix.delivery.dispatch import outbox, spool
from portevoix.delivery.models import Message, Run, State
from portevoix.delivery.types import Outcome, Result
from portevoix.kernel import clock
from portevoix.rights.purposes import Channel

#: After so long a run of another machine, or whose diary is gone, has ended one way or another.
ABANDONED = timedelta(hours=1)
NO_ACCOUNT = "the worker stopped; nothing tells whether this left"


def recover(folder: Path, channel: Channel) -> int:
    """Settle every dead run of a channel; return how many there were.

    Each channel has its own door: behind another's a run may just be beginning, its diary not yet locked.
    """
    return sum(_settle(run, folder) for run in Run.objects.filter(ended_at=None, channel=channel).order_by("pk"))


def _settle(run: Run, folder: Path) -> bool:
    path = spool.path_of(folder, run.pk)
    try:
        account = spool.read(path)
    except spool.StillRunning:
        return False
    except FileNotFoundError:
        if run.started_at > clock.now() - ABANDONED:
            return False
        account, silence_proves = spool.Account(), False
    else:
        # Lines written before the machine stopped may be lost: what they do not say may have happened.
        silence_proves = run.boot == spool.boot()
    _apply(run, account, silence_proves=silence_proves)
    run.ended_at = clock.now()
    run.save(update_fields=["ended_at"])
    path.unlink(missing_ok=True)
    return True


def _apply(run: Run, account: spool.Account, *, silence_proves: bool) -> None:
    left = dict(Message.objects.filter(run=run, state=State.SENDING).values_list("pk", "attempts"))
    untried = [] if not silence_proves else [ref for ref in left if ref not in account.results.keys() | account.begun]
    unknown = left.keys() - account.results.keys() - set(untried)
    results = [result for ref, result in account.results.items() if ref in left]
    results += [Result(ref, Outcome.UNCERTAIN, 0, NO_ACCOUNT) for ref in sorted(unknown)]
    if results:
        outbox.write(run.pk, results, left)
    if untried:
        outbox.give_back(run.pk, untried, not_before=clock.now())
