"""Background work of the outbox."""

from __future__ import annotations

import logging

from portevoix.accounts.models import Notice
from portevoix.accounts.types import System
from portevoix.delivery import dispatch, services
from portevoix.delivery.models import Batch, Message, Run
from portevoix.kernel import clock, jobs

logger = logging.getLogger(__name__)


@jobs.task(name="delivery.dispatch")
def dispatch_queue() -> None:
    """Send what is due, for a while; ask for another turn when there is more."""
    summary = dispatch.run()
    if summary.fault:
        logger.warning("no mail server took anything: %s", summary.fault)
    for batch in Batch.objects.unfinished():
        if not batch.messages.may_leave().exists():
            services.finish(batch, actor=System("delivery.dispatch"))
    if summary.has_more:
        jobs.defer("delivery.dispatch", once=True)


@jobs.periodic("* * * * *", name="delivery.look_after")
def look_after_queue() -> None:
    """Try again what was refused for now, and settle what a dead worker left."""
    if Message.objects.due(clock.now()).exists() or Run.objects.filter(ended_at=None).exists():
        jobs.defer("delivery.dispatch", once=True)


@jobs.periodic("* * * * *", name="delivery.write_to_staff")
def write_to_staff() -> None:
    """Send the letters that members of staff are owed: invitations, sign-ins from new devices."""
    if Notice.objects.due().exists():
        services.write_to_staff(actor=System("delivery.write_to_staff"))
