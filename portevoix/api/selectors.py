"""Reads about keys: whose they are, which acts they may be made for; and what of the file a program asks for."""

from __future__ import annotations

from datetime import datetime

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.timezone import localtime
from django.utils.translation import gettext

from portevoix.accounts.commands import COMMANDS, every
from portevoix.accounts.rules import hidden_from
from portevoix.accounts.types import READERS, Actor, Fact, Role, Staff
from portevoix.api.models import Key
from portevoix.api.types import GIVES, SCOPES
from portevoix.kernel import normalise
from portevoix.people.models import Interaction, Person, Tagging
from portevoix.people.types import Kind
from portevoix.registers.types import Program

#: What happens to a person that changes nothing of their record.
NO_CHANGE = (Kind.CONSULTED, Kind.EXPORTED, Kind.MAILED, Kind.OPENED, Kind.CLICKED, Kind.TEXTED)
#: Named one by one, so that an index finds the few of them among all that happened.
CHANGES = [kind.value for kind in Kind if kind not in NO_CHANGE]
#: Up to how many changes are looked up by themselves. Beyond, one person in a hundred of the largest file changed at
#: least: a page is soon full of those met on a walk.
FEW_CHANGES = 10_000


def scopes_of(actor: Actor) -> list[str]:
    """Return the acts that somebody may make a key for: no other than those they may do themselves."""
    every()
    return [name for name in SCOPES if COMMANDS[name].allows(actor)]


def keys_seen_by(actor: Actor) -> QuerySet[Key]:
    """Return one's own keys; whoever answers for the data sees everybody's."""
    keys = Key.objects.select_related("user")
    return keys if actor.roles & READERS else keys.filter(user__pk=actor.ident)


def programs() -> list[Program]:
    """Return the programs that may come in now, as the registers tell of them: as far as whoever made the key sees."""
    live = Key.objects.live().select_related("user").prefetch_related("user__mandates")
    return [_program(key) for key in live.order_by("pk")]


def _program(key: Key) -> Program:
    actor = Staff(key.user).by_key(key.name, key.scopes)
    given = list(dict.fromkeys(str(said) for act, said in GIVES.items() if act in key.scopes))
    if given and (hidden := hidden_from(actor)):
        facts = ", ".join(str(fact.label) for fact in Fact if fact in hidden)
        given.append(gettext("without %(facts)s") % {"facts": facts})
    places = gettext("all of France") if actor.departements is None else ", ".join(sorted(actor.departements))
    return Program(
        name=key.name,
        purpose=key.purpose,
        holder=key.user.get_username(),
        sight=", ".join([*(str(role.label) for role in Role if role in actor.roles), places]),
        gives=", ".join(given),
        until=localtime(key.expires_at).date(),
        used_on=key.used_on,
    )


def people_asked_for(*, pk: int | None = None, tag: str = "", since: datetime | None = None) -> QuerySet[Person]:
    """Return one, those who carry a tag, those of whose record something changed since; the gate says who is seen."""
    people = Person.objects.all() if pk is None else Person.objects.filter(pk=pk)
    if tag:
        people = people.filter(pk__in=Tagging.objects.filter(tag__name=tag).values("person"))
    return people if since is None else _changed(people, since)


def _changed(people: QuerySet[Person], since: datetime) -> QuerySet[Person]:
    """Keep those of whose record something changed since: by indexes, whether that was ten of a million or all.

    A few changes are looked up and put in order. Where there are many, each page would look up and order them all:
    the file is walked in its order instead, until the page is full.
    """
    own = Person.objects.filter(updated_at__gte=since).order_by().values("pk")
    happened = Interaction.objects.filter(kind__in=CHANGES, at__gte=since).order_by()
    theirs = happened.values("person")
    if all(found[: FEW_CHANGES + 1].count() <= FEW_CHANGES for found in (own, theirs)):
        return people.filter(pk__in=own.union(theirs))
    # One row of each person's timeline, and never all of everybody's: no subquery to build a table of beforehand.
    touched = Subquery(happened.filter(person=OuterRef("pk")).values("pk")[:1])
    return people.alias(touched=touched).filter(Q(updated_at__gte=since) | Q(touched__isnull=False))


def people_reached_at(*, email: str = "", phone: str = "") -> QuerySet[Person]:
    """Return those whom an address, or a number however it is written, names exactly."""
    if email:
        return Person.objects.filter(emails__address=normalise.email(email) or "")
    return Person.objects.filter(phones__number=normalise.phone(phone) or "")
