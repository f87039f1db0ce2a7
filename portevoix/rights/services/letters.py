"""Commands on letters about requests: what a person is owed, and what was told by post where no address works."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, System
from portevoix.kernel import clock
from portevoix.rights.exceptions import NotNow
from portevoix.rights.models import Request, RequestLetter
from portevoix.rights.purposes import Basis, Purpose
from portevoix.rights.selectors.requests import request_for
from portevoix.rights.services.grounds import give
from portevoix.rights.types import DESK, RequestLetterKind

#: Who writes: the platform, whoever's act it follows from.
LETTERS = System("rights.requests")


@command("rights.owe_letter", label=_("Have a person written to about their request"))
def owe_letter(request: Request, kind: RequestLetterKind, words: str = "", *, actor: Actor) -> None:
    """Have a letter go to the person, on the ground of their own request; whoever is gone gets none."""
    note(about=request, count=int(request.person is not None), kind=kind)
    if request.person is None:
        return
    evidence = {"request": request.pk}
    give(request.person, Purpose.SERVICE, basis=Basis.REQUEST, evidence=evidence, source=request.way, actor=actor)
    RequestLetter.objects.create(request=request, kind=kind, note=words, created_at=clock.now())


@command("rights.tell_by_post", label=_("Note that a person was told by post"), roles=DESK)
def tell_by_post(request_id: int, told_on: date, *, actor: Actor) -> Request:
    """Write down that an announcement which no address took was made by post (RGPD art. 18(3)).

    Raises OutOfSight; NotNow where nothing came back, or for a day that cannot be.
    """
    request = request_for(request_id, actor)
    letter = request.announcements.undelivered().order_by("-pk").first()
    if letter is None or not request.is_in_force:
        raise NotNow
    if not letter.created_at.astimezone(clock.PARIS).date() <= told_on <= clock.today():
        raise NotNow(gettext("The letter by post left between the announcement and today."))
    letter.told_on = told_on
    letter.save(update_fields=["told_on"])
    note(about=request, count=1)
    return request
