"""Nightly work of rights: the ledger is proven whole, from its first entry, and against last night's receipt."""

from __future__ import annotations

import logging

from portevoix.accounts.types import System
from portevoix.kernel import jobs
from portevoix.rights import services
from portevoix.rights.selectors import last_receipt

logger = logging.getLogger(__name__)


@jobs.periodic("50 2 * * *", name="rights.verify")
def verify() -> None:
    """Verify the ledger; a break is in the log, in the journal, on the home page and in the doctor's findings."""
    found = services.verify(kept=last_receipt(), actor=System("rights.verify"))
    if found.broken:
        logger.critical("The ledger of consents is broken. %s", found.broken)
