"""The columns of the list: what each tells of a person, and how a page of them is read in a few queries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, Func, JSONField, OuterRef, Subquery, Value
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.rules import hidden_everywhere
from portevoix.accounts.types import Actor, Fact
from portevoix.kernel import clock
from portevoix.people.models import CustomField, Interaction, Person, PersonQuerySet, Relationship
from portevoix.people.models.masks import SEEN
from portevoix.people.rules import CUSTOM, age
from portevoix.people.selectors import spoken
from portevoix.people.types import Kind, RelationKind

#: Where a page's values of the campaign's own fields are put on a person: `own_0`, `own_1`…
OWN = "own_"
#: What staff do about a record is not something that happened with the person.
OFFICE_WORK = (Kind.CONSULTED, Kind.EXPORTED)


@dataclass(frozen=True)
class ListColumn:
    """One column: ``fact`` is what its reader must have need of; ``sort`` is set where an index makes it cheap.

    ``join`` and ``fetch`` say what is read along, ``load`` reads what these cannot, once a page; ``needs`` names the
    columns of the table that nobody else needs.
    """

    key: str
    label: str | Promise
    tell: Callable[[Person], Any]
    fact: Fact | None = None
    sort: str = ""
    template: str = "people/_cell.html"
    join: tuple[str, ...] = ()
    fetch: tuple[str, ...] = ()
    load: Callable[[Sequence[Person], Actor], None] | None = None
    needs: str = ""


def _last_events(people: Sequence[Person], actor: Actor) -> None:
    """Put on each person of a page what happened last, by one look-up by index a person, in one statement."""
    events = Interaction.objects.filter(person=OuterRef("pk")).exclude(kind__in=OFFICE_WORK).order_by("-at", "-pk")
    found = Person.objects.filter(pk__in=[person.pk for person in people]).order_by()
    told = {
        pk: (at, kind)
        for pk, at, kind in found.values_list(
            "pk", Subquery(events.values("at")[:1]), Subquery(events.values("kind")[:1])
        )
    }
    for person in people:
        at, kind = told.get(person.pk, (None, None))
        person.last_event = (  # type: ignore[attr-defined]
            f"{date_format(at.astimezone(clock.PARIS), 'SHORT_DATE_FORMAT')} · {Kind(kind).label}" if at else ""
        )


def _point_people(people: Sequence[Person], actor: Actor) -> None:
    """Put on each person of a page who follows them, of those whom the reader may see."""
    ties = Relationship.objects.filter(kind=RelationKind.POINT_PERSON, person__in=[person.pk for person in people])
    followed: dict[int, list[str]] = {}
    seen = {one.pk: str(one) for one in Person.objects.visible_to(actor).filter(pk__in=ties.order_by().values("other"))}
    for person_id, other_id in ties.order_by("pk").values_list("person", "other"):
        if other_id in seen:
            followed.setdefault(person_id, []).append(seen[other_id])
    for person in people:
        person.followed_by = ", ".join(followed.get(person.pk, ()))  # type: ignore[attr-defined]


def _day(value: date | None) -> str:
    return date_format(value, "SHORT_DATE_FORMAT") if value else ""


def _departement(person: Person) -> str:
    departement = person.commune.departement if person.commune else None
    return f"{departement.name} ({departement.pk})" if departement else ""


def _roles(person: Person) -> str:
    """Return the roles that a person holds: one that is over is none."""
    return ", ".join(str(role) for role in person.roles.all() if not role.is_over)


COLUMNS: dict[str, ListColumn] = {
    column.key: column
    for column in (
        ListColumn("email", _("E-mail"), str, Fact.EMAIL, template="people/_email_cell.html", fetch=("emails",)),
        ListColumn("phone", _("Telephone"), str, Fact.PHONE, template="people/_phone_cell.html", fetch=("phones",)),
        ListColumn("commune", _("Commune"), lambda person: place_of(person), join=("commune__departement",)),
        ListColumn("postcode", _("Postcode"), lambda person: person.postcode),
        ListColumn("departement", _("Département"), _departement, join=("commune__departement",)),
        ListColumn("tags", _("Tags"), str, template="people/_tags_cell.html", fetch=("taggings__tag",)),
        ListColumn("roles", _("Roles"), _roles, fetch=("roles",)),
        ListColumn("language", _("Languages"), lambda person: person.language_names),
        ListColumn("age", _("Age"), lambda person: age(person.born_on, clock.today()), Fact.BIRTH, needs="born_on"),
        ListColumn("born_on", _("Birth date"), lambda person: _day(person.born_on), Fact.BIRTH, needs="born_on"),
        ListColumn("gender", _("Gender"), lambda person: person.gender_label),
        ListColumn("occupation", _("Occupation"), lambda person: person.occupation),
        ListColumn("polling_station", _("Polling station"), lambda person: person.polling_station),
        ListColumn("point_person", _("Followed by"), lambda person: person.followed_by, load=_point_people),  # type: ignore[attr-defined]
        ListColumn("last_event", _("What happened last"), lambda person: person.last_event, load=_last_events),  # type: ignore[attr-defined]
        ListColumn("source", _("Source"), lambda person: person.source, template="people/_source_cell.html"),
        ListColumn(
            "created_at",
            _("Known since"),
            lambda person: _day(person.created_at.astimezone(clock.PARIS).date()),
            sort="created_at",
        ),
    )
}
#: What is shown to whoever chose nothing.
USUAL = ("email", "phone", "commune", "tags", "created_at")
#: More columns are read by nobody, and a page of them costs as much as the whole list.
MOST_COLUMNS = 12
#: Columns of the table that only some columns of the list need.
HEAVY = ("custom", "born_on")


def place_of(person: Person) -> str:
    """Return the commune and its département, or the postcode where the commune is not known."""
    return f"{person.commune} ({person.commune.departement_id})" if person.commune else person.postcode


def offered(actor: Actor) -> dict[str, ListColumn]:
    """Return the columns that ``actor`` may choose: what is masked of everybody is not even named."""
    fields = CustomField.objects.in_use().seen_by_actor(actor)
    own = {f"{CUSTOM}{field.key}": _own(field) for field in fields if field.protection is None}
    hidden = hidden_everywhere(actor)
    return {key: column for key, column in {**COLUMNS, **own}.items() if column.fact not in hidden}


def _own(field: CustomField) -> ListColumn:
    return ListColumn(f"{CUSTOM}{field.key}", field.shown_label, str)


def chosen(keys: Sequence[str], actor: Actor) -> list[ListColumn]:
    """Return the columns of these names, in order, but for those that are unknown to, or hidden from, ``actor``."""
    if any(key.startswith(CUSTOM) for key in keys):
        known = offered(actor)
    else:
        hidden = hidden_everywhere(actor)
        known = {key: column for key, column in COLUMNS.items() if column.fact not in hidden}
    return [known[key] for key in dict.fromkeys(keys) if key in known][:MOST_COLUMNS]


def prepared(people: PersonQuerySet, columns: Sequence[ListColumn]) -> PersonQuerySet:
    """Have a page of people read with what the columns need, and nothing of what only others do."""
    needed = {column.needs for column in columns}
    people = people.defer(*(name for name in HEAVY if name not in needed))
    own = [column for column in columns if column.key.startswith(CUSTOM)]
    # Of whom some fields are hidden, what is left of them was put aside by the mask.
    held = "custom" if people.read_by is None else SEEN
    keys = {f"{OWN}{place}": _own_value(column, held) for place, column in enumerate(own)}
    joins = [name for column in columns for name in column.join]
    if joins:
        people = people.select_related(*joins)
    fetched = dict.fromkeys(one for column in columns for one in column.fetch)
    shown: PersonQuerySet = people.annotate(**keys).prefetch_related(*fetched)
    return shown


def told(people: Sequence[Person], columns: Sequence[ListColumn], actor: Actor) -> list[Person]:
    """Read what is read once a page, and put the value of each column on each person as ``cells``."""
    for load in dict.fromkeys(column.load for column in columns if column.load):
        load(people, actor)
    own = [column.key for column in columns if column.key.startswith(CUSTOM)]
    for person in people:
        person.cells = {  # type: ignore[attr-defined]
            column.key: spoken(getattr(person, f"{OWN}{own.index(column.key)}"))
            if column.key in own
            else column.tell(person)
            for column in columns
        }
    return list(people)


def _own_value(column: ListColumn, held: str) -> Func:
    # Not a key transform: that takes a key such as « 2027 » for the place in an array.
    key = Value(column.key.removeprefix(CUSTOM))
    return Func(F(held), key, function="jsonb_extract_path", output_field=JSONField())
