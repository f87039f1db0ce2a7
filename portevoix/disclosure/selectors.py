"""What a file about people may hold: NationBuilder's names, so that another product can read it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.conf import settings
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Exists, Expression, F, Model, OuterRef, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from portevoix.kernel import clock
from portevoix.people.models import EmailAddress, Person, PhoneNumber, PostalAddress, Tagging
from portevoix.rights.models import Ground
from portevoix.rights.purposes import Channel, Purpose
from portevoix.rights.selectors import everything_about
from portevoix.rights.types import HANDLERS


def _first(rows: QuerySet[Model], field: str) -> Subquery:
    return Subquery(rows.filter(person=OuterRef("pk")).order_by("pk").values(field)[:1])


def _agreed(purpose: Purpose, channel: Channel) -> Exists:
    return Exists(Ground.objects.live().for_purpose(purpose, channel).filter(person=OuterRef("pk")))


def _tags() -> Subquery:
    names = Tagging.objects.filter(person=OuterRef("pk")).order_by().values("person")
    return Subquery(names.annotate(names=ArrayAgg("tag__name", order_by="tag__name")).values("names"))


#: Column of the file → how it is read.
COLUMNS: dict[str, Callable[[], Expression | Combinable]] = {
    "first_name": lambda: F("first_name"),
    "last_name": lambda: F("last_name"),
    "sex": lambda: F("gender"),
    "born_at": lambda: F("born_on"),
    "language": lambda: F("language"),
    "occupation": lambda: F("occupation"),
    "email": lambda: _first(EmailAddress.objects.filter(is_primary=True), "address"),
    "mobile_number": lambda: _first(PhoneNumber.objects.filter(kind="mobile"), "number"),
    "phone_number": lambda: _first(PhoneNumber.objects.exclude(kind="mobile"), "number"),
    "primary_address1": lambda: _first(PostalAddress.objects.all(), "line1"),
    "primary_zip": lambda: F("postcode"),
    "primary_city": lambda: Coalesce(F("commune__name"), _first(PostalAddress.objects.all(), "city")),
    "tag_list": _tags,
    "email_opt_in": lambda: _agreed(Purpose.NEWSLETTER, Channel.EMAIL),
    "mobile_opt_in": lambda: _agreed(Purpose.TEXTS, Channel.SMS),
    "created_at": lambda: F("created_at"),
}
ALL_FIELDS = tuple(COLUMNS)


def rows(people: QuerySet[Person], fields: Sequence[str]) -> Iterator[list[object]]:
    """Yield the cells of each person, by one statement read as a stream."""
    named = {f"column_{number}": COLUMNS[field]() for number, field in enumerate(fields)}
    found = people.order_by("sort_key", "pk").annotate(**named).values_list(*named)
    for row in found.iterator(chunk_size=2000):
        yield [_cell(value) for value in row]


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(value)
    return value.isoformat() if hasattr(value, "isoformat") else value


#: What the campaign holds of a person in their own row; the key that sorts them says nothing more.
IDENTITY = (
    *("first_name", "last_name", "gender", "born_on", "language", "occupation", "postcode", "custom"),
    *("source", "external_ref", "created_at", "updated_at"),
)


def file_about(person: Person) -> dict[str, Any]:
    """Return everything held on a person, and by whom, in the shape of the answer to an access request."""
    identity = {name: getattr(person, name) for name in IDENTITY}
    tables = everything_about(person)
    return {
        "controller": {"name": settings.INSTANCE.legal.publisher, "email": settings.INSTANCE.legal.data_officer_email},
        "made_at": clock.now(),
        "person": {**identity, "commune": str(person.commune) if person.commune else None},
        "tables": [
            {"table": name, "label": str(HANDLERS[name].model._meta.verbose_name_plural), "rows": rows}
            for name, rows in tables.items()
        ],
    }
