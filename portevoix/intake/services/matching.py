"""Who is who: the statements that match staged rows with the persons known already."""

from __future__ import annotations

#: The rows of one chunk, each with its person, known or to be made. A row's own identifier speaks first, then its
#: addresses in their order, then the other rows of the same person.
MATCH = """
CREATE TEMPORARY TABLE intake_chunk ON COMMIT DROP AS
WITH rows AS MATERIALIZED (
    SELECT * FROM {table} WHERE leader > %(after)s AND leader <= %(upto)s
),
by_email AS (
    SELECT DISTINCT ON (row_number) row_number, known.person_id
    FROM rows, unnest(emails) WITH ORDINALITY AS mine (address, place)
    JOIN people_emailaddress AS known USING (address)
    ORDER BY row_number, place
),
own AS (
    SELECT row_number, leader, coalesce(known.id, former.person_id, by_email.person_id) AS person_id
    FROM rows
    LEFT JOIN people_person AS known USING (external_ref)
    LEFT JOIN people_alias AS former USING (external_ref)
    LEFT JOIN by_email USING (row_number)
),
made AS (
    SELECT leader, nextval(pg_get_serial_sequence('people_person', 'id')) AS person_id
    FROM own GROUP BY leader HAVING bool_and(person_id IS NULL)
),
met AS (
    SELECT DISTINCT ON (leader) leader, person_id FROM own WHERE person_id IS NOT NULL ORDER BY leader, row_number
),
told AS (
    SELECT own.row_number, made.person_id IS NOT NULL AS is_new,
        coalesce(own.person_id, made.person_id, met.person_id) AS person_id
    FROM own LEFT JOIN made USING (leader) LEFT JOIN met USING (leader)
)
SELECT rows.*,
    -- An identifier shared by rows of different persons is the first one's.
    CASE WHEN row_number() OVER (PARTITION BY external_ref ORDER BY row_number) = 1 THEN external_ref END AS new_ref,
    rows.postcode AS person_postcode, rows.commune AS person_commune, told.person_id, told.is_new,
    row_number() OVER (PARTITION BY told.person_id ORDER BY row_number) = 1 AS is_first
FROM rows JOIN told USING (row_number)
"""
#: What is known of whoever had their data restricted is kept and not added to (RGPD art. 18): of a row of theirs, only
#: a refusal comes in.
LEAVE_RESTRICTED_ASIDE = """
WITH gone AS (
    DELETE FROM intake_chunk USING people_person AS known
    WHERE known.id = person_id AND known.restricted_at IS NOT NULL AND stops = '{}' AND lapses = '{}'
    RETURNING row_number
)
INSERT INTO intake_leftaside (arrival_id, row_number, is_rejected, problems, cells)
SELECT %(arrival)s, row_number, true, jsonb_build_array(jsonb_build_array(%(reason)s::text, '')), '{}' FROM gone
ON CONFLICT (arrival_id, row_number)
DO UPDATE SET is_rejected = true, problems = excluded.problems, cells = excluded.cells
"""
#: The planner needs these columns only; looking at all of them costs more than it saves.
ANALYZE = "ANALYZE intake_chunk (row_number, person_id, is_new, is_first)"


def _first(column: str, test: str) -> str:
    return f"(array_agg({column} ORDER BY row_number) FILTER (WHERE {test}))[1] AS {column}"


_SEVERAL = "person_id IN (SELECT person_id FROM intake_chunk WHERE NOT is_first)"
#: Rows of one person become one: the first value that is not blank, the place of the first row that has one.
FOLD = f"""
UPDATE intake_chunk AS kept SET
    new_ref = whole.new_ref, born_on = whole.born_on, custom = coalesce(others.custom, '{{}}'),
    gender = coalesce(whole.gender, ''), occupation = coalesce(whole.occupation, ''),
    first_name = coalesce(whole.first_name, ''), last_name = coalesce(whole.last_name, ''),
    sort_key = portevoix_sort_key(coalesce(whole.last_name, '') || ' ' || coalesce(whole.first_name, '')),
    person_postcode = coalesce(whole.person_postcode, ''), person_commune = whole.person_commune,
    wants_email = whole.wants_email, wants_texts = whole.wants_texts
FROM (
    SELECT person_id,
        {_first("new_ref", "new_ref IS NOT NULL")}, {_first("born_on", "born_on IS NOT NULL")},
        {_first("gender", "gender <> ''")}, {_first("occupation", "occupation <> ''")},
        {_first("first_name", "first_name <> ''")}, {_first("last_name", "last_name <> ''")},
        {_first("person_postcode", "person_postcode <> ''")}, {_first("person_commune", "person_postcode <> ''")},
        bool_or(wants_email) AS wants_email, bool_or(wants_texts) AS wants_texts
    FROM intake_chunk WHERE {_SEVERAL} GROUP BY person_id
) AS whole
LEFT JOIN (
    SELECT person_id, jsonb_object_agg(key, value ORDER BY row_number DESC) AS custom
    FROM intake_chunk, jsonb_each(custom) WHERE {_SEVERAL} GROUP BY person_id
) AS others USING (person_id)
WHERE whole.person_id = kept.person_id AND kept.is_first
"""  # noqa: S608 – constants
