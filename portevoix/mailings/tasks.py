"""Background work of the mailings."""

from __future__ import annotations

from portevoix.accounts.types import System
from portevoix.kernel import jobs
from portevoix.mailings.models import Mailing, ShortMessage
from portevoix.mailings.services import advertising, sending, texting


@jobs.periodic("* * * * *", name="mailings.finish")
def finish_mailings() -> None:
    """Close each mailing, and each text message to many, whose last message has left."""
    for mailing in Mailing.objects.to_be_closed():
        sending.finish(mailing, actor=System("mailings.finish"))
    for text in ShortMessage.objects.to_be_closed():
        texting.finish_text(text, actor=System("mailings.finish"))


@jobs.periodic("40 3 * * *", name="mailings.forget_notices")
def forget_notices() -> None:
    """Let go notices of advertisements whose seven years are over."""
    advertising.forget_notices(actor=System("mailings.forget_notices"))
