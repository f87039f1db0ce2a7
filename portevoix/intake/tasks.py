"""Nightly work of intake."""

from __future__ import annotations

from portevoix.accounts.types import System
from portevoix.intake.services import receiving
from portevoix.kernel import jobs


@jobs.periodic("20 2 * * *", name="intake.forget_unconfirmed")
def forget_unconfirmed() -> None:
    """Erase whom the campaign knows only by a form never confirmed."""
    receiving.forget_unconfirmed(actor=System("intake.forget_unconfirmed"))
