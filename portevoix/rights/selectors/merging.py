"""Reads about two records that may become one: what differs, what each brings, whose consent holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from portevoix.accounts.types import Actor, Fact
from portevoix.people import rules
from portevoix.people.models import (
    Candidate,
    CustomField,
    Household,
    HouseholdMember,
    Interaction,
    Person,
    PersonRole,
    Relationship,
)
from portevoix.rights.models import Ground, Opinion
from portevoix.rights.purposes import OPTIONAL

#: Fields of a person that are not about the person, or that a merge settles by itself.
NOT_CHOSEN = {"id", "ref", "sort_key", "custom", "source", "created_at", "updated_at", "restricted_at"}
CUSTOM = "custom:"


@dataclass
class Clash:
    """Live grounds that cannot stand once two records are one.

    ``ended`` are those that the other record refuses; ``superseded`` leads from a ground of the absorbed record to
    the kept one's for the same.
    """

    ended: list[int] = field(default_factory=list)
    superseded: dict[int, int] = field(default_factory=dict)


def clash(kept_id: int, absorbed_id: int) -> Clash:
    """Tell which live grounds a merge would end: a withdrawal on either record beats a consent on the other."""
    live: dict[tuple[str, str], dict[int, int]] = defaultdict(dict)
    refused: dict[tuple[str, str], set[int]] = defaultdict(set)
    for ground in Ground.objects.filter(person__in=[kept_id, absorbed_id]):
        if ground.is_live:
            live[ground.purpose, ground.channel][ground.person_id] = ground.pk
        elif not is_nobodys(ground.withdrawal or {}):
            refused[ground.purpose, ground.channel].add(ground.person_id)
    found = Clash()
    for question, holders in live.items():
        # Whoever withdrew and gave again has changed their mind: the last word counts.
        if question[0] in OPTIONAL and refused[question] - set(holders):
            found.ended += holders.values()
        elif len(holders) == 2:
            found.superseded[holders[absorbed_id]] = holders[kept_id]
    return found


def is_nobodys(withdrawal: dict[str, Any]) -> bool:
    """Tell whether a ground ended without anybody's refusal: by a rule, for a newer one, or for its twin in a merge."""
    return bool({"retention", "replaced_by"} & set(withdrawal)) or withdrawal.get("merge") == "same"


@dataclass(frozen=True)
class Choice:
    """One field on which two records differ, or that only one of them has."""

    name: str
    label: str
    kept: str
    absorbed: str
    is_absorbed_better: bool

    @property
    def is_one_sided(self) -> bool:
        """Whether only one of the two records says anything."""
        return not (self.kept and self.absorbed)


def choices(kept: Person, absorbed: Person) -> list[Choice]:
    """Return the fields on which two records differ, with the better value of each."""
    pairs = [
        (one.name, str(one.verbose_name), _value(kept, one.name), _value(absorbed, one.name))
        for one in fields_to_choose()
    ]
    keys = sorted({*kept.custom, *absorbed.custom})
    labels = dict(CustomField.objects.filter(key__in=keys).values_list("key", "label"))
    pairs += [(CUSTOM + key, labels.get(key, key), kept.custom.get(key), absorbed.custom.get(key)) for key in keys]
    return [
        Choice(name, label, _shown(mine), _shown(theirs), rules.is_fuller(theirs, mine))
        for name, label, mine, theirs in pairs
        if mine != theirs
    ]


def ending(kept: Person, absorbed: Person) -> list[str]:
    """Return the consents of one record that the other's withdrawal will end, in words."""
    ended = Ground.objects.filter(pk__in=clash(kept.pk, absorbed.pk).ended)
    return sorted({ground.get_purpose_display() for ground in ended})


def fields_to_choose() -> list[models.Field[Any, Any]]:
    """Return the fields of a person that hold one value."""
    return [one for one in Person._meta.concrete_fields if one.name not in NOT_CHOSEN]


def better(kept: Person, absorbed: Person) -> set[str]:
    """Return the fields whose better value is the absorbed record's."""
    return {choice.name for choice in choices(kept, absorbed) if choice.is_absorbed_better}


def _value(person: Person, name: str) -> Any:
    return person.gender_label if name == "gender" else getattr(person, name)


def _shown(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return date_format(value) if hasattr(value, "isoformat") else str(value)


@dataclass(frozen=True)
class Brought:
    """What one record has of its own."""

    person: Person
    contacts: list[str]
    tags: list[str]
    roles: list[PersonRole]
    home: str
    opinion: Opinion | None
    grounds: list[Ground]
    #: How many rows of each kind, by its name.
    counts: list[tuple[str, int]]
    events: int


def brought(person: Person, *, with_opinion: bool) -> Brought:
    """Return what a record brings, to show it beside another; its political opinions only to who may see them."""
    contacts = [
        *(email.address for email in person.emails.all()),
        *(phone.written for phone in person.phones.all()),
        *(str(address) for address in person.addresses.all()),
    ]
    housing = HouseholdMember.objects.filter(person=person).select_related("household").first()
    ties = Relationship.objects.about(person).count()
    return Brought(
        person,
        contacts,
        tags=sorted(tagging.tag.name for tagging in person.taggings.select_related("tag")),
        roles=list(person.roles.all()),
        home=_home(person, housing.household) if housing else "",
        opinion=Opinion.objects.filter(person=person).first() if with_opinion else None,
        grounds=list(person.grounds.all()),
        counts=[
            (_("Notes"), person.notes.count()),
            (_("Relationships"), ties),
            (_("Files"), person.attachments.count()),
        ],
        events=person.interactions.count(),
    )


def _home(person: Person, household: Household) -> str:
    return household.name or ("" if Fact.ADDRESS in person.hidden else household.address) or str(household)


def in_order(one: Person, other: Person) -> tuple[Person, Person]:
    """Return which of two records to keep, and which to absorb: the one with the longer story, else the older."""
    stories = dict.fromkeys([one.pk, other.pk], 0) | dict(
        Interaction.objects.filter(person__in=[one, other])
        .order_by()
        .values_list("person")
        .annotate(models.Count("pk"))
    )
    kept, absorbed = sorted([one, other], key=lambda person: (-stories[person.pk], person.pk))
    return kept, absorbed


def candidates(actor: Actor) -> models.QuerySet[Candidate]:
    """Return the pairs that wait for a decision of ``actor``, who must see both, the likeliest first."""
    pairs = Candidate.objects.undecided().select_related("first__commune", "second__commune")
    if actor.departements is None:
        return pairs
    seen = Person.objects.visible_to(actor).order_by().values("pk")
    return pairs.filter(Q(first__in=seen) & Q(second__in=seen))


def after(pairs: models.QuerySet[Candidate], decided: Iterable[int]) -> Candidate | None:
    """Return the next pair to judge, other than the one under the eyes."""
    return pairs.exclude(first__in=decided, second__in=decided).first()
