"""Commands on requests of persons: taken in, verified, put off, answered, refused; each step is told and kept."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.models import User
from portevoix.accounts.types import Actor, System
from portevoix.kernel import clock, jobs
from portevoix.people import interactions
from portevoix.people import services as people
from portevoix.people.models import EmailAddress, Person
from portevoix.people.selectors import identity_of
from portevoix.people.types import USABLE, ContactStatus, Kind
from portevoix.rights.exceptions import NotNow, TooMany
from portevoix.rights.models import Ground, Request, RequestLetter
from portevoix.rights.models.requests import LINK_LIFETIME, Proposal
from portevoix.rights.purposes import OPTIONAL, Basis, Purpose
from portevoix.rights.rules import deadlines
from portevoix.rights.selectors import current_wording, hold, wait_at_the_entrance
from portevoix.rights.selectors.requests import CORRECTABLE, digest_of, held_values, request_for
from portevoix.rights.services.erasing import erase
from portevoix.rights.services.grounds import give
from portevoix.rights.services.restricting import DESK
from portevoix.rights.types import (
    PROOFS,
    Asked,
    RequestKind,
    RequestLetterKind,
    RequestState,
    RequestWay,
)

#: Letters that anyone can have sent to an address from the public page, at most, in a day.
MOST_LETTERS_A_DAY = 3
#: Addresses that wait to be looked up: beyond, somebody is flooding the page, and everybody is asked to come back.
MOST_WAITING = 500
#: What a mailbox that a file brought in may do at once: nothing that shows or destroys what may be another's.
HARMLESS = (RequestKind.OBJECTION, RequestKind.WITHDRAWAL, RequestKind.RESTRICTION)


#: What nobody may refuse, nor put off: the person decides (RGPD art. 7(3), 21(3)).
UNREFUSABLE = frozenset({RequestKind.OBJECTION, RequestKind.WITHDRAWAL})


@command("rights.ask", label=_("Ask for one of one’s rights on the site"), visitors=True)
def ask(address: str, kind: RequestKind, *, language: str, words: str = "", actor: Actor) -> None:
    """Take what was written on the public page, and look at nothing: whose address it is, a job finds out.

    The same work is done for a known address and for an unknown one, so that neither the answer nor its time tells
    them apart. Raises TooMany, which does not depend on the address either.
    """
    if Request.objects.exclude(address="").count() >= MOST_WAITING:
        raise TooMany
    today = clock.today()
    Request.objects.create(
        address=address,
        kind=kind,
        way=RequestWay.SITE,
        state=RequestState.TO_VERIFY,
        language=language,
        words=words,
        received_on=today,
        due_on=deadlines.due_on(today),
        created_at=clock.now(),
    )
    note(count=1, kind=kind)
    jobs.defer("rights.find_requesters", once=True)


@command("rights.find_requesters", label=_("Find who wrote on the page of rights"))
def find_requesters(*, actor: Actor) -> int:
    """Tell whose addresses were written on the public page; return to how many a link is owed.

    What is nobody's is forgotten at once; so is what comes too often to one mailbox.
    """
    waiting = Request.objects.select_for_update(of=("self",), skip_locked=True).exclude(address="")
    found, rows = 0, list(waiting.order_by("pk")[:MOST_WAITING])
    # All of them first, in the order of everybody else: the grounds of one are written before the next is looked at.
    whose = EmailAddress.objects.filter(address__in=[row.address for row in rows]).values("person")
    held = Person.objects.select_for_update(of=("self",), no_key=True).order_by("pk").filter(pk__in=whose)
    list(held.values_list("pk", flat=True))
    for request in rows:
        email = EmailAddress.objects.select_related("person").filter(address=request.address).first()
        main = email and email.person.emails.filter(is_primary=True, status__in=USABLE).first()
        if email is None or main is None or _has_had_enough(email.person):
            request.delete()
            continue
        request.person, request.email = email.person, main
        request.digest, request.address = digest_of(request.address), ""
        request.save()
        _owe(request, RequestLetterKind.VERIFY)
        found += 1
    note(count=found)
    return found


@command("rights.verify_request", label=_("Verify one’s request by its link"), visitors=True)
def verify_request(
    request_id: int,
    *,
    purposes: list[Purpose] | None = None,
    restriction: str = "",
    corrections: dict[str, Any] | None = None,
    words: str = "",
    actor: Actor,
) -> Request:
    """Take the person's own act by the link that went to their mailbox, and do at once what may be done at once.

    Objection, withdrawal and restriction are; erasure is where the address had been confirmed before: one that a
    file brought in may be somebody else's, and a member of staff looks first. A correction is looked at. A link
    followed again changes nothing. Raises NotNow.
    """
    wait_at_the_entrance()
    if who := Request.objects.filter(pk=request_id).values_list("person", flat=True).first():
        hold(Person(pk=who), actor)
    request = Request.objects.select_for_update(of=("self",)).select_related("person", "email").get(pk=request_id)
    person = request.person
    note(about=request, count=0, kind=request.kind)
    if person is None or request.email is None or request.state != RequestState.TO_VERIFY:
        raise NotNow
    was_verified = request.email.status == ContactStatus.VERIFIED
    request.state, request.verified_at = RequestState.OPEN, clock.now()
    request.purposes = [str(one) for one in purposes or []]
    request.restriction = restriction
    request.words = words or request.words
    request.proposal = _proposed(person, corrections or {})
    request.save()
    note(count=1, confirmed_address=was_verified)
    interactions.record(person, Kind.ASKED, about=request, source=request.way, detail={"request": request.kind})
    if request.kind in HARMLESS or (request.kind == RequestKind.ERASURE and was_verified):
        _carry_out(request, reason="", actor=System("rights.verify_request"))
    elif not (request.kind == RequestKind.ACCESS and was_verified):  # whose copy is a click away
        _owe(request, RequestLetterKind.RECEIVED)
    return request


def _proposed(person: Person, corrections: dict[str, Any]) -> Proposal:
    """Return what a person says otherwise than what is held, field by field."""
    held = held_values(person)
    told = {name: value.isoformat() if isinstance(value, date) else value for name, value in corrections.items()}
    return {
        name: {"old": held[name], "new": told[name]}
        for name in CORRECTABLE
        if name in told and (told[name] or "") != (held[name] or "")
    }


@command("rights.enter_request", label=_("Enter a request of a person"), roles=DESK)
def enter_request(person: Person, asked: Asked, *, actor: Actor) -> Request:
    """Enter what came by letter, telephone, e-mail or on the doorstep; the month runs from the day it came.

    Raises OutOfSight; NotNow for a day that is yet to come.
    """
    if asked.received_on > clock.today():
        raise NotNow(gettext("A request cannot have come on a day that is yet to come."))
    hold(person, actor)
    main = person.emails.filter(is_primary=True).first()
    request = Request.objects.create(
        person=person,
        email=main,
        digest=digest_of(main.address) if main else None,
        kind=asked.kind,
        way=asked.way,
        state=RequestState.OPEN,
        language=person.language,
        words=asked.words,
        purposes=list(asked.purposes),
        restriction=asked.restriction,
        received_on=asked.received_on,
        due_on=deadlines.due_on(asked.received_on),
        created_at=clock.now(),
    )
    note(about=request, count=1, kind=asked.kind, way=asked.way)
    interactions.record(person, Kind.ASKED, about=request, source=asked.way, detail={"request": asked.kind})
    _owe(request, RequestLetterKind.RECEIVED)
    return request


@command("rights.assign_request", label=_("Put somebody in charge of a request"), roles=DESK)
def assign_request(request_id: int, user: User | None, *, actor: Actor) -> Request:
    """Say who answers. Raises OutOfSight; NotNow for who could not answer it."""
    request = request_for(request_id, actor)
    if user is not None and not user.mandates.filter(role__in=DESK).exists():
        raise NotNow
    request.assignee = user
    request.save(update_fields=["assignee"])
    note(about=request, count=1)
    return request


@command("rights.ask_identity", label=_("Ask a person to prove who they are"), roles=DESK)
def ask_identity(request_id: int, words: str, *, actor: Actor) -> Request:
    """Ask for what is missing where there is a reasonable doubt, and stop the clock until it comes (RGPD art. 12(6)).

    Once, while the first month runs: a doubt that comes later is a pretext. Raises OutOfSight, NotNow.
    """
    request = request_for(request_id, actor)
    if request.kind in UNREFUSABLE:
        raise NotNow(gettext("Nobody may refuse this: it is the person’s own decision (GDPR art. 7(3), 21(3))."))
    if request.state != RequestState.OPEN or request.paused_on or not request.may_still_be_extended:
        raise NotNow
    request.state, request.paused_on = RequestState.PAUSED, clock.today()
    request.save(update_fields=["state", "paused_on"])
    _owe(request, RequestLetterKind.MORE, words)
    note(about=request, count=1)
    return request


@command("rights.resume_request", label=_("Go on with a request whose person proved who they are"), roles=DESK)
def resume_request(request_id: int, *, actor: Actor) -> Request:
    """Start the clock again; the days that the proof took are added. Raises OutOfSight, NotNow."""
    request = request_for(request_id, actor)
    if request.state != RequestState.PAUSED or request.paused_on is None:
        raise NotNow
    request.days_paused = (clock.today() - request.paused_on).days
    request.state = RequestState.OPEN
    request.set_due()
    request.save(update_fields=["days_paused", "state", "due_on"])
    note(about=request, count=request.days_paused)
    return request


@command("rights.extend_request", label=_("Take two more months for a request"), roles=DESK)
def extend_request(request_id: int, reason: str, *, actor: Actor) -> Request:
    """Put the answer off by two months, and tell the person why (RGPD art. 12(3)): within the first month only.

    Raises OutOfSight, NotNow.
    """
    request = request_for(request_id, actor)
    if request.state != RequestState.OPEN or not request.may_still_be_extended or not reason.strip():
        raise NotNow
    request.state, request.extended_on, request.reason = RequestState.EXTENDED, clock.today(), reason.strip()
    request.last_reminder = None
    request.set_due()
    request.save()
    _owe(request, RequestLetterKind.EXTENDED, reason.strip())
    note(about=request, count=1)
    return request


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
    _owe(request, RequestLetterKind.REFUSED, reason.strip())
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


@command("rights.forget_requests", label=_("Forget requests never verified, and proofs whose time is over"))
def forget_requests(*, actor: Actor) -> int:
    """Delete what nobody verified in a week, and proofs older than `PROOFS` says (RGPD art. 5(1)(e))."""
    now = clock.now()
    over = Q(state=RequestState.TO_VERIFY, created_at__lt=now - LINK_LIFETIME)
    for kind, proof in PROOFS.items():
        over |= Q(kind=kind, answered_at__lt=now - timedelta(days=round(proof.months * 30.44)))
    # A restriction that holds is not over, however old.
    old = Request.objects.filter(over).exclude(pk__in=Request.objects.in_force().values("pk"))
    count = old.count()
    old.delete()
    note(count=count)
    return count


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
    elif request.kind == RequestKind.RESTRICTION:
        _restrict(person, request)
    elif request.kind == RequestKind.RECTIFICATION:
        _rectify(request, person, fields, actor)
    _close(request, RequestState.ANSWERED, reason)
    _owe(request, RequestLetterKind.ANSWERED, reason)
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


def _owe(request: Request, kind: RequestLetterKind, words: str = "") -> None:
    """Have a letter go to the person, on the ground of their own request."""
    if request.person is None:
        return
    give(
        request.person,
        Purpose.SERVICE,
        basis=Basis.REQUEST,
        evidence={"request": request.pk},
        source=request.way,
        actor=System("rights.requests"),
    )
    RequestLetter.objects.create(request=request, kind=kind, note=words, created_at=clock.now())


def _has_had_enough(person: Person) -> bool:
    since = clock.now() - timedelta(days=1)
    sent = RequestLetter.objects.filter(
        request__person=person, kind=RequestLetterKind.VERIFY, created_at__gt=since
    ).count()
    return sent >= MOST_LETTERS_A_DAY


def _refuse_purposes(person: Person, purposes: list[Purpose], request: Request) -> int:
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
        Ground.objects.filter(person=person, purpose__in=purposes, withdrawn_at__isnull=False)
        .exclude(withdrawal__has_key="retention")  # what a rule ended is nobody's refusal
        .values_list("purpose", flat=True)
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


def _restrict(person: Person, request: Request) -> None:
    """Have a person kept and not used from now on (RGPD art. 18); the database holds their grounds by itself."""
    if person.restricted_at is None:
        person.restricted_at = clock.now()
        Person.objects.filter(pk=person.pk, restricted_at=None).update(restricted_at=person.restricted_at)
    interactions.record(person, Kind.RESTRICTED, about=request, source=request.way)
