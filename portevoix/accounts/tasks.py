"""Background work of access."""

from __future__ import annotations

from portevoix.accounts.services import signing
from portevoix.accounts.types import System
from portevoix.kernel import jobs


@jobs.periodic("20 3 * * *", name="accounts.forget")
def forget() -> None:
    """Let go of sessions, letters and failures that are old."""
    signing.forget_old(actor=System("accounts.forget"))
