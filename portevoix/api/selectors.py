"""Reads about keys: whose they are, which acts they may be made for; and what of the file a program asks for."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from portevoix.accounts.commands import COMMANDS, every
from portevoix.accounts.types import READERS, Actor
from portevoix.api.models import Key
from portevoix.api.types import SCOPES
from portevoix.kernel import normalise
from portevoix.people.models import Interaction, Person, Tagging
from portevoix.people.types import Kind

#: What happens to a person that changes nothing of their record.
NO_CHANGE = (Kind.CONSULTED, Kind.EXPORTED, Kind.MAILED, Kind.OPENED, Kind.CLICKED, Kind.TEXTED)


def scopes_of(actor: Actor) -> list[str]:
    """Return the acts that somebody may make a key for: no other than those they may do themselves."""
    every()
    return [name for name in SCOPES if COMMANDS[name].allows(actor)]


def keys_seen_by(actor: Actor) -> QuerySet[Key]:
    """Return one's own keys; whoever answers for the data sees everybody's."""
    keys = Key.objects.select_related("user")
    return keys if actor.roles & READERS else keys.filter(user__pk=actor.ident)


def people_asked_for(*, pk: int | None = None, tag: str = "", since: datetime | None = None) -> QuerySet[Person]:
    """Return one, those who carry a tag, those of whose record something changed since; the gate says who is seen."""
    people = Person.objects.all() if pk is None else Person.objects.filter(pk=pk)
    if tag:
        people = people.filter(pk__in=Tagging.objects.filter(tag__name=tag).values("person"))
    if since is not None:
        lately = Interaction.objects.filter(at__gte=since).exclude(kind__in=NO_CHANGE)
        people = people.filter(Q(updated_at__gte=since) | Q(pk__in=lately.order_by().values("person")))
    return people


def people_reached_at(*, email: str = "", phone: str = "") -> QuerySet[Person]:
    """Return those whom an address, or a number however it is written, names exactly."""
    if email:
        return Person.objects.filter(emails__address=normalise.email(email) or "")
    return Person.objects.filter(phones__number=normalise.phone(phone) or "")
