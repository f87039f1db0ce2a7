"""Commands that answer requests: what was asked for is done, or refused, and the person is written so."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor
from portevoix.kernel import clock
from portevoix.people import interactions
from portevoix.people import services as people
from portevoix.people.models import Person
from portevoix.people.selectors import identity_of
from portevoix.people.types import Kind
from portevoix.rights.exceptions import NotNow
from portevoix.rights.models import Ground, Request
from portevoix.rights.purposes import OPTIONAL, Purpose
from portevoix.rights.selectors import hold, refusals_of, wait_at_the_entrance
from portevoix.rights.selectors.requests import CORRECTABLE, request_for
from portevoix.rights.services.erasing import erase
from portevoix.rights.services.letters import LETTERS, owe_letter
from portevoix.rights.types import DESK, UNREFUSABLE, RequestKind, RequestLetterKind, RequestState, halt, tell_of_change


@command("rights.answer_request", label=_("Answer a request"), roles=DESK)
def answer_request(request_id: int, reason: str = "", *, fields: list[str] | None = None, actor: Actor) -> Request:
    """Do what was asked for, and tell the person; ``reason`` is what they are told besides.

    Of a correction, ``fields`` are those that are accepted. A copy is given by `disclosure`; here it is only said that
    it was. Raises OutOfSight, NotNow.
    """
    wait_at_the_entrance()
    request = request_for(request_id, actor)
    if request.state not in {RequestState.OPEN, RequestState.EXTENDED} or request.person is None:
        raise NotNow
    note(about=request, count=1, kind=request.kind)
    return _carry_out(request, reason=reason.strip(), fields=fields, actor=actor)


@command("rights.refuse_request", label=_("Refuse a request"), roles=DESK)
def refuse_request(request_id: int, reason: str, *, actor: Actor) -> Request:
    """Refuse, say why, and how to complain to the CNIL or a court (RGPD art. 12(4)).

    An objection to being solicited, and a consent taken back, cannot be refused (art. 7(3), 21(3)). Raises OutOfSight,
    NotNow.
    """
    request = request_for(request_id, actor)
    if request.kind in UNREFUSABLE:
        raise NotNow(gettext("Nobody may refuse this: it is the person’s own decision (GDPR art. 7(3), 21(3))."))
    if not request.is_owed or not reason.strip():
        raise NotNow
    _close(request, RequestState.REFUSED, reason.strip())
    owe_letter(request, RequestLetterKind.REFUSED, reason.strip(), actor=LETTERS)
    note(about=request, count=1, kind=request.kind)
    return request


@command("rights.settle_copy", label=_("Note that a person was given their copy"), roles=DESK, visitors=True)
def settle_copy(person: Person, *, actor: Actor) -> int:
    """Close the requests of access of somebody who has just been given everything; return how many."""
    owed = Request.objects.select_for_update().owed().filter(person=person, kind=RequestKind.ACCESS)
    for request in owed:
        _close(request, RequestState.ANSWERED, "")
    note(about=person, count=len(owed))
    return len(owed)


def _carry_out(request: Request, *, reason: str, fields: list[str] | None = None, actor: Actor) -> Request:
    """Do what a request asks for, and close it."""
    person = request.person
    if person is None:
        raise NotNow
    if request.kind == RequestKind.ERASURE:
        return _erase(request, person, actor)
    # A file that brings in the same person is merged wholly before, or wholly after.
    wait_at_the_entrance()
    hold(person, actor)
    if request.kind in {RequestKind.OBJECTION, RequestKind.WITHDRAWAL}:
        _refuse_purposes(person, [Purpose(one) for one in request.purposes] or list(OPTIONAL), request)
        halt(person.pk, RequestKind(request.kind))
    elif request.kind == RequestKind.RESTRICTION:
        _restrict(person, request)
    elif request.kind == RequestKind.RECTIFICATION:
        _rectify(request, person, fields, actor)
    _close(request, RequestState.ANSWERED, reason)
    owe_letter(request, RequestLetterKind.ANSWERED, reason, actor=LETTERS)
    return request


def _erase(request: Request, person: Person, actor: Actor) -> Request:
    # Closed first, so that nothing but the proof is left of it: who is erased has nobody to be written to.
    _close(request, RequestState.ANSWERED, "")
    erase(person, actor=actor)
    request.refresh_from_db()
    return request


def _rectify(request: Request, person: Person, fields: list[str] | None, actor: Actor) -> None:
    accepted = set(request.proposal if fields is None else fields) & set(request.proposal)
    said: dict[str, Any] = {name: request.proposal[name]["new"] for name in accepted & set(CORRECTABLE)}
    if "born_on" in said:
        said["born_on"] = date.fromisoformat(said["born_on"]) if said["born_on"] else None
    if said:
        held = identity_of(Person.objects.get(pk=person.pk))
        wanted = type(held)(**{**vars(held), **said})
        people.edit(person, wanted, seen=held, source=request.way, actor=actor)


def _close(request: Request, state: RequestState, reason: str) -> None:
    request.state, request.answered_at, request.reason = state, clock.now(), reason
    request.save()
    if request.person is not None:
        detail = {"request": request.kind, "state": state}
        interactions.record(request.person, Kind.ANSWERED, about=request, source=request.way, detail=detail)


def _refuse_purposes(person: Person, purposes: list[Purpose], request: Request) -> int:
    """End what holds for ``purposes``, keep a refusal of the others that no file overcomes; return how many ended."""
    proof = {"request": request.pk}
    live = Ground.objects.live().filter(person=person, purpose__in=purposes)
    ended = list(live.values_list("purpose", flat=True))
    live.update(withdrawn_at=clock.now(), withdrawal=proof)
    Ground.objects.bulk_create(refusals_of(person, purposes, proof=proof, source=request.way))
    for purpose in purposes:
        interactions.record(person, Kind.WITHDREW, source=request.way, detail={"purpose": purpose, **proof})
    tell_of_change()
    return len(ended)


def _restrict(person: Person, request: Request) -> None:
    """Have a person kept and not used from now on (RGPD art. 18); the database holds their grounds by itself."""
    if person.restricted_at is None:
        person.restricted_at = clock.now()
        Person.objects.filter(pk=person.pk, restricted_at=None).update(restricted_at=person.restricted_at)
    halt(person.pk, RequestKind.RESTRICTION)
    interactions.record(person, Kind.RESTRICTED, about=request, source=request.way)
    tell_of_change()
