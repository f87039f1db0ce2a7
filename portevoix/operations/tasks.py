"""Care of the queue itself."""

from __future__ import annotations

import logging
from datetime import timedelta

from portevoix.kernel import jobs

logger = logging.getLogger(__name__)
KEPT = timedelta(days=3)


@jobs.periodic("* * * * *", name="operations.rescue_jobs")
def rescue_jobs() -> None:
    """Run again what a worker that was killed had begun: every task may run twice."""
    if count := jobs.rescue():
        logger.warning("%s jobs of dead workers are run again", count)


@jobs.periodic("40 2 * * *", name="operations.forget_finished_jobs")
def forget_finished_jobs() -> None:
    """Keep the table of jobs small."""
    jobs.forget_finished(after=KEPT)
