"""Commands of the desk on requests of persons: entered, put off, taken up again, forgotten; each step is told."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.models import User
from portevoix.accounts.types import Actor
from portevoix.kernel import clock
from portevoix.people import interactions
from portevoix.people.models import Person
from portevoix.people.types import Kind
from portevoix.rights.exceptions import NotNow
from portevoix.rights.models import Request, RequestLetter
from portevoix.rights.models.requests import LINK_LIFETIME
from portevoix.rights.rules import deadlines
from portevoix.rights.selectors import hold
from portevoix.rights.selectors.requests import able_to_answer, digest_of, request_for
from portevoix.rights.services.letters import LETTERS, owe_letter
from portevoix.rights.types import DESK, PROOFS, UNREFUSABLE, Asked, RequestLetterKind, RequestState


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
    owe_letter(request, RequestLetterKind.RECEIVED, actor=LETTERS)
    return request


@command("rights.assign_request", label=_("Put somebody in charge of a request"), roles=DESK)
def assign_request(request_id: int, user: User | None, *, actor: Actor) -> Request:
    """Say who answers. Raises OutOfSight; NotNow for who could not answer it: gone, or of another territory."""
    request = request_for(request_id, actor)
    if user is not None and user not in able_to_answer(request):
        raise NotNow(gettext("This member of staff may not answer this request."))
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
    owe_letter(request, RequestLetterKind.MORE, words, actor=LETTERS)
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
    request.last_reminder = None  # it was told before the pause, which may have lasted weeks
    request.set_due()
    request.save(update_fields=["days_paused", "state", "due_on", "last_reminder"])
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
    owe_letter(request, RequestLetterKind.EXTENDED, reason.strip(), actor=LETTERS)
    note(about=request, count=1)
    return request


@command("rights.forget_requests", label=_("Forget requests never verified, and proofs whose time is over"))
def forget_requests(*, actor: Actor) -> int:
    """Delete what nobody verified in a week, and proofs older than `PROOFS` says (RGPD art. 5(1)(e)).

    What nobody could verify, since its link never reached them, is not over: `take_over` leaves it to the desk.
    """
    now = clock.now()
    links = RequestLetter.objects.filter(kind=RequestLetterKind.VERIFY, request=OuterRef("pk"))
    in_hand = links.filter(Q(sent_at=None) | Q(sent_at__gte=now - LINK_LIFETIME) | Q(undelivered_at__isnull=False))
    over = Q(~Exists(in_hand), state=RequestState.TO_VERIFY, created_at__lt=now - LINK_LIFETIME)
    for kind, proof in PROOFS.items():
        over |= Q(kind=kind, answered_at__lt=now - timedelta(days=round(proof.months * 30.44)))
    # A restriction that holds is not over, however old.
    old = Request.objects.filter(over).exclude(pk__in=Request.objects.in_force().values("pk"))
    count = old.count()
    old.delete()
    note(count=count)
    return count
