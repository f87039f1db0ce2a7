"""Persons as somebody may know them: what is hidden from who asks is not read from the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import FieldError
from django.db import models
from django.db.models import Case, F, Func, When
from django.db.models.functions import Cast
from django.db.models.query import ModelIterable

from portevoix.accounts.rules import Sight
from portevoix.accounts.types import Actor, Fact, Role

if TYPE_CHECKING:
    from portevoix.people.models.persons import Person

#: What may be hidden, by what holds it: a column, or a relation.
HELD_IN = {Fact.BIRTH: "born_on", Fact.EMAIL: "emails", Fact.PHONE: "phones", Fact.ADDRESS: "addresses"}
POINTS = tuple((fact, name) for fact, name in HELD_IN.items() if fact != Fact.BIRTH)
#: Under which name the fields of one's own come that the reader's roles may see.
SEEN = "custom_seen"


#: Under which names come, where not all are known alike, where somebody lives and a birth date that may be told.
PLACE, BORN = "seen_in", "born_seen"
LIVES_IN = "commune__departement"


class MaskedIterable(ModelIterable):  # type: ignore[type-arg]
    """Persons with nothing where something is hidden."""

    def __iter__(self) -> Iterator[Person]:
        people: Any = self.queryset
        sight: Sight = people.sight
        known = {place: (sight.hidden_in(place), sight.read_by_in(place)) for place in sight.places}
        elsewhere = known.get("", (people.hidden, people.read_by))
        for person in super().__iter__():
            told = person.__dict__
            place = told.pop(PLACE, None)
            person.hidden, person.read_by = (
                (people.hidden, people.read_by) if sight.is_even else known.get(place, elsewhere)
            )
            if Fact.BIRTH in people.hidden:
                born_on = told.pop(BORN, None)
                person.born_on = None if Fact.BIRTH in person.hidden else born_on
            if people.read_by is not None:
                person.custom = told.pop(SEEN)
            yield person


class MaskedQuerySet(models.QuerySet["Person"]):
    """Who may see whom, and what of them.

    A person who is read is known as the mandates over where they live need. Where many are looked at as one – rows,
    files, what is searched by – nothing is known that is hidden of any of them.
    """

    #: What may be known of whom, by everybody who asked so far.
    sight = Sight()
    #: What whoever asks may not know of somebody at least.
    hidden: frozenset[Fact] = frozenset()
    #: The roles of whoever asks, by which fields of one's own are seen of everybody; None sees every field.
    read_by: frozenset[str] | None = None
    _masks: tuple[Any, ...] = ()

    def _clone(self) -> Self:
        clone: Self = super()._clone()  # type: ignore[misc]
        clone.sight, clone.hidden, clone.read_by, clone._masks = self.sight, self.hidden, self.read_by, self._masks
        return clone

    def visible_to(self, actor: Actor) -> Self:
        """Keep whom the actor's mandates cover, each without what these have no need to know; a visitor sees nobody."""
        if actor.kind == "visitor" or (actor.kind == "staff" and not actor.roles):
            return self.none()
        known = self._known_to(actor.places) if actor.kind == "staff" else self
        if actor.departements is None:
            return known
        return known.filter(commune__departement__in=actor.departements)

    def _known_to(self, places: Mapping[str, frozenset[Role]]) -> Self:
        """Read neither the birth date, nor contact points, nor own fields that are hidden: they come back empty."""
        sight = Sight((*self.sight.asking, places))
        if places in self.sight.asking or not (sight.hidden or sight.read_by is not None):
            return self
        masked: Any = self.defer(*_deferred(sight))
        if told := _told(sight):
            masked = super(MaskedQuerySet, masked).annotate(**told)
        masked._prefetch_related_lookups = tuple(
            one for one in masked._prefetch_related_lookups if all(one is not mask for mask in self._masks)
        )
        masked._masks = tuple(self._points(sight))
        # First, so that a later `prefetch_related("emails")` finds them done.
        masked._prefetch_related_lookups = (*masked._masks, *masked._prefetch_related_lookups)
        masked.sight, masked.hidden, masked.read_by = sight, sight.hidden, sight.read_by
        return self._as_masked(masked)

    def _points(self, sight: Sight) -> Iterator[models.Prefetch]:  # type: ignore[type-arg]
        held: Any = self.model._meta.get_field
        for fact, relation in POINTS:
            if fact in sight.hidden:
                points = held(relation).related_model._default_manager
                known = sight.knowing(fact)
                seen = points.filter(**{f"person__{LIVES_IN}__in": known}) if known else points.none()
                yield models.Prefetch(relation, seen)

    def _as_masked(self, masked: Any) -> Self:
        if masked._iterable_class is ModelIterable:
            masked._iterable_class = MaskedIterable
        result: Self = masked
        return result

    def _values(self, *fields: Any, **expressions: Any) -> Self:
        """Refuse rows and tuples of what is hidden: only persons can be read with a mask."""
        names = fields or tuple(field.name for field in self.model._meta.concrete_fields)
        self._refuse_hidden([*names, *expressions.values()])
        result: Self = super()._values(*fields, **expressions)  # type: ignore[misc]
        return result

    def annotate(self, *args: Any, **kwargs: Any) -> Self:
        """Annotate with nothing that is hidden."""
        self._refuse_hidden([*args, *kwargs.values()])
        return super().annotate(*args, **kwargs)

    def _refuse_hidden(self, asked: Iterable[Any]) -> None:
        hidden = {HELD_IN[fact] for fact in self.hidden} | ({"custom"} if self.read_by is not None else set())
        if hidden and (wanted := {name.partition("__")[0] for one in asked for name in _names(one)} & hidden):
            raise FieldError(f"hidden from who asks: {', '.join(sorted(wanted))}")


def _deferred(sight: Sight) -> list[str]:
    return [
        *(["born_on"] if Fact.BIRTH in sight.hidden else []),
        *(["custom"] if sight.read_by is not None else []),
    ]


def _told(sight: Sight) -> dict[str, Any]:
    """Return what the database tells in the place of columns that are hidden, of all or of some."""
    told: dict[str, Any] = {}
    if not sight.is_even:
        told[PLACE] = F(LIVES_IN)
    if Fact.BIRTH in sight.hidden and (known := sight.knowing(Fact.BIRTH)):
        told[BORN] = Case(When(**{f"{LIVES_IN}__in": known}, then=F("born_on")), output_field=models.DateField())
    if sight.read_by is not None:
        told[SEEN] = _own_fields(sight)
    return told


def _own_fields(sight: Sight) -> Any:
    """Return the campaign's own fields but for those hidden where somebody lives: the database takes them out."""
    if sight.is_even:
        return _own_read_by(sight.read_by)
    cases = [When(**{LIVES_IN: place}, then=_own_read_by(sight.read_by_in(place))) for place in sight.places if place]
    return Case(*cases, default=_own_read_by(sight.read_by_in("")), output_field=models.JSONField())


def _own_read_by(roles: frozenset[Role] | None) -> Any:
    if roles is None:
        return F("custom")
    fields: Any = apps.get_model("people", "CustomField")
    keys = ArraySubquery(fields.objects.hidden_from(roles).order_by().values("key"))
    hidden = Cast(keys, ArrayField(models.TextField()))
    return Func(F("custom"), hidden, template="(%(expressions)s)", arg_joiner=" - ", output_field=models.JSONField())


def _names(asked: Any) -> Iterator[str]:
    """Give the names of the columns and relations that something asked for leads to."""
    if isinstance(asked, str):
        yield asked
    elif isinstance(asked, F):
        yield str(vars(asked)["name"])
    elif hasattr(asked, "get_source_expressions"):
        for part in asked.get_source_expressions():
            yield from _names(part)
