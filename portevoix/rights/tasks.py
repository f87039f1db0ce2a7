"""Nightly work of rights: the ledger is proven whole, alike records merge, what is kept too long is destroyed."""

from __future__ import annotations

import logging

from portevoix.accounts.types import System
from portevoix.kernel import clock, jobs
from portevoix.people.models import Candidate, Person
from portevoix.rights import services
from portevoix.rights.exceptions import AlreadyMerged, MailUnderWay
from portevoix.rights.models import Closure, MergingRule, Request, RetentionRun
from portevoix.rights.models.retention import ALIVE, ClosureState, RunState
from portevoix.rights.rules.retention import is_due
from portevoix.rights.selectors import last_receipt
from portevoix.rights.selectors.merging import in_order
from portevoix.rights.services import closing, merging, protected, reminding, requesters, requests, retention

logger = logging.getLogger(__name__)
SLICE = 200
#: An advisory lock: one destruction at a time.
RETENTION_LOCK = 7_305_002


@jobs.periodic("50 2 * * *", name="rights.verify")
def verify() -> None:
    """Verify the ledger; a break is in the log, in the journal, on the home page and in the doctor's findings."""
    found = services.verify(kept=last_receipt(), actor=System("rights.verify"))
    if found.broken:
        logger.critical("The ledger of consents is broken. %s", found.broken)


@jobs.task(name="rights.merge_alike", lock="rights.merge_alike")
def merge_alike() -> None:
    """Merge the pairs that the campaign's rule leaves to the machine; does nothing unless it set one."""
    last = 0
    while pairs := _pairs_after(last):
        for pair in pairs:
            last = pair.pk
            _merge(pair)


@jobs.periodic("40 1 * * *", name="rights.merge_alike_nightly")
def merge_every_night() -> None:
    """Merge what the search of the night has found."""
    merge_alike()


@jobs.periodic("30 2 * * *", name="rights.forget_merges")
def forget_merges() -> None:
    """Destroy the snapshots of merges older than thirty days."""
    merging.forget_merges(actor=System("rights.forget_merges"))


@jobs.task(name="rights.retain", lock="rights.retain")
def retain(run_id: int) -> None:
    """Do a run to its end, stretch by stretch; one that was interrupted goes on from its cursor."""
    with jobs.alone(RETENTION_LOCK, 1) as is_alone:
        while is_alone and retention.advance_retention(run_id, actor=System("rights.retention")):
            continue


@jobs.periodic("35 * * * *", name="rights.retain_nightly")
def retain_every_night() -> None:
    """Begin the night's destruction after three in Paris, once a day, and take up again what was interrupted."""
    if run := RetentionRun.objects.filter(state=RunState.RUNNING).first():
        jobs.defer("rights.retain", once=True, run_id=run.pk)
    elif is_due(clock.now(), RetentionRun.objects.values_list("day", flat=True).first()):
        run = retention.begin_retention(actor=System("rights.retention"))
        jobs.defer("rights.retain", once=True, run_id=run.pk)


@jobs.task(name="rights.close", lock="rights.retain")
def close(closure_id: int) -> None:
    """Do the end of a campaign to its record."""
    with jobs.alone(RETENTION_LOCK, 1) as is_alone:
        while is_alone and closing.advance_closure(closure_id, actor=System("rights.close")):
            continue


@jobs.periodic("*/10 * * * *", name="rights.take_up_closure")
def take_up_closure() -> None:
    """Begin what was decided alone three days ago, and take up again what was interrupted."""
    closure = Closure.objects.filter(state__in=ALIVE).first()
    if closure is None:
        return
    if closure.state == ClosureState.PROPOSED and clock.now() >= closure.due_at and closure.is_alone:
        closing.begin_alone(closure.pk, actor=System("rights.close"))
    if Closure.objects.filter(pk=closure.pk, state=ClosureState.RUNNING).exists():
        jobs.defer("rights.close", once=True, closure_id=closure.pk)


def _pairs_after(last: int) -> list[Candidate]:
    rule = MergingRule.objects.first()
    if rule is None or rule.threshold is None:
        return []
    alike = Candidate.objects.undecided().filter(score__gte=rule.threshold, pk__gt=last)
    return list(alike.order_by("pk")[:SLICE])


def _merge(pair: Candidate) -> None:
    # Data that are only kept are joined to nothing by the platform itself (RGPD art. 18).
    both = list(Person.objects.unrestricted().filter(pk__in=[pair.first_id, pair.second_id]))
    if len(both) < 2:
        return  # one of them went with an earlier pair, or is restricted meanwhile
    kept, absorbed = in_order(*both)
    try:
        merging.merge(kept.pk, absorbed.pk, is_automatic=True, actor=System("rights.merge_alike"))
    except (AlreadyMerged, MailUnderWay) as reason:
        logger.info("pair %s is left for another night: %s", pair.pk, type(reason).__name__)


@jobs.task(name="rights.settle_protected", lock="rights.settle_protected")
def settle_protected(slug: str, pk: int, place: str) -> None:
    """Move or erase what a field or a tag says that the law protects; done again, it finds what is left."""
    while protected.settle_portion(slug, pk, place, actor=System("rights.settle_protected")):
        continue


@jobs.task(name="rights.find_requesters", lock="rights.find_requesters")
def find_requesters() -> None:
    """Look up whose addresses were written on the page of rights, and say to whom a link is owed."""
    if Request.objects.exclude(address="").exists():
        requesters.find_requesters(actor=System("rights.find_requesters"))


@jobs.periodic("*/10 * * * *", name="rights.take_over")
def take_over() -> None:
    """Leave to the desk what waits for a link that reached nobody; most times there is nothing."""
    if Request.objects.without_link().exists():
        requesters.take_over(actor=System("rights.take_over"))


@jobs.periodic("10 5 * * *", name="rights.remind_of_requests")
def remind_of_requests() -> None:
    """Remind those who answer of what is late or nearly."""
    reminding.remind_of_requests(actor=System("rights.remind_of_requests"))


@jobs.periodic("20 2 * * *", name="rights.forget_requests")
def forget_requests() -> None:
    """Forget what nobody verified, and proofs whose time is over."""
    requests.forget_requests(actor=System("rights.forget_requests"))
