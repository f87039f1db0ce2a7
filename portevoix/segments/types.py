"""What a segment's question is made of: criteria, and groups of them.

A criterion is a question about a person. Each room registers its own from ``AppConfig.ready()``, so that segments
may ask about what they do not know.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Self, Union

from django import forms
from django.db import models
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ConfigDict

from portevoix.accounts.types import Fact
from portevoix.kernel.registry import Registry


class Match(models.TextChoices):
    """How the parts of a group are put together."""

    ALL = "all", _("all of these conditions")
    ANY = "any", _("at least one of these conditions")
    NONE = "none", _("none of these conditions")


class Family(models.TextChoices):
    """How the editor sorts criteria."""

    IDENTITY = "identity", _("Identity")
    PLACE = "place", _("Place")
    CONTACT = "contact", _("Contact")
    CONSENT = "consent", _("Consent")
    ROLES = "roles", _("Roles and ties")
    HISTORY = "history", _("History")
    CUSTOM = "custom", _("Your own fields")
    OPINIONS = "opinions", _("Political opinions")
    SEGMENTS = "segments", _("Other segments")


class Pointer(NamedTuple):
    """How a criterion names an object: a model, and the unique field that it stores."""

    model: type[models.Model]
    by: str = "pk"


class Names:
    """The names of what criteria point to, read once: a sentence costs a query a table, not a query a rule."""

    def __init__(self) -> None:
        self._known: dict[Pointer, dict[Any, str]] = defaultdict(dict)
        self._gone: set[tuple[Pointer, Any]] = set()

    def of(self, pointer: Pointer, key: Any) -> str:
        """Return the name of an object, or that it is gone."""
        if key not in self._known[pointer]:
            self._read(pointer, {key})
        return self._known[pointer][key]

    def read(self, criteria: Iterable[Criterion]) -> None:
        """Read at once all the names that ``criteria`` will ask for."""
        wanted: dict[Pointer, set[Any]] = defaultdict(set)
        for criterion in criteria:
            for field, pointer in criterion.points_to.items():
                wanted[pointer].add(getattr(criterion, field))
        for pointer, keys in wanted.items():
            self._read(pointer, keys - set(self._known[pointer]))

    def miss(self, criteria: Iterable[Criterion]) -> bool:
        """Return whether one of ``criteria`` names something that is gone, so that it finds nobody, or everybody."""
        asked = list(criteria)
        self.read(asked)
        named = ((pointer, getattr(one, field)) for one in asked for field, pointer in one.points_to.items())
        return any(one in self._gone for one in named)

    def _read(self, pointer: Pointer, keys: set[Any]) -> None:
        gone = gettext("(deleted)")
        found = pointer.model._default_manager.in_bulk(keys, field_name=pointer.by) if keys else {}
        self._gone.update((pointer, key) for key in keys if key not in found)
        self._known[pointer].update({key: str(found[key]) if key in found else gone for key in keys})


class Criterion(BaseModel, ABC):
    """A question about a person, with its answers filled in; a subclass is the question, its fields the blanks.

    ``says`` is what follows « people who », ``denies`` its contrary, both to be filled with ``words``.

    ``points_to`` names the fields that hold the key of an object, and of which. ``tells`` are the facts of a record
    that answers would give away: who may not read them may not ask. A question ``about_opinions`` is for figures alone
    (RGPD art. 9). What is ``told_for_one_thing`` was told with the promise that it serves that alone: who writes to
    those whom it finds is reminded of it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: ClassVar[str] = ""
    label: ClassVar[str | Promise] = ""
    family: ClassVar[Family] = Family.IDENTITY
    points_to: ClassVar[dict[str, Pointer]] = {}
    tells: ClassVar[frozenset[Fact]] = frozenset()
    about_opinions: ClassVar[bool] = False
    told_for_one_thing: ClassVar[bool] = False
    says: ClassVar[str | Promise] = ""
    denies: ClassVar[str | Promise] = ""

    @property
    def leans_on_one_thing(self) -> bool:
        """Whether its answers were told for one thing; some questions do with some answers only."""
        return self.told_for_one_thing

    @property
    def own_field(self) -> str:
        """The key of the field of the campaign's own that is asked about, if any."""
        return ""

    @abstractmethod
    def q(self) -> Q:
        """Return the condition on persons; it must add no row and need no other query."""

    @classmethod
    def q_of_any(cls, several: Sequence[Self]) -> Iterable[Q]:
        """Return conditions of which any holds where any of several criteria of this kind does.

        A kind that looks for rows of one table looks once for all of them.
        """
        return [one.q() for one in several]

    def words(self, names: Names) -> dict[str, Any]:
        """Return what fills ``says`` and ``denies``."""
        return {}

    def clause(self, names: Names) -> str:
        """Return what follows « people who »: « live in Rennes »."""
        return str(self.says) % self.words(names)

    def negation(self, names: Names) -> str:
        """Return the contrary of ``clause``: « do not live in Rennes »."""
        if self.denies:
            return str(self.denies) % self.words(names)
        return gettext("are not among those who %(clause)s") % {"clause": self.clause(names)}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        """Return the blanks as the editor asks for them; a chosen object is stored as ``points_to`` says."""
        return {}

    @classmethod
    def initial(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Return what the editor shows for stored values."""
        return values


class Named(Criterion):
    """A question that stands for the whole of another segment; ``rules.resolved`` puts that one in its place."""

    segment: int

    def q(self) -> Q:
        raise RuntimeError("a segment is named here: resolve the question first")


#: Every question that may be asked, by its key, which is stored in segments for ever.
CRITERIA: Registry[type[Criterion]] = Registry("criteria")


def register(criterion: type[Criterion]) -> type[Criterion]:
    """Make a question known to segments."""
    return CRITERIA.add(criterion.key, criterion)


@dataclass(frozen=True)
class Group:
    """Criteria and groups, put together one way; without parts it holds for everybody."""

    match: Match = Match.ALL
    parts: tuple[Part, ...] = ()

    def criteria(self) -> Iterator[Criterion]:
        """Yield every criterion, at any depth."""
        waiting: list[Part] = [self]
        while waiting:
            part = waiting.pop()
            if isinstance(part, Group):
                waiting.extend(reversed(part.parts))
            else:
                yield part


#: Hook of the rooms above: given the numbers of segments and of snapshots, the names of what runs and asks about them.
ASKERS_HOOK = "name_what_asks_about_segments"


class UsedIn(NamedTuple):
    """Something that goes by a segment: another segment, a message; the rooms above add theirs by a hook."""

    kind: str
    name: str
    address: str


class Line(NamedTuple):
    """A line of a question that is said line by line."""

    depth: int
    text: str


Part = Union[Criterion, Group]  # noqa: UP007 – quoted above, so it must exist at run time on 3.11
