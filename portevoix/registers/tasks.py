"""Work of the registers that nobody asks for: reminders of breaches, versions of the record."""

from __future__ import annotations

from portevoix.accounts.types import System
from portevoix.kernel import jobs
from portevoix.registers.services import breaches, editions


@jobs.periodic("*/15 * * * *", name="registers.remind_of_breaches")
def remind_of_breaches() -> None:
    """Remind of breaches whose 72 hours run."""
    breaches.remind_of_breaches(actor=System("registers.remind_of_breaches"))


@jobs.periodic("5 * * * *", name="registers.keep_edition")
def keep_edition() -> None:
    """Keep a version of the record when its wording changed."""
    editions.keep_edition(actor=System("registers.keep_edition"))
