"""A person as an answer to a program tells them: the granted fields, and nothing that is hidden or out of place."""

from __future__ import annotations

from collections.abc import Callable, Collection
from operator import attrgetter
from typing import Any

from portevoix.people.models import CustomField, Person
from portevoix.people.rules.protected import protection
from portevoix.people.selectors import point_of, point_version, version_of


def _commune(person: Person) -> dict[str, str] | None:
    return {"code": person.commune.pk, "name": person.commune.name} if person.commune else None


def _points(kind: str, relation: str) -> Callable[[Person], list[dict[str, Any]]]:
    """Return how the ways of one kind to reach a person are told, each with its number and its version."""

    def told(person: Person) -> list[dict[str, Any]]:
        rows = sorted(getattr(person, relation).all(), key=attrgetter("pk"))
        return [{"id": row.pk, **point_of(kind, row), "version": point_version(kind, row)} for row in rows]

    return told


def _tags(person: Person) -> list[str]:
    return sorted(name for tagging in person.taggings.all() if not protection(name := tagging.tag.name))


def _agreed_to(person: Person) -> list[str]:
    return sorted({ground.purpose for ground in person.grounds.all() if ground.is_live})


#: What can be told of a person, by its name. Political opinions are not there: they have an act of their own.
FIELDS: dict[str, Callable[[Person], Any]] = {
    "id": attrgetter("pk"),
    "ref": attrgetter("ref"),
    "first_name": attrgetter("first_name"),
    "last_name": attrgetter("last_name"),
    "gender": attrgetter("gender"),
    "born_on": attrgetter("born_on"),
    "language": attrgetter("language"),
    "other_languages": attrgetter("other_languages"),
    "occupation": attrgetter("occupation"),
    "postcode": attrgetter("postcode"),
    "commune": _commune,
    "polling_station": attrgetter("polling_station"),
    "emails": _points("email", "emails"),
    "phones": _points("phone", "phones"),
    "addresses": _points("address", "addresses"),
    "tags": _tags,
    "agreed_to": _agreed_to,
    "custom": attrgetter("custom"),
    "created_at": attrgetter("created_at"),
    "updated_at": attrgetter("updated_at"),
    "version": version_of,
}


def unserved() -> frozenset[str]:
    """Return the keys of the campaign's own fields that no program is told: retired ones, and those of opinions."""
    return frozenset(one.key for one in CustomField.objects.all() if one.retired_at or one.protection)


def record(person: Person, fields: Collection[str], unserved: Collection[str]) -> dict[str, Any]:
    """Return the granted fields of a person; a field or a tag that says an opinion, from former times, stays here."""
    told = {name: FIELDS[name](person) for name in FIELDS if name in fields}
    if "custom" in told:
        told["custom"] = {
            key: value for key, value in told["custom"].items() if key not in unserved and not protection(key)
        }
    return told
