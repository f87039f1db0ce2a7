"""Periodic work of audience measurement."""

from __future__ import annotations

from portevoix.accounts.types import System
from portevoix.audience import counter, services
from portevoix.kernel import jobs


@jobs.periodic("25 3 * * *", name="audience.forget_old")
def forget_old() -> None:
    """Forget figures of visits that are too old."""
    services.forget_old(actor=System("audience.forget_old"))


@jobs.periodic("* * * * *", name="audience.count_log")
def count_log() -> None:
    """Count the visits of pages that the web server in front gave by itself."""
    counter.count_log()
