"""Background work of the mailings."""

from __future__ import annotations

import contextlib

from portevoix.accounts.types import System
from portevoix.kernel import clock, jobs
from portevoix.mailings import selectors
from portevoix.mailings.exceptions import AlreadyDecided
from portevoix.mailings.models import AnyMailing, Departure, Mailing, ShortMessage, TextDeparture, TextTrial, Trial
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
    """Send each letter and each text message whose hour has come."""
    now = clock.now()
    due: list[AnyMailing] = [one.mailing for one in Departure.objects.due(now).select_related("mailing")]
    due += [one.mailing for one in TextDeparture.objects.due(now).select_related("mailing")]
    for mailing in due:
        scheduling.depart(mailing, actor=System("mailings.depart"))


@jobs.periodic("* * * * *", name="mailings.decide")
def decide_trials() -> None:
    """Send the best version of each trial once all that is tried has left and had its hours."""
    now = clock.now()
    for trial in [*Trial.objects.due(now), *TextTrial.objects.due(now)]:
        if not selectors.had_its_hours(trial):
            continue
        with contextlib.suppress(AlreadyDecided):  # somebody chose in between; the others still wait
            trying.decide_by_totals(trial, actor=System("mailings.decide"))


@jobs.periodic("40 3 * * *", name="mailings.forget_notices")
def forget_notices() -> None:
    """Let go notices of advertisements whose seven years are over."""
    advertising.forget_notices(actor=System("mailings.forget_notices"))
