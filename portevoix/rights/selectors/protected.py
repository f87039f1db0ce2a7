"""Fields and tags from before the names were read that say what the law protects: who carries them, on what ground."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, Subquery

from portevoix.kernel import normalise
from portevoix.people.models import CustomField, Person, PersonQuerySet, Tag, Tagging
from portevoix.people.rules.protected import protection
from portevoix.people.types import CustomKind, Protected
from portevoix.rights.models import Ground, Opinion
from portevoix.rights.purposes import OPTIONAL, Purpose
from portevoix.rights.rules.placing import placed, places
from portevoix.rights.types import OpinionPlace, Views

#: Of so many it is looked what each place would keep; of more, it is said that they are more.
LOOKED_AT = 5_000
#: What somebody may agree to have recorded about what they think.
AGREED = Ground.objects.live().for_purpose(Purpose.OPINION, OPTIONAL[Purpose.OPINION])


@dataclass(frozen=True)
class Misplaced:
    """A field or a tag whose name says what the law protects."""

    thing: CustomField | Tag
    name: str
    what: Protected

    @property
    def is_tag(self) -> bool:
        return isinstance(self.thing, Tag)

    @property
    def is_in_use(self) -> bool:
        """Whether it is a field that is asked and shown."""
        return isinstance(self.thing, CustomField) and self.thing.retired_at is None

    @property
    def slug(self) -> str:
        """Which of the two it is, in addresses."""
        return "etiquette" if self.is_tag else "champ"

    @property
    def is_opinion(self) -> bool:
        """Whether there is a place for it: what is guessed, and what else the law protects, has none."""
        return self.what is Protected.OPINION

    @property
    def places(self) -> tuple[OpinionPlace, ...]:
        """Where its values may go."""
        if not self.is_opinion:
            return ()
        return places(CustomKind(self.thing.kind) if isinstance(self.thing, CustomField) else None)

    def carriers(self) -> PersonQuerySet:
        """Return who carries it."""
        if isinstance(self.thing, CustomField):
            return Person.objects.filter(custom__has_key=self.thing.key)
        return Person.objects.filter(Exists(Tagging.objects.filter(tag=self.thing, person=OuterRef("pk"))))

    def value_of(self, person: Person) -> object:
        """Return what it says of somebody who carries it."""
        return person.custom.get(self.thing.key) if isinstance(self.thing, CustomField) else True


@dataclass(frozen=True)
class Carried:
    """How many carry it: with an agreement to record opinions, with their data restricted, and neither."""

    it: Misplaced
    people: int
    agreed: int
    restricted: int

    @property
    def unfounded(self) -> int:
        """How many have neither: what is kept of them here has no ground."""
        return self.people - self.agreed - self.restricted

    @property
    def used(self) -> int:
        """How many whose data may be touched: of the others it is kept until their request is settled (art. 18)."""
        return self.people - self.restricted


def misplaced(*, in_use: bool = False) -> list[Misplaced]:
    """Return fields and tags by name; with ``in_use``, without the fields that are retired.

    The home page asks this: names are read, which are few, and nobody's record. Of the tags whose name says something,
    one who carries each is looked for; where there is none of them, nobody is.
    """
    fields = CustomField.objects.in_use() if in_use else CustomField.objects.all()
    told = [pk for pk, name in Tag.objects.order_by().values_list("pk", "name").iterator() if protection(name)]
    # The first found of each, by the index: as EXISTS, this may become a walk through all that is carried.
    one = Tagging.objects.filter(tag=OuterRef("pk")).order_by().values("pk")[:1]
    tags = Tag.objects.filter(pk__in=told).alias(one=Subquery(one)).filter(one__isnull=False) if told else ()
    found = [it for thing in (*fields, *tags) if (it := _misplaced(thing))]
    return sorted(found, key=lambda it: (normalise.sort_key(it.name), it.slug))


def _misplaced(thing: CustomField | Tag) -> Misplaced | None:
    what = thing.protection
    name = thing.name if isinstance(thing, Tag) else thing.shown_label
    return Misplaced(thing, name, what) if what else None


def one(slug: str, pk: int) -> Misplaced | None:
    """Return one of them, carried by anybody or not; None where it is gone, or its name is innocent."""
    kinds: dict[str, type[CustomField] | type[Tag]] = {"champ": CustomField, "etiquette": Tag}
    thing = kinds[slug].objects.filter(pk=pk).first() if slug in kinds else None
    return _misplaced(thing) if thing else None


def carried(it: Misplaced) -> Carried:
    """Count who carries it."""
    is_restricted = Q(restricted_at__isnull=False)
    has_agreed = Q(Exists(AGREED.filter(person=OuterRef("pk")))) if it.is_opinion else Q(pk=None)
    counts = it.carriers().aggregate(
        people=Count("pk"),
        restricted=Count("pk", filter=is_restricted),
        agreed=Count("pk", filter=has_agreed & ~is_restricted),
    )
    return Carried(it, **counts)


def all_carried() -> list[Carried]:
    """Return what somebody carries, with how many; a field that is still in use, even where nobody does."""
    return [counts for counts in map(carried, misplaced()) if counts.people or counts.it.is_in_use]


def fitting(it: Misplaced) -> dict[OpinionPlace, int]:
    """Return of how many, among the first ``LOOKED_AT`` who agreed, each place would keep what it says."""
    fits = dict.fromkeys(it.places, 0)
    for person, now in views_of(it):
        for place in fits:
            fits[place] += placed(now, it.name, it.value_of(person), place) != now
    return fits


def views_of(it: Misplaced) -> Iterator[tuple[Person, Views]]:
    """Yield the first who carry it and agreed, and what is recorded of their opinions."""
    agreed = it.carriers().unrestricted().filter(Exists(AGREED.filter(person=OuterRef("pk"))))
    people = list(agreed.only("pk", "custom").order_by("pk")[:LOOKED_AT])
    said = {one.person_id: one.views for one in Opinion.objects.filter(person__in=[person.pk for person in people])}
    for person in people:
        yield person, said.get(person.pk, Views())
