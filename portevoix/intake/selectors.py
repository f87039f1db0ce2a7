"""What a staged file would bring, before anything is written."""

from __future__ import annotations

from django.db import connection

from portevoix.intake.models import Arrival
from portevoix.rights.purposes import Purpose

FORECAST = """
WITH known AS (
    SELECT leader, min(person_id) AS person_id FROM (
        SELECT leader, person.id AS person_id FROM {table} JOIN people_person AS person USING (external_ref)
        UNION ALL
        SELECT leader, former.person_id FROM {table} JOIN people_alias AS former USING (external_ref)
        UNION ALL
        SELECT leader, mail.person_id
        FROM {table}, unnest(emails) AS mine (address) JOIN people_emailaddress AS mail USING (address)
    ) AS met GROUP BY leader
),
told AS (
    SELECT leader, count(*) AS rows,
        bool_or(wants_email AND emails <> '{{}}' AND NOT %(newsletter)s = ANY (stops || lapses)) AS wants_email,
        bool_or(wants_texts AND 'mobile' = ANY (phone_kinds) AND NOT %(texts)s = ANY (stops || lapses)) AS wants_texts,
        bool_or(stops <> '{{}}') AS refuses
    FROM {table} GROUP BY leader
),
judged AS (
    SELECT told.*, person_id,
        EXISTS (SELECT FROM rights_ground AS had
                WHERE had.person_id = known.person_id AND had.purpose = %(newsletter)s) AS had_email,
        EXISTS (SELECT FROM rights_ground AS had
                WHERE had.person_id = known.person_id AND had.purpose = %(texts)s) AS had_texts
    FROM told LEFT JOIN known USING (leader)
)
SELECT count(*), count(person_id), coalesce(sum(rows), 0) - count(*),
    count(*) FILTER (WHERE wants_email AND NOT had_email), count(*) FILTER (WHERE wants_texts AND NOT had_texts),
    count(*) FILTER (WHERE refuses)
FROM judged
"""


def forecast(arrival: Arrival) -> dict[str, int]:
    """Count, for a file staged and grouped: persons, known ones, doubles, grounds it would make, refusals."""
    with connection.cursor() as cursor:
        cursor.execute(FORECAST.format(table=arrival.table), {"newsletter": Purpose.NEWSLETTER, "texts": Purpose.TEXTS})
        persons, known, doubles, newsletter, texts, refusals = (int(number) for number in cursor.fetchone())
    return {
        "persons": persons,
        "known": known,
        "new": persons - known,
        "doubles": doubles,
        "ground_newsletter": newsletter,
        "ground_texts": texts,
        "refusals": refusals,
    }
