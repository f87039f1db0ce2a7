"""Background work of actions: letters about requests."""

from __future__ import annotations

from portevoix.accounts.types import System
from portevoix.actions.services import requests
from portevoix.kernel import jobs
from portevoix.rights.models import RequestLetter


@jobs.periodic("* * * * *", name="actions.write_about_requests")
def write_about_requests() -> None:
    """Hand over what is owed; most minutes there is nothing."""
    if RequestLetter.objects.filter(sent_at=None).exists():
        requests.write_about_requests(actor=System("actions.write_about_requests"))
