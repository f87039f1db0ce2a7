"""Background work of the mailings."""

from __future__ import annotations

from portevoix.accounts.types import System
from portevoix.kernel import clock, jobs
from portevoix.mailings.models import Departure, Mailing, ShortMessage, Trial
from portevoix.mailings.services import advertising, scheduling, sending, texting, trying


@jobs.periodic("* * * * *", name="mailings.finish")
def finish_mailings() -> None:
    """Close each mailing, and each text message to many, whose last message has left."""
    for mailing in Mailing.objects.to_be_closed():
        sending.finish(mailing, actor=System("mailings.finish"))
    for text in ShortMessage.objects.to_be_closed():
        texting.finish_text(text, actor=System("mailings.finish"))


@jobs.periodic("* * * * *", name="mailings.depart")
def let_leave() -> None:
    """Send each mailing whose hour has come."""
    for departure in Departure.objects.due(clock.now()).select_related("mailing"):
        scheduling.depart(departure.mailing, actor=System("mailings.depart"))


@jobs.periodic("* * * * *", name="mailings.decide")
def decide_trials() -> None:
    """Send the best version of each trial whose hours are over."""
    for trial in Trial.objects.due(clock.now()):
        trying.decide_by_totals(trial, actor=System("mailings.decide"))


@jobs.periodic("40 3 * * *", name="mailings.forget_notices")
def forget_notices() -> None:
    """Let go notices of advertisements whose seven years are over."""
    advertising.forget_notices(actor=System("mailings.forget_notices"))
