"""Reading the file: a page of it, one record, the few whom an address or a number names."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from django.utils.translation import gettext
from ninja import Query, Router

from portevoix.accounts.rules import hidden_from
from portevoix.accounts.types import Actor, Fact
from portevoix.api.exceptions import HiddenFact, Unfit
from portevoix.api.gate import Held
from portevoix.api.selectors import people_asked_for, people_reached_at
from portevoix.api.views.door import opened_by
from portevoix.api.views.schemas import Gone, Kept, PeopleAsked, PeopleFound, PeopleTold, PersonTold, Wanted
from portevoix.disclosure.exceptions import Withheld
from portevoix.disclosure.services import serving
from portevoix.people.exceptions import OutOfSight, ProtectedName
from portevoix.people.models import Person
from portevoix.people.rules.protected import protection
from portevoix.rights import gate
from portevoix.rights.gate import Disclosure

router = Router(tags=["people"])
#: Records that one number may name: a family.
MOST_FOUND = 20


def held_by(request: HttpRequest) -> Held:
    """Return the key that opened this address."""
    return cast("Held", request.auth)  # type: ignore[attr-defined]


def person_seen(pk: int, actor: Actor) -> Person:
    """Return a person whom the mandates of whoever made the key cover. Raises OutOfSight for every other."""
    person = Person.objects.visible_to(actor).filter(pk=pk).first()
    if person is None:
        raise OutOfSight
    return person


def _granted(people: Any, held: Held) -> Disclosure:
    """Ask the gate for every field that the actor may know; why, the key says."""
    fields = [name for name in serving.TOLD if name not in gate.masked_fields(held.actor)]
    return gate.reveal(people, actor=held.actor, purpose=held.key.purpose, fields=fields)


def _told(records: list[dict[str, Any]], actor: Actor) -> list[dict[str, Any]]:
    hidden = sorted(fact.value for fact in hidden_from(actor))
    return [{**record, "hidden": hidden} for record in records]


@router.get("/people", response=PeopleTold, **opened_by("disclosure.serve_people"), operation_id="list_people",
            exclude_unset=True)  # fmt: skip
def list_people(request: HttpRequest, asked: Query[PeopleAsked]) -> dict[str, Any]:
    """A page of the file, in the order of the numbers. Follow `next` until it is null."""
    held = held_by(request)
    if what := protection(asked.tag):
        raise ProtectedName(asked.tag, what)
    people = people_asked_for(tag=asked.tag, since=asked.changed_since)
    page = serving.serve_people(_granted(people, held), after=asked.after, most=asked.limit, actor=held.actor)
    return {"people": _told(page.records, held.actor), "next": page.next}


@router.get("/people/{int:pk}", response=PersonTold, **opened_by("disclosure.serve_person"), operation_id="read_person",
            exclude_unset=True)  # fmt: skip
def read_person(request: HttpRequest, pk: int) -> dict[str, Any]:
    """One record. Each reading is written down, with the key’s name."""
    held = held_by(request)
    if person_seen(pk, held.actor).restricted_at is not None:
        raise Withheld
    records = serving.serve_person(_granted(people_asked_for(pk=pk), held), actor=held.actor)
    if not records:
        raise OutOfSight
    return _told(records, held.actor)[0]


@router.post("/people/search", response=PeopleFound, **opened_by("disclosure.serve_person"),
             operation_id="search_people", exclude_unset=True)  # fmt: skip
def search_people(request: HttpRequest, wanted: Wanted) -> dict[str, Any]:
    """The few whom an e-mail address or a telephone number names, exactly."""
    held = held_by(request)
    _refuse_hidden(wanted, held.actor)
    people = people_reached_at(email=wanted.email, phone=wanted.phone)
    records = serving.serve_person(_granted(people, held), most=MOST_FOUND, actor=held.actor)
    return {"people": _told(records, held.actor)}


@router.post("/people/gone", response=Gone, **opened_by("disclosure.serve_person"), operation_id="list_gone")
def list_gone(request: HttpRequest, kept: Kept) -> dict[str, list[int]]:
    """Of the records that a program keeps, those it must destroy (RGPD art. 17(2), 18 and 19): ask every day."""
    people = Person.objects.visible_to(held_by(request).actor).unrestricted()
    there = set(people.filter(pk__in=kept.ids).values_list("pk", flat=True))
    return {"gone": sorted(set(kept.ids) - there)}


def _refuse_hidden(wanted: Wanted, actor: Actor) -> None:
    hidden = hidden_from(actor)
    for fact, said in ((Fact.EMAIL, wanted.email), (Fact.PHONE, wanted.phone)):
        if said and fact in hidden:
            raise HiddenFact(str(fact.label))
    if bool(wanted.email) == bool(wanted.phone):
        raise Unfit({"email": [gettext("Say an e-mail address or a telephone number, and not both.")]})
