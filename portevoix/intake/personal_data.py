"""What the tables of intake owe to the persons in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection, models
from django.db.models.expressions import RawSQL

from portevoix.intake.models import Arrival, LeftAside, Submission
from portevoix.intake.readers.erased import CONTACTS
from portevoix.people.models import EmailAddress, PhoneNumber
from portevoix.rights.rules.likeness import likenesses
from portevoix.rights.selectors.likeness import known_of
from portevoix.rights.types import Follower, Handler, register

register(
    Handler(Submission, exported=["email", "purposes", "answers", "language", "source", "created_at", "confirmed_at"])
)

#: No key leads from a row left aside to a person: their contacts do, and the timeline, which names the row.
LEFT_ASIDE = """
SELECT aside.id FROM intake_leftaside AS aside
WHERE EXISTS (
    SELECT FROM unnest(cells) AS cell
    WHERE (cell LIKE '%%@%%' AND portevoix_email(cell) = ANY (%s))
        OR (cell ~ '[0-9]' AND portevoix_phone(cell) = ANY (%s))
) OR EXISTS (
    SELECT FROM people_interaction AS told
    WHERE told.person_id = ANY (%s) AND told.about_kind = 'intake.arrival' AND told.about_id = aside.arrival_id
        AND told.detail ->> 'row' = aside.row_number::text
)
"""


#: A likeness is no proof: a row whose address or reference is somebody else's is not the person's. Names are put in one
#: order, which is dear, for those only that are as long as the person's.
TOUCHED = """
WITH {contacts},
alike AS (
    SELECT leader FROM contacts WHERE NOT is_own AND contact = ANY (%(alike)s::text[])
    EXCEPT SELECT leader FROM staged, unnest(emails) AS address JOIN people_emailaddress AS held USING (address)
        WHERE held.person_id <> ALL (%(people)s)
    EXCEPT SELECT leader FROM staged JOIN people_person AS held USING (external_ref) WHERE held.id <> ALL (%(people)s)
)
{verb} {table} WHERE emails && %(emails)s::text[] OR phones && %(phones)s::text[]
    OR external_ref IN (SELECT external_ref FROM people_person WHERE id = ANY (%(people)s))
    OR leader IN (SELECT leader FROM alike)
"""


class LeftAsideHandler(Follower):
    """Rows left aside keep the cells of the file: the person's are found by their contacts, and follow them."""

    def rows(self, person_id: int) -> models.QuerySet[LeftAside]:
        """Return the rows that name the person."""
        return _left_aside([person_id])

    def erase_all(self, person_ids: Sequence[int]) -> int:
        """Empty the rows that name any of many persons."""
        return _left_aside(person_ids).update(**dict(self.blanked))


class StagedHandler(Follower):
    """A file on its way in has a staging table, and is on disk until its import ends, in a week at most.

    The staged rows of the person go at once. The file stays whole, since a crash of the server empties what is staged:
    the person and the register are told so. Whatever is read again from it meets the suppression list.
    """

    def rows(self, person_id: int) -> models.QuerySet[models.Model]:
        """Return the files on their way in that name the person."""
        named = [arrival.pk for arrival in _staged() if _touch(arrival, [person_id], "SELECT 1 FROM")]
        return Arrival.objects.filter(pk__in=named)

    def erase(self, person_id: int) -> int:
        """Take the person's rows out of the staging tables; return how many."""
        return self.erase_all([person_id])

    def erase_all(self, person_ids: Sequence[int]) -> int:
        """Take the rows of many persons out of the staging tables; return how many."""
        return sum(_touch(arrival, person_ids, "DELETE FROM") for arrival in _staged())


register(
    LeftAsideHandler(
        LeftAside,
        exported=["arrival__name", "row_number", "is_rejected", "problems", "cells"],
        path="pk",
        erasure="blank",
        blanked=[("cells", [])],
    )
)
register(StagedHandler(Arrival, exported=["name", "created_at"], path="pk"))


def _contacts(person_ids: Sequence[int]) -> tuple[list[str], list[str]]:
    emails = EmailAddress.objects.filter(person__in=person_ids).values_list("address", flat=True)
    phones = PhoneNumber.objects.filter(person__in=person_ids).values_list("number", flat=True)
    return list(emails), list(phones)


def _left_aside(person_ids: Sequence[int]) -> models.QuerySet[LeftAside]:
    found = RawSQL(LEFT_ASIDE, [*_contacts(person_ids), list(person_ids)])  # noqa: S611 – constants
    return LeftAside.objects.filter(pk__in=found)


def _staged() -> Iterator[Arrival]:
    """Yield the arrivals that have a staging table."""
    tables = connection.introspection.table_names()
    yield from (arrival for arrival in Arrival.objects.filter(closed_at=None) if arrival.table in tables)


def _touch(arrival: Arrival, person_ids: Sequence[int], verb: str) -> int:
    emails, phones = _contacts(person_ids)
    # By what they are known again with their name: a birth date, a home, a number.
    known = {one for known in known_of(list(person_ids), shared=None) for one in likenesses(known)}
    values: dict[str, Any] = {
        "people": list(person_ids),
        "emails": emails,
        "phones": phones,
        "alike": [f"{kind}:{value}" for kind, value in known],
        "lengths": list({len(value.partition("|")[0]) for _kind, value in known}),
    }
    among = "char_length(sort_key) = ANY (%(lengths)s::integer[])"
    contacts = CONTACTS.format(table=arrival.table, among=among)
    with connection.cursor() as cursor:
        cursor.execute(TOUCHED.format(table=arrival.table, verb=verb, contacts=contacts), values)
        return int(cursor.rowcount)
