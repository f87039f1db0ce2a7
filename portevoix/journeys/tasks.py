"""Background work of the automations: each minute, see who enters and lead on whose turn it is."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

from django.db import connection

from portevoix.accounts.types import System
from portevoix.journeys import selectors
from portevoix.journeys.models import Journey, Step, Trip, Version
from portevoix.journeys.services import advertising, calling, following, leading, publishing
from portevoix.journeys.types import OF_THE_SPINE
from portevoix.kernel import clock, jobs
from portevoix.segments.exceptions import InvalidTree

logger = logging.getLogger(__name__)
#: First half of the database's advisory locks that keep an automation to one process.
LOCK = 7_305_071
ACTOR = System("journeys.follow")


@jobs.periodic("* * * * *", name="journeys.follow")
def follow() -> None:
    """Follow the spine and lead people on, in every automation that runs."""
    while selectors.must_leave() and following.let_go(actor=ACTOR):
        pass
    while selectors.are_left_behind() and publishing.clear_archived(actor=ACTOR):
        pass
    live = list(Journey.objects.live().select_related("live").order_by("pk"))
    until = _settled(live)
    for journey in live:
        with jobs.alone(LOCK, journey.pk) as is_alone:
            if is_alone:
                lead(journey, until=until)


def _apart(journey: Journey, work: Callable[[], None]) -> str:
    """Do a part of an automation's work; return what it met that nobody foresaw, so that all else goes on.

    What it was doing is undone, and tried again at the next pass. Where the database is gone nothing goes on.
    """
    try:
        work()
    except Exception as error:
        if not connection.is_usable():
            raise
        # Not the error's own words: they may quote somebody's data.
        fault = jobs.named(error)
        logger.error("the automation %d met a fault, the others go on: %s", journey.pk, fault)
        return fault
    return ""


def _settled(journeys: list[Journey]) -> int:
    """Return how far the spine can be read, looking only where somebody reads it and something came."""
    if not any(one.live and one.live.trigger in OF_THE_SPINE for one in journeys):
        return 0
    known = selectors.settled()
    return following.settle(actor=ACTOR) if known is None else known


def lead(journey: Journey, *, until: int, portion: int = leading.PORTION) -> None:
    """Take in whoever enters, then do each step for those whose turn it is, in the order of the way.

    A fault that nobody foresaw stops the entering, or the step, where it is met, until the next pass; nothing else.
    """
    faults = [_apart(journey, partial(_take_in, journey, until))]
    faults += [_apart(journey, partial(_lead_on, step, portion)) for step in due_steps(journey)]
    fault = next((one for one in faults if one), "")
    if fault != journey.fault:
        following.note_fault(journey.pk, fault, actor=ACTOR)


def _take_in(journey: Journey, until: int) -> None:
    if not selectors.wants_a_look(journey, until):
        return
    try:
        while following.take_in(journey.pk, until=until, actor=ACTOR):
            pass
    except InvalidTree:
        # Nobody enters any more; who is under way goes on, and its page says what is wrong.
        logger.exception("the automation %d asks about what is gone", journey.pk)


def _lead_on(step: Step, portion: int) -> None:
    while selectors.is_due(step) and leading.advance(step, portion=portion, actor=ACTOR) == portion:
        pass


def due_steps(journey: Journey) -> list[Step]:
    """Return every step of the versions on which people are under way, each version in the order of its way."""
    versions = Trip.objects.under_way().filter(journey=journey).order_by().values("version").distinct()
    steps = Step.objects.filter(version__in=versions).select_related(
        "version__journey", "next", "otherwise", "letter", "advert__election"
    )
    return list(steps.order_by("version", "rank"))


@jobs.periodic("* * * * *", name="journeys.call")
def call() -> None:
    """Tell the addresses of the campaign what they are to be told."""
    while selectors.waits_to_be_told() and calling.tell(actor=System("journeys.call")):
        pass


@jobs.periodic("50 3 * * 1", name="journeys.renew_notices")
def renew_notices() -> None:
    """Tell, each week, how many people the advertisements of automations have reached."""
    for version in Version.objects.filter(published_at__isnull=False, steps__advert__isnull=False).distinct():
        advertising.publish_notices(version, actor=System("journeys.renew_notices"))


@jobs.periodic("20 3 * * *", name="journeys.forget_calls")
def forget_calls() -> None:
    """Forget the calls that ended long ago."""
    calling.forget(clock.now(), actor=System("journeys.forget_calls"))
