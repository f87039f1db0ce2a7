"""The one way to write on the spine."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from django.db import connection
from django.db.models import Model, Q

from portevoix.accounts.commands import running_actor
from portevoix.accounts.types import Actor
from portevoix.kernel import clock
from portevoix.people.models import Interaction, Person
from portevoix.people.types import Kind, Why


def record(
    person: Person,
    kind: Kind,
    *,
    at: datetime | None = None,
    about: Model | None = None,
    source: str = "",
    detail: dict[str, Any] | None = None,
) -> Interaction:
    """Write that ``kind`` happened to ``person``, at a moment (now by default), about an object, and by whom.

    Only members of staff are named: the platform's own work, and what people do themselves, say so by their source.
    """
    actor = running_actor()
    return Interaction.objects.create(
        person=person,
        kind=kind,
        at=at or clock.now(),
        about_kind=about._meta.label_lower if about is not None else "",
        about_id=about.pk if about is not None else None,
        source=source,
        by=actor.label if actor is not None and actor.kind == "staff" else "",
        detail=detail or {},
    )


# One statement for many: what a mailing writes must not cost more than the mailing.
RECORD_ALL = """
INSERT INTO people_interaction (person_id, kind, at, about_kind, about_id, source, by, detail)
SELECT person_id, %s, %s, %s, %s, %s, %s, %s::jsonb FROM unnest(%s::bigint[]) AS person_id
"""


def record_all(
    person_ids: Sequence[int],
    kind: Kind,
    *,
    at: datetime,
    about: Model,
    source: str = "",
    detail: dict[str, Any] | None = None,
) -> None:
    """Write that the same thing happened to many persons at one moment, and by whom."""
    actor = running_actor()
    by = actor.label if actor is not None and actor.kind == "staff" else ""
    said = [kind.value, at, about._meta.label_lower, about.pk, source, by, json.dumps(detail or {})]
    with connection.cursor() as cursor:
        cursor.execute(RECORD_ALL, [*said, list(person_ids)])


def leave_unnamed(lines: Q, *, as_kind: Kind | None = None) -> int:
    """Take off lines of timelines what they name, and keep that something happened: what they name was erased.

    ``as_kind`` is what they say from now on, where nobody is to be found any more by what they said.
    """
    more: dict[str, Any] = {"kind": as_kind, "detail": {}} if as_kind else {}
    return Interaction.objects.filter(lines).update(source="", about_kind="", about_id=None, **more)


def unwrite(kind: Kind, about: Model) -> int:
    """Take away what was written of an object by mistake."""
    lines = Interaction.objects.filter(kind=kind, about_kind=about._meta.label_lower, about_id=about.pk)
    return lines.delete()[0]


# Every reading is a row of the log; the timeline says once a day who read. One statement for both.
CONSULTED = """
WITH read AS (
    INSERT INTO people_consultation (person_id, at, reader_id, reader, roles, why)
    VALUES (%(person)s, %(now)s, %(reader_id)s, %(reader)s, %(roles)s, %(why)s)
)
INSERT INTO people_interaction (person_id, kind, at, about_kind, about_id, source, detail)
SELECT %(person)s, %(kind)s, %(now)s, '', NULL, %(reader)s, '{}'::jsonb
WHERE NOT EXISTS (
    SELECT FROM people_interaction
    WHERE person_id = %(person)s AND at >= %(midnight)s AND kind = %(kind)s AND source = %(reader)s
)
"""


def consulted(person: Person, why: Why, *, actor: Actor) -> None:
    """Write that a member of staff read a person's record, and what for (RGPD art. 5(2) and 32)."""
    with connection.cursor() as cursor:
        cursor.execute(
            CONSULTED,
            {
                "person": person.pk,
                "now": clock.now(),
                "midnight": datetime.combine(clock.today(), time.min, clock.PARIS),
                "reader_id": actor.ident,
                "reader": actor.label[:200],
                "roles": sorted(actor.roles),
                "why": why.value,
                "kind": Kind.CONSULTED.value,
            },
        )


# A program that keeps in step asks many times a day: the timeline says so once, by whose key.
SERVED = """
INSERT INTO people_interaction (person_id, kind, at, about_kind, about_id, source, by, detail)
SELECT read.person, %(kind)s, %(now)s, '', NULL, %(source)s, %(by)s, '{}'::jsonb
FROM unnest(%(people)s::bigint[]) AS read (person)
WHERE NOT EXISTS (
    SELECT FROM people_interaction told WHERE told.person_id = read.person AND told.at >= %(midnight)s
    AND told.kind = %(kind)s AND told.by = %(by)s
)
"""


def served(person_ids: Sequence[int], purpose: str, *, actor: Actor) -> None:
    """Write that a program read the records of many, what for, and by whose key: once a day."""
    with connection.cursor() as cursor:
        cursor.execute(
            SERVED,
            {
                "people": list(person_ids),
                "kind": Kind.EXPORTED.value,
                "now": clock.now(),
                "midnight": datetime.combine(clock.today(), time.min, clock.PARIS),
                "source": purpose,
                "by": actor.label[:200],
            },
        )
