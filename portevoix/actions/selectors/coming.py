"""Who comes of actions, as the team sees them: seats, applications, proxy votes."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Prefetch, QuerySet
from wagtail.models import Page

from portevoix.accounts.types import Actor
from portevoix.actions.models import Attendance, EventPage, MembershipApplication, Proxy, ProxyPage
from portevoix.actions.rules.letters import departement_of
from portevoix.actions.types import ApplicationState
from portevoix.people.models import Person
from portevoix.rights import gate
from portevoix.rights.purposes import Channel, Purpose

#: Who could go for somebody, shown for each.
MOST_OFFERS = 8
#: Decisions shown below what waits.
MOST_DECIDED = 30


@dataclass(frozen=True)
class Wanted:
    """Somebody who looks for a proxy, and who could go."""

    asking: Proxy
    offers: list[Proxy]


def hold(page: EventPage) -> None:
    """Let one command at a time decide who comes to a meeting. Raises TransactionManagementError outside of one."""
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError
    Page.objects.select_for_update(no_key=True).get(pk=page.pk)


def hold_people(people: Iterable[int]) -> None:
    """Keep persons as they are until the transaction ends: before their rows, as everywhere."""
    rows = Person.objects.filter(pk__in=list(people)).select_for_update(of=("self",), no_key=True)
    list(rows.order_by("pk").values_list("pk", flat=True))


def among(people: Collection[int]) -> gate.Audience:
    """Return those of some persons to whom a message that they asked for may be sent."""
    return gate.admit(Person.objects.filter(pk__in=people), purpose=Purpose.SERVICE, channel=Channel.EMAIL)


def room(page: EventPage, actor: Actor) -> dict[str, Any]:
    """Return who comes and who waits, of those whom the actor may see, and how many seats are taken in all."""
    everybody = Attendance.objects.filter(page=page.pk)
    mine = _with_persons(everybody.counted(), actor)
    return {
        "taken": everybody.coming().seats(),
        "present": everybody.counted().filter(was_present=True).count(),
        "coming": mine.coming(),
        "waiting": mine.waiting(),
    }


def applications(actor: Actor) -> dict[str, Any]:
    """Return what waits for a decision, and the latest decisions."""
    mine = _with_persons(MembershipApplication.objects.counted(), actor).select_related("page")
    decided = mine.exclude(state=ApplicationState.RECEIVED).order_by("-decided_at")
    return {"open": mine.open(), "decided": decided[:MOST_DECIDED]}


def proxies(page: ProxyPage, actor: Actor) -> dict[str, Any]:
    """Return who looks for somebody with who could go, who is paired, and who offers and is free."""
    everybody = Proxy.objects.filter(page=page.pk)
    mine = _with_persons(everybody.counted(), actor).select_related("commune")
    free = list(mine.offering().unpaired())
    waiting = [Wanted(asking, near(asking, free)) for asking in mine.asking().unpaired()]
    # A partner may live where the actor has no mandate: the row is then there, and its partner None.
    seen = Prefetch("partner", queryset=_with_persons(everybody, actor))
    return {"waiting": waiting, "paired": mine.asking().exclude(partner=None).prefetch_related(seen), "free": free}


def near(asking: Proxy, free: list[Proxy]) -> list[Proxy]:
    """Return who could go, the nearest first: of the commune, then of the postcode, then of the département."""

    def distance(offer: Proxy) -> int:
        if asking.commune_id and offer.commune_id == asking.commune_id:
            return 0
        if offer.postcode == asking.postcode:
            return 1
        return 2 if departement_of(offer.postcode) == departement_of(asking.postcode) else 3

    near_ones = [offer for offer in free if distance(offer) < 3 and _share_rounds(asking, offer)]
    return sorted(near_ones, key=lambda offer: (distance(offer), offer.since))[:MOST_OFFERS]


def _share_rounds(asking: Proxy, offer: Proxy) -> bool:
    """Tell whether the offer is for a round that is asked for; both say them in the words of the form."""
    return not asking.rounds or not offer.rounds or any(one in offer.rounds for one in asking.rounds.split(" ; "))


def _with_persons(rows: QuerySet[Any], actor: Actor) -> Any:
    """Keep the rows of people whom the actor may see, each with the person as they may know them."""
    people = Person.objects.visible_to(actor).select_related("commune")
    return rows.filter(person__in=people.order_by().values("pk")).prefetch_related(Prefetch("person", queryset=people))
