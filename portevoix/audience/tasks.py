"""Nightly work of audience measurement."""

from __future__ import annotations

from portevoix.accounts.types import System
from portevoix.audience import services
from portevoix.kernel import jobs


@jobs.periodic("25 3 * * *", name="audience.forget_old")
def forget_old() -> None:
    """Forget figures of visits that are too old."""
    services.forget_old(actor=System("audience.forget_old"))
