"""The gate: the only maker of an Audience (who may be written to) and of a Disclosure (what may be shown or written).

A guard-rail for code, not a wall: the wall is the outbox's key and trigger in the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import InitVar, dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from portevoix.accounts.rules import hidden_from
from portevoix.accounts.types import Actor, Fact
from portevoix.people.models import EmailAddress, Person, PhoneNumber, PostalAddress
from portevoix.people.types import USABLE
from portevoix.rights.exceptions import Masked, NotFromTheGate
from portevoix.rights.models import Ground
from portevoix.rights.purposes import Channel, Purpose

_SEAL = object()

#: Fields that hold what some roles have no need to know, by their names in tables, files and answers.
FACTS = {
    **dict.fromkeys(("email", "email1", "emails", "email_addresses"), Fact.EMAIL),
    **dict.fromkeys(("phone", "phone_number", "mobile_number", "phones", "phone_numbers"), Fact.PHONE),
    **dict.fromkeys(("address", "primary_address1", "addresses", "postal_addresses"), Fact.ADDRESS),
    **dict.fromkeys(("born_at", "born_on", "birthdate"), Fact.BIRTH),
}


@dataclass(frozen=True)
class Audience:
    """Persons who may be reached for ``purpose`` by ``channel``, as their live grounds, read when they are used."""

    grounds: QuerySet[Ground]
    purpose: Purpose
    channel: Channel
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise NotFromTheGate("an Audience comes from rights.gate.admit")

    def count(self) -> int:
        """Return how many persons would be reached now."""
        return self.grounds.count()


@dataclass(frozen=True)
class Disclosure:
    """Persons and fields that may leave, to whom it was granted and why."""

    people: QuerySet[Person]
    fields: tuple[str, ...]
    purpose: str
    actor: Actor
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise NotFromTheGate("a Disclosure comes from rights.gate.reveal")


def admit(people: QuerySet[Person], *, purpose: Purpose, channel: Channel) -> Audience:
    """Return those of ``people`` who have a live ground and a usable contact point."""
    grounds = Ground.objects.live().for_purpose(purpose, channel)
    if _leaves_somebody_out(people):
        chosen: Any = (people if people.query.is_sliced else people.order_by()).values("pk")
        grounds = grounds.filter(person__in=chosen)
    reachable = grounds.filter(Exists(_contact_points(channel)))
    return Audience(reachable, purpose, channel, seal=_SEAL)


def _leaves_somebody_out(people: QuerySet[Person]) -> bool:
    """Tell whether the question is about fewer than everybody; only then need the database look at it."""
    query = people.query
    return bool(query.where or query.is_sliced or query.combinator or query.distinct or len(query.alias_map) > 1)


def reveal(people: QuerySet[Person], *, actor: Actor, purpose: str, fields: Sequence[str]) -> Disclosure:
    """Return what ``actor`` may see of ``people``: those of their territory, the named fields, for a stated reason.

    Raises ValueError when no reason is given: a disclosure without purpose is not lawful (RGPD art. 5(1)(b)); Masked
    when a field holds what the actor has no need to know.
    """
    if not purpose.strip():
        raise ValueError("a disclosure needs its purpose")
    if masked := masked_fields(actor) & set(fields):
        raise Masked(", ".join(sorted(masked)))
    return Disclosure(people.visible_to(actor), tuple(fields), purpose, actor, seal=_SEAL)  # type: ignore[attr-defined]


def masked_fields(actor: Actor) -> frozenset[str]:
    """Return the fields that leave for nobody like ``actor``, under every name that a file or an answer gives them."""
    return frozenset(name for name, fact in FACTS.items() if fact in hidden_from(actor))


def _contact_points(channel: Channel) -> QuerySet[EmailAddress] | QuerySet[PhoneNumber] | QuerySet[PostalAddress]:
    if channel == Channel.EMAIL:
        return EmailAddress.objects.filter(person=OuterRef("person"), status__in=USABLE, is_primary=True)
    if channel in {Channel.SMS, Channel.PHONE}:
        return PhoneNumber.objects.filter(person=OuterRef("person"), status__in=USABLE)
    if channel in {Channel.POST, Channel.DOOR}:
        return PostalAddress.objects.filter(person=OuterRef("person")).exclude(line1="")
    # Nothing leaves by the campaign's own file; the local group has ways of its own.
    return EmailAddress.objects.none()
