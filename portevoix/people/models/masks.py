"""Persons as somebody may know them: what is hidden from who asks is not read from the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Self

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import FieldError
from django.db import models
from django.db.models import F, Func
from django.db.models.functions import Cast
from django.db.models.query import ModelIterable

from portevoix.accounts.rules import hidden_from
from portevoix.accounts.types import KEEPERS, Actor, Fact

if TYPE_CHECKING:
    from portevoix.people.models.persons import Person

#: What may be hidden, by what holds it: a column, or a relation.
HELD_IN = {Fact.BIRTH: "born_on", Fact.EMAIL: "emails", Fact.PHONE: "phones", Fact.ADDRESS: "addresses"}
POINTS = tuple((fact, name) for fact, name in HELD_IN.items() if fact != Fact.BIRTH)
#: Under which name the fields of one's own come that the reader's roles may see.
SEEN = "custom_seen"


class MaskedIterable(ModelIterable):  # type: ignore[type-arg]
    """Persons with nothing where something is hidden."""

    def __iter__(self) -> Iterator[Person]:
        people: Any = self.queryset
        for person in super().__iter__():
            person.hidden, person.read_by = people.hidden, people.read_by
            if Fact.BIRTH in people.hidden:
                person.born_on = None
            if people.read_by is not None:
                person.custom = person.__dict__.pop(SEEN)
            yield person


class MaskedQuerySet(models.QuerySet["Person"]):
    """Who may see whom, and what of them."""

    #: What whoever asks may not know.
    hidden: frozenset[Fact] = frozenset()
    #: The roles of whoever asks, by which fields of one's own are seen; None sees every field.
    read_by: frozenset[str] | None = None

    def _clone(self) -> Self:
        clone: Self = super()._clone()  # type: ignore[misc]
        clone.hidden, clone.read_by = self.hidden, self.read_by
        return clone

    def visible_to(self, actor: Actor) -> Self:
        """Keep whom the actor's mandate covers, without what they have no need to know; a visitor sees nobody."""
        if actor.kind == "visitor" or (actor.kind == "staff" and not actor.roles):
            return self.none()
        known = self._masked(hidden_from(actor))
        if actor.kind == "staff" and not actor.roles & KEEPERS:
            known = known._read_by(frozenset(actor.roles))
        if actor.departements is None:
            return known
        return known.filter(commune__departement__in=actor.departements)

    def _masked(self, hidden: frozenset[Fact]) -> Self:
        """Read neither the birth date nor the contact points that are hidden: they come back empty, not refused."""
        if not hidden - self.hidden:
            return self
        masked: Any = self.defer("born_on") if Fact.BIRTH in hidden else self.all()
        held: Any = self.model._meta.get_field
        masks = (
            models.Prefetch(relation, held(relation).related_model._default_manager.none())
            for fact, relation in POINTS
            if fact in hidden - self.hidden
        )
        # First, so that a later `prefetch_related("emails")` finds them done.
        masked._prefetch_related_lookups = (*masks, *masked._prefetch_related_lookups)
        masked.hidden = self.hidden | hidden
        return self._as_masked(masked)

    def _read_by(self, roles: frozenset[str]) -> Self:
        """Read of the campaign's own fields those that one of ``roles`` may see: the database takes the others out."""
        roles = roles if self.read_by is None else roles & self.read_by
        fields: Any = self.model._meta.apps.get_model("people", "CustomField")
        keys = ArraySubquery(fields.objects.hidden_from(roles).order_by().values("key"))
        hidden = Cast(keys, ArrayField(models.TextField()))
        seen = Func(
            F("custom"), hidden, template="(%(expressions)s)", arg_joiner=" - ", output_field=models.JSONField()
        )
        masked: Any = self.defer("custom")
        masked = super(MaskedQuerySet, masked).annotate(**{SEEN: seen})
        masked.read_by = roles
        return self._as_masked(masked)

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


def _names(asked: Any) -> Iterator[str]:
    """Give the names of the columns and relations that something asked for leads to."""
    if isinstance(asked, str):
        yield asked
    elif isinstance(asked, F):
        yield str(vars(asked)["name"])
    elif hasattr(asked, "get_source_expressions"):
        for part in asked.get_source_expressions():
            yield from _names(part)
