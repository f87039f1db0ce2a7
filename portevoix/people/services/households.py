"""Commands on households: who lives with whom, under which name and at which address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Fact
from portevoix.people import interactions
from portevoix.people.exceptions import Impossible, OutOfSight
from portevoix.people.models import Household, HouseholdMember, Person, PostalAddress
from portevoix.people.rules import differences
from portevoix.people.selectors import refuse_restricted
from portevoix.people.services.editing import EDITORS, SOURCE
from portevoix.people.types import Abode, Kind

#: An address with more is a hostel or a mistake, not a household.
MOST_MEMBERS = 20


@command("people.house_together", label=_("Say that two persons live together"), roles=EDITORS)
def house_together(person: Person, other: Person, *, actor: Actor) -> Household:
    """Put two persons in one household, made from the address of the first where neither has one.

    Raises OutOfSight and Restricted for either; Impossible to oneself, when each has a household of their own, and
    past the most.
    """
    if person.pk == other.pk:
        raise Impossible(gettext("Nobody lives with themselves alone."))
    persons = _both(person, other, actor)
    homes = {housing.person_id: housing.household for housing in _housings(persons)}
    if len(homes) == 2:
        if homes[person.pk] == homes[other.pk]:
            return homes[person.pk]
        raise Impossible(gettext("Each has a household already: take one of them out of theirs first."))
    household = next(iter(homes.values()), None) or Household.objects.create(**_address_of(persons))
    # Held so that two who add somebody at once do not pass the most together.
    Household.objects.select_for_update().get(pk=household.pk)
    joining = [one for one in persons if one.pk not in homes]
    if household.members.count() + len(joining) > MOST_MEMBERS:
        raise Impossible(gettext("A household has %(most)d members at most.") % {"most": MOST_MEMBERS})
    HouseholdMember.objects.bulk_create(
        HouseholdMember(household=household, person=one, source=SOURCE) for one in joining
    )
    note(about=household, count=len(joining))
    for one in joining:
        interactions.record(one, Kind.TIED, about=household, source=SOURCE, detail={"tie": "household"})
    return household


@command("people.leave_household", label=_("Take a person out of their household"), roles=EDITORS)
def leave_household(person: Person, *, actor: Actor) -> None:
    """Take a person out; a household of one that is left is none, and their own timeline says so.

    Whoever is left may be out of the actor's sight: it is the household that ends, as a tie ends from either record.
    Raises OutOfSight; Restricted for either.
    """
    (kept,) = _held([person.pk], actor, with_household=True)
    housing = HouseholdMember.objects.filter(person=kept).select_related("household").first()
    note(about=kept, count=int(housing is not None))
    if housing is None:
        return
    household = Household.objects.select_for_update().get(pk=housing.household_id)
    members = list(household.members.values_list("person", flat=True))
    if len(members) <= 2:
        refuse_restricted(members, actor)  # who is left alone leaves it too
    housing.delete()
    parted = [kept.pk]
    if len(members) <= 2:
        parted = members
        household.members.all().delete()
    for one in Person.objects.filter(pk__in=parted):
        interactions.record(one, Kind.TIED, source=SOURCE, detail={"removed": "household"})


@command("people.describe_household", label=_("Name a household, correct its address"), roles=EDITORS)
def describe_household(person: Person, abode: Abode, *, seen: Mapping[str, str] | None = None, actor: Actor) -> None:
    """Write the name and the shared address of a person's household, and say so to everybody who lives there.

    Raises OutOfSight; Impossible without one, or where somebody lives there whom the actor may not see; Restricted
    where one who lives there is.
    An address that is hidden from the actor stays as it is. With ``seen``, what was on the screen, only what differs
    from it is written: Impossible where somebody else changed the same in the meantime.
    """
    (kept,) = _held([person.pk], actor, with_household=True)
    household = Household.objects.select_for_update().filter(members__person=kept).first()
    if household is None:
        raise Impossible(gettext("This person is of no household."))
    members = Person.objects.filter(housing__household=household)
    if members.exclude(pk__in=Person.objects.visible_to(actor).order_by().values("pk")).exists():
        raise Impossible(gettext("This household reaches beyond your territory: who sees all of it may change it."))
    refuse_restricted(members.values_list("pk", flat=True), actor)
    said = asdict(abode)
    if Fact.ADDRESS in kept.hidden:
        said = {"name": said["name"]}
    now = {name: getattr(household, name) for name in said}
    changed, conflicts = differences(was={**now, **(seen or {})}, now=now, said=said)
    if conflicts:
        raise Impossible(gettext("Somebody else changed the household in the meantime: look at it again."))
    for name, value in changed.items():
        setattr(household, name, value)
    if changed:
        household.save(update_fields=list(changed))
        for one in members:
            interactions.record(one, Kind.HOUSED, about=household, source=SOURCE, detail={"fields": list(changed)})
    note(about=household, count=len(changed), fields=list(changed))


def _both(person: Person, other: Person, actor: Actor) -> list[Person]:
    held = {one.pk: one for one in _held([person.pk, other.pk], actor)}
    return [held[person.pk], held[other.pk]]


def _held(pks: list[int], actor: Actor, *, with_household: bool = False) -> list[Person]:
    # In one order: two who join the same persons wait for each other instead of blocking for ever.
    if with_household:
        together = Person.objects.filter(housing__household__members__person__in=pks).values("pk")
        list(Person.objects.filter(Q(pk__in=pks) | Q(pk__in=together)).order_by("pk").select_for_update(of=("self",)))
    people = Person.objects.visible_to(actor).filter(pk__in=pks).order_by("pk")
    held = list(people.select_for_update(of=("self",)))
    if len(held) != len(pks):
        raise OutOfSight
    refuse_restricted(pks, actor)
    return held


def _housings(persons: list[Person]) -> list[HouseholdMember]:
    return list(HouseholdMember.objects.filter(person__in=persons).select_related("household"))


def _address_of(persons: list[Person]) -> dict[str, str]:
    """Return the main address of the first who has one, as the household's."""
    for person in persons:
        known = PostalAddress.objects.filter(person=person).exclude(line1="").order_by("-is_primary", "pk").first()
        if known is not None:
            return {name: getattr(known, name) for name in ("line1", "line2", "postcode", "city", "country")}
    return {}
