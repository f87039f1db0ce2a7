"""What a person may have the campaign stop doing: objection (RGPD art. 21) and restriction (art. 18).

Neither has a command of its own but for the lifting of a restriction: they are how a request is answered
(``services.requests``).
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Role
from portevoix.kernel import clock
from portevoix.people import interactions
from portevoix.people.models import Person
from portevoix.people.types import Kind
from portevoix.rights.exceptions import NotNow
from portevoix.rights.models import Ground, Request, RequestLetter
from portevoix.rights.purposes import OPTIONAL, Basis, Purpose
from portevoix.rights.selectors import current_wording, hold
from portevoix.rights.selectors.requests import request_for
from portevoix.rights.types import RequestLetterKind

DESK = {Role.DIRECTOR, Role.DATA_OFFICER}


def refuse_purposes(person: Person, purposes: list[Purpose], request: Request) -> int:
    """End what holds for ``purposes``, and keep a refusal of the others, that no file overcomes; return how many ended.

    A refusal is a ground that ended as it began, as where a file brings one: imports make no live one of it, and a
    merge ends the other record's (RGPD art. 21(3)). Only the person changes it, by their own choice.
    """
    now = clock.now()
    proof = {"request": request.pk}
    live = Ground.objects.live().filter(person=person, purpose__in=purposes)
    ended = list(live.values_list("purpose", flat=True))
    live.update(withdrawn_at=now, withdrawal=proof)
    known = set(
        Ground.objects.filter(person=person, purpose__in=purposes, withdrawn_at__isnull=False).values_list(
            "purpose", flat=True
        )
    )
    Ground.objects.bulk_create(
        Ground(
            person=person,
            purpose=purpose,
            channel=OPTIONAL[purpose],
            basis=Basis.REQUEST,
            wording=current_wording(purpose, person.language),
            given_at=now,
            withdrawn_at=now,
            evidence=proof,
            withdrawal=proof,
            source=request.way,
        )
        for purpose in purposes
        if purpose not in known
    )
    for purpose in purposes:
        interactions.record(person, Kind.WITHDREW, source=request.way, detail={"purpose": purpose, **proof})
    return len(ended)


def restrict(person: Person, request: Request) -> None:
    """Have a person kept and not used from now on (RGPD art. 18); the database holds their grounds by itself."""
    if person.restricted_at is None:
        person.restricted_at = clock.now()
        Person.objects.filter(pk=person.pk, restricted_at=None).update(restricted_at=person.restricted_at)
    interactions.record(person, Kind.RESTRICTED, about=request, source=request.way)


@command("rights.announce_lifting", label=_("Tell a person that their restriction will end"), roles=DESK)
def announce_lifting(request_id: int, reason: str, *, actor: Actor) -> Request:
    """Write to a person before their restriction is lifted, and why (RGPD art. 18(3)). Raises OutOfSight, NotNow."""
    request = request_for(request_id, actor)
    if not request.is_in_force or not reason.strip():
        raise NotNow
    request.lifting_reason, request.lifting_told_at = reason.strip(), clock.now()
    request.save(update_fields=["lifting_reason", "lifting_told_at"])
    RequestLetter.objects.create(request=request, kind=RequestLetterKind.LIFTING, created_at=clock.now())
    note(about=request, count=1)
    return request


@command("rights.lift_restriction", label=_("Lift a restriction"), roles=DESK)
def lift_restriction(request_id: int, *, actor: Actor) -> Request:
    """End a restriction whose person was told before (RGPD art. 18(3)); another that they asked for still holds.

    Raises OutOfSight; NotNow when nobody told them, or the letter has not left.
    """
    request = request_for(request_id, actor)
    person = request.person
    told = RequestLetter.objects.filter(request=request, kind=RequestLetterKind.LIFTING, sent_at__isnull=False)
    if person is None or not request.is_in_force or request.lifting_told_at is None or not told.exists():
        raise NotNow
    hold(person, actor)
    request.lifted_at = clock.now()
    request.save(update_fields=["lifted_at"])
    note(about=request, count=1)
    if not Request.objects.in_force().filter(person=person).exists():
        Person.objects.filter(pk=person.pk).update(restricted_at=None)
        interactions.record(person, Kind.RELEASED, about=request, source="staff")
    return request
