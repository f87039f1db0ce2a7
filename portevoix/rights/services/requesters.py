"""Commands of the persons who ask: written on the public page, found by a job, verified by a link."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, System
from portevoix.kernel import clock, jobs
from portevoix.people import interactions
from portevoix.people.models import EmailAddress, Person
from portevoix.people.types import USABLE, Kind
from portevoix.rights.exceptions import NotNow, TooMany
from portevoix.rights.models import Request, RequestLetter
from portevoix.rights.models.requests import Proposal
from portevoix.rights.purposes import Purpose
from portevoix.rights.rules import deadlines
from portevoix.rights.selectors import hold, wait_at_the_entrance
from portevoix.rights.selectors.requests import CORRECTABLE, digest_of, held_values, is_proven
from portevoix.rights.services.answers import answer_request
from portevoix.rights.services.letters import LETTERS, owe_letter
from portevoix.rights.types import RequestKind, RequestLetterKind, RequestState, RequestWay

#: Letters that anyone can have sent to an address from the public page, at most, in a day.
MOST_LETTERS_A_DAY = 3
A_DAY = timedelta(days=1)
#: Somebody who writes more than this of one request is flooding it.
MOST_WORDS = 10_000
#: Addresses that wait to be looked up: beyond, somebody is flooding the page, and everybody is asked to come back.
MOST_WAITING = 500
#: What a mailbox that a file brought in may do at once: nothing that shows or destroys what may be another's.
HARMLESS = (RequestKind.OBJECTION, RequestKind.WITHDRAWAL, RequestKind.RESTRICTION)


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

    What is nobody's is forgotten at once. Where no letter may go – to whoever called our letters spam, to a mailbox
    that was sent its letters of the day –, a member of staff finds out who asks: nobody's right ends with their mailbox
    (RGPD art. 12(2)). What a link of the day asks for already is one request, however often it is written, and a second
    click is none. All of it here and not on the page, where what takes another time would tell who was known.
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
        if email is None:
            request.delete()
            continue
        request.person, request.email = email.person, main
        request.digest, request.address = digest_of(request.address), ""
        if main is None:
            _leave_to_staff(request, email.person)
            continue
        if _is_second_click(request):
            request.delete()
            continue
        if _has_had_enough(email.person):
            _keep_without_letter(request, email.person)
            continue
        request.save()
        owe_letter(request, RequestLetterKind.VERIFY, actor=LETTERS)
        found += 1
    note(count=found)
    return found


@command("rights.take_over", label=_("Answer by other means the requests whose link reached nobody"))
def take_over(*, actor: Actor) -> int:
    """Leave to the desk the requests whose letter with the link came back, or could not leave; return how many.

    Their month runs from the day they came, like that of every other: a mailbox that does not work takes nobody's right
    away (RGPD art. 12(2), 12(3)).
    """
    waiting = Request.objects.without_link()
    # Persons before what leads to them, as everybody else does.
    whose = list(waiting.order_by().values_list("person", flat=True))
    people = Person.objects.select_for_update(of=("self",), no_key=True).order_by("pk").filter(pk__in=whose)
    held = {person.pk: person for person in people}
    rows = waiting.select_for_update(of=("self",)).filter(person__in=held).order_by("pk")
    taken = sum(_leave_to_staff(request, held[request.person_id]) for request in rows if request.person_id)
    note(count=taken)
    return taken


def _keep_without_letter(request: Request, person: Person) -> None:
    """Keep what is written after the letters of the day: one with a link of the day waits for its click already."""
    since = clock.now() - A_DAY
    waiting = Request.objects.select_for_update(of=("self",)).filter(
        person=person, kind=request.kind, state=RequestState.TO_VERIFY, created_at__gt=since
    )
    linked = waiting.filter(Exists(RequestLetter.objects.filter(request=OuterRef("pk"), undelivered_at=None))).last()
    if linked is None:
        _leave_to_staff(request, person)
    else:
        _join(request, linked)


def _is_second_click(request: Request) -> bool:
    """Tell whether the same was asked from the same address a moment before, and waits for its link to be followed."""
    same = Request.objects.filter(
        person=request.person,
        kind=request.kind,
        words=request.words,
        digest=request.digest,
        state=RequestState.TO_VERIFY,
        created_at__range=(request.created_at - clock.SAME_CLICK, request.created_at + clock.SAME_CLICK),
    )
    return same.exclude(pk=request.pk).exists()


def _leave_to_staff(request: Request, person: Person) -> bool:
    """Have a request answered without a link, and tell whether it is one more; one of a kind is enough for a desk."""
    owed = Request.objects.select_for_update(of=("self",)).owed().filter(person=person, kind=request.kind)
    if known := owed.exclude(pk=request.pk).last():
        _join(request, known)
        return False
    request.state = RequestState.OPEN
    request.save()
    interactions.record(person, Kind.ASKED, about=request, source=request.way, detail={"request": request.kind})
    return True


def _join(request: Request, known: Request) -> None:
    """Make one request of two of a kind: the first came first, and its words are followed by the other's."""
    if request.words and request.words not in known.words and len(known.words) < MOST_WORDS:
        known.words = f"{known.words}\n\n{request.words}".strip()
        known.save(update_fields=["words"])
    if request.pk:
        request.delete()


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

    Objection, withdrawal and restriction are; erasure is where the person had brought and confirmed the address
    themselves: one that staff or a file brought in may be somebody else's, and the desk looks first. A correction is
    looked at. A link followed again changes nothing. Raises NotNow.
    """
    wait_at_the_entrance()
    if who := Request.objects.filter(pk=request_id).values_list("person", flat=True).first():
        hold(Person(pk=who), actor)
    request = Request.objects.select_for_update(of=("self",)).select_related("person", "email").get(pk=request_id)
    person = request.person
    note(about=request, count=0, kind=request.kind)
    if person is None or request.email is None or request.state != RequestState.TO_VERIFY:
        raise NotNow
    was_verified = is_proven(request.email, since=request.created_at)
    request.state, request.verified_at = RequestState.OPEN, clock.now()
    request.purposes = [str(one) for one in purposes or []]
    request.restriction = restriction
    request.words = words or request.words
    request.proposal = _proposed(person, corrections or {})
    request.save()
    note(count=1, confirmed_address=was_verified)
    interactions.record(person, Kind.ASKED, about=request, source=request.way, detail={"request": request.kind})
    if request.kind in HARMLESS or (request.kind == RequestKind.ERASURE and was_verified):
        return answer_request(request.pk, actor=System("rights.verify_request"))
    if not (request.kind == RequestKind.ACCESS and was_verified):  # whose copy is a click away
        owe_letter(request, RequestLetterKind.RECEIVED, actor=LETTERS)
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


def _has_had_enough(person: Person) -> bool:
    since = clock.now() - A_DAY
    sent = RequestLetter.objects.filter(
        request__person=person, kind=RequestLetterKind.VERIFY, created_at__gt=since
    ).count()
    return sent >= MOST_LETTERS_A_DAY
