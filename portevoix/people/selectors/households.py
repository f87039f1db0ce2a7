"""Reads about who lives together: the household of a record, who might be of it, and one person for each letter."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, Q

from portevoix.accounts.types import Actor, Fact
from portevoix.kernel import normalise
from portevoix.people.models import Household, HouseholdMember, Person, PersonQuerySet, PostalAddress

#: People of one surname and postcode who are looked at for one suggestion.
MOST_LOOKED_AT = 500
MOST_SUGGESTED = 12


@dataclass(frozen=True)
class Home:
    """A household as it reads from one person's record; the address is empty for whom it is hidden from."""

    household: Household
    address: str
    others: list[Person]


def home_of(person: Person, actor: Actor) -> Home | None:
    """Return a person's household, with those of the others whom ``actor`` may see."""
    housing = HouseholdMember.objects.filter(person=person).select_related("household").first()
    if housing is None:
        return None
    others = Person.objects.visible_to(actor).filter(housing__household=housing.household_id).exclude(pk=person.pk)
    address = "" if Fact.ADDRESS in person.hidden else housing.household.address
    return Home(housing.household, address, list(others.order_by("sort_key", "pk")))


def suggested(person: Person, actor: Actor) -> list[Person]:
    """Return who has the surname and a postal address of ``person``, and is not of their household.

    Nobody is suggested to whom addresses are hidden from: the suggestion would tell them.
    """
    if Fact.ADDRESS in person.hidden or not (surname := normalise.sort_key(person.last_name)):
        return []
    doors = {_door(one) for one in PostalAddress.objects.filter(person=person).exclude(line1="").exclude(postcode="")}
    if not doors:
        return []
    known = HouseholdMember.objects.filter(household__members__person=person).values("person")
    near = PostalAddress.objects.filter(person=OuterRef("pk"), postcode__in={code for _street, code in doors})
    alike = (
        Person.objects.visible_to(actor)
        .filter(Q(sort_key=surname) | Q(sort_key__startswith=f"{surname} "), Exists(near))
        .exclude(pk=person.pk)
        .exclude(pk__in=known)
        .prefetch_related("addresses")
        .order_by("sort_key", "pk")
    )
    found = []
    for other in alike[:MOST_LOOKED_AT]:
        # « Martin » and « Martin du Pont » begin alike, and a street is written in many ways: compared word by word.
        if normalise.sort_key(other.last_name) == surname and any(_door(one) in doors for one in other.addresses.all()):
            found.append(other)
    return found[:MOST_SUGGESTED]


def _door(address: PostalAddress) -> tuple[str, str]:
    return normalise.sort_key(address.line1), address.postcode


def one_letter_each(people: PersonQuerySet) -> PersonQuerySet:
    """Keep one of ``people`` for each household, the first that came in, and whoever lives in none.

    To be asked of those who are admitted to be written to, so that nobody gets a letter in the name of somebody
    who refused it; the household of the one who is kept says to whom the letter is addressed.
    """
    housed = HouseholdMember.objects.filter(person__in=people.order_by().values("pk"))
    earlier = housed.filter(household=OuterRef("housing__household"), person__lt=OuterRef("pk"))
    each: PersonQuerySet = people.filter(~Exists(earlier)).annotate(household_name=F("housing__household__name"))
    return each
