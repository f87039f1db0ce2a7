"""Reads about requests of persons: what the desk shows, and the one being acted on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext

from portevoix.accounts.models import User
from portevoix.accounts.types import READERS, Actor, Staff
from portevoix.kernel import clock
from portevoix.people.exceptions import OutOfSight
from portevoix.people.models import EmailAddress, Interaction, Person
from portevoix.people.types import ContactStatus, Kind
from portevoix.rights.models import Request
from portevoix.rights.selectors import hold, suppression_keys
from portevoix.rights.types import OWED, RequestState

#: Fields of their own that a person may correct, by the names of the record's columns.
CORRECTABLE = ("first_name", "last_name", "born_on", "occupation", "postcode")


def request_for(request_id: int, actor: Actor) -> Request:
    """Return a request of a person whom ``actor`` may see, locked until the act ends. Raises OutOfSight."""
    rows = Request.objects.visible_to(actor).filter(pk=request_id)
    # The person before what leads to them, as whoever merges or erases does.
    if who := rows.values_list("person", flat=True).first():
        hold(Person(pk=who), actor)
    found = rows.select_for_update(of=("self",)).select_related("person").first()
    if found is None:
        raise OutOfSight
    return found


def is_proven(email: EmailAddress | None, *, since: datetime) -> bool:
    """Tell whether who follows a link asked for at ``since`` is the person, as far as may show or destroy everything.

    They brought the address themselves, by the form that made their record, and confirmed it; and nobody has changed
    since then how the record is reached: the letter may have gone elsewhere.
    """
    if email is None or not (email.is_own and email.is_primary and email.status == ContactStatus.VERIFIED):
        return False
    return not is_changed(email.person_id, since=since)


def is_changed(person_id: int, *, since: datetime) -> bool:
    """Tell whether a record was merged, or another mailbox may have become its own, since a link was asked for."""
    told = Interaction.objects.filter(person=person_id, at__gte=since)
    by_hand = Q(kind=Kind.EDITED, detail__fields__contains=["contacts"])
    return told.filter(by_hand | Q(kind__in=[Kind.MERGED, Kind.SEPARATED])).exists()


def desk(actor: Actor, *, which: str = "", kind: str = "") -> QuerySet[Request]:
    """Return the requests that ``actor`` answers for: what is owed by default, the most urgent first.

    What nobody verified is not shown among them: whoever typed an address has proven nothing.
    """
    found = Request.objects.visible_to(actor).select_related("person", "assignee")
    if kind:
        found = found.filter(kind=kind)
    if which == "over":
        return found.filter(state__in=[RequestState.ANSWERED, RequestState.REFUSED]).order_by("-answered_at", "-pk")
    if which == "to_verify":
        return found.filter(state=RequestState.TO_VERIFY, person__isnull=False).order_by("-pk")
    return found.filter(state__in=OWED).order_by("due_on", "pk")


def counts(actor: Actor) -> dict[str, int]:
    """Return how many requests ``actor`` answers for are owed, late, near their last day, to verify, over."""
    today = clock.today()
    owed = Q(state__in=OWED)
    found: dict[str, int] = Request.objects.visible_to(actor).aggregate(
        owed=Count("pk", filter=owed),
        late=Count("pk", filter=owed & ~Q(state=RequestState.PAUSED) & Q(due_on__lt=today)),
        to_verify=Count("pk", filter=Q(state=RequestState.TO_VERIFY, person__isnull=False)),
        over=Count("pk", filter=Q(state__in=[RequestState.ANSWERED, RequestState.REFUSED])),
    )
    return found


def digest_of(address: str) -> bytes:
    """Return what proves, to who shows an address, that it is the one a request came from."""
    return suppression_keys()[0].digest("request", address)


def proofs_of(address: str) -> QuerySet[Request]:
    """Return the requests that came from an address, whoever was erased since: the proof that each was answered."""
    digests = [key.digest("request", address) for key in suppression_keys()]
    return Request.objects.filter(digest__in=digests)


def answerers() -> Iterable[tuple[User, Actor]]:
    """Return who answers requests, with how far they see."""
    users = User.objects.filter(is_active=True, mandates__role__in=READERS).distinct()
    for user in users.prefetch_related("mandates"):
        yield user, Staff(user).within(READERS)


def able_to_answer(request: Request) -> list[User]:
    """Return who may answer a request: whoever answers, is of the team, and sees the person."""
    rows = Request.objects.filter(pk=request.pk)
    return [user for user, reach in answerers() if rows.visible_to(reach).exists()]


def held_values(person: Person) -> dict[str, Any]:
    """Return what is held in the fields that a person may correct, as JSON keeps it."""
    values = {name: getattr(person, name) for name in CORRECTABLE}
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()}


def label_of(name: str) -> str:
    """Return what a column of the record is called."""
    field: Any = Person._meta.get_field(name)
    return str(field.verbose_name)


def differences_of(request: Request) -> list[tuple[str, str, str, str]]:
    """Return each field of a correction: its name, its label, what is held now, what the person says."""
    person = request.person
    held = held_values(person) if person else {}
    return [
        (name, label_of(name), _spoken(held.get(name)), _spoken(said.get("new")))
        for name, said in request.proposal.items()
        if name in CORRECTABLE
    ]


def exports_with(person: Person) -> QuerySet[Interaction]:
    """Return when, and what for, the person left in a file: whoever received it must be told of a change (art. 19)."""
    return person.interactions.filter(kind=Kind.EXPORTED).exclude(about_kind="").order_by("-at")


def spoken_clock(request: Request) -> str:
    """Return how long is left, in words."""
    if request.state == RequestState.TO_VERIFY:
        return gettext("starts once verified, from the day it came")
    if request.is_over:
        return ""
    days = request.days_left
    if request.state == RequestState.PAUSED and request.paused_on:
        return gettext("paused since %(day)s") % {"day": date_format(request.paused_on, "SHORT_DATE_FORMAT")}
    if days < 0:
        return gettext("late by %(days)d days") % {"days": -days} if days < -1 else gettext("late by one day")
    if days == 0:
        return gettext("today, at the latest")
    return gettext("%(days)d days left") % {"days": days} if days > 1 else gettext("one day left")


def _spoken(value: Any) -> str:
    return "—" if value in (None, "") else str(value)
