"""The search for duplicates, in statements on whole sets: keys that twins share, the pairs that share one.

Nothing here reads persons one by one, and Python never holds more than a slice of pairs.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.db import connection

from portevoix.people.types import Traits

#: A key that more persons share says nothing: the switchboard of a company, a tower block.
LARGEST_BLOCK = 40
SLICE = 20_000

#: One row a person, in the normal form that `rules.compare` reads.
TRAITS = r"""
CREATE TEMPORARY TABLE duplicate_traits AS
SELECT p.id, coalesce(portevoix_sort_key(p.first_name), lower(p.first_name)) AS first,
    coalesce(portevoix_sort_key(p.last_name), lower(p.last_name)) AS last, p.born_on,
    coalesce(m.mails, '{}') AS mails, coalesce(t.phones, '{}') AS phones,
    array_remove(coalesce(a.postcodes, '{}') || nullif(p.postcode, '')::text, NULL) AS postcodes,
    coalesce(a.streets, '{}') AS streets
FROM people_person p
LEFT JOIN (
    -- Some servers give one mailbox many names: what follows a plus sign, and the dots of Gmail, name the same one.
    SELECT person_id, array_agg(DISTINCT CASE
        WHEN split_part(address, '@', 2) IN ('gmail.com', 'googlemail.com')
            THEN replace(split_part(split_part(address, '@', 1), '+', 1), '.', '') || '@gmail.com'
        ELSE split_part(split_part(address, '@', 1), '+', 1) || '@' || split_part(address, '@', 2) END) AS mails
    FROM people_emailaddress GROUP BY person_id
) m ON m.person_id = p.id
LEFT JOIN (
    SELECT person_id, array_agg(number::text) AS phones FROM people_phonenumber GROUP BY person_id
) t ON t.person_id = p.id
LEFT JOIN (
    SELECT person_id, array_agg(DISTINCT postcode::text) FILTER (WHERE postcode <> '') AS postcodes,
        array_agg(DISTINCT coalesce(portevoix_sort_key(line1), lower(line1)) || ' ' || postcode)
            FILTER (WHERE line1 <> '' AND postcode <> '') AS streets
    FROM people_postaladdress GROUP BY person_id
) a ON a.person_id = p.id
"""

#: Keys are hashed: eight bytes instead of a text, and a meeting by chance only costs one comparison.
PAIRS = """
CREATE TEMPORARY TABLE duplicate_pairs AS
WITH named AS MATERIALIZED (
    SELECT id, first, last, born_on, postcodes, streets FROM duplicate_traits WHERE last <> '' AND first <> ''
),
keys AS (
    SELECT hashtextextended('m' || mail, 0) AS key, id FROM duplicate_traits, unnest(mails) AS mail
    UNION ALL
    SELECT hashtextextended('t' || phone, 0), id FROM duplicate_traits, unnest(phones) AS phone
    UNION ALL
    SELECT DISTINCT hashtextextended('b' || born_on || left(word, 3), 0), id
    FROM named, unnest(string_to_array(last || ' ' || first, ' ')) AS word WHERE born_on IS NOT NULL
    UNION ALL
    -- Day and month may have changed places.
    SELECT DISTINCT hashtextextended('s' || to_char(born_on, 'YYYY')
        || least(extract(day FROM born_on), extract(month FROM born_on))
        || greatest(extract(day FROM born_on), extract(month FROM born_on)) || last || left(first, 3), 0), id
    FROM named WHERE extract(day FROM born_on) <= 12
    UNION ALL
    SELECT DISTINCT hashtextextended('a' || street || left(word, 3), 0), id
    FROM named, unnest(streets) AS street, unnest(string_to_array(last || ' ' || first, ' ')) AS word
),
shared AS MATERIALIZED (
    SELECT key, array_agg(id ORDER BY id) AS ids FROM keys
    GROUP BY key HAVING count(*) BETWEEN 2 AND {largest}
),
pairs AS (
    SELECT DISTINCT one.id AS first_id, other.id AS second_id
    FROM shared, unnest(ids) AS one (id), unnest(ids) AS other (id) WHERE one.id < other.id
)
SELECT row_number() OVER () AS number, first_id, second_id FROM pairs
"""

READ = """
SELECT pair.first_id, pair.second_id,
    one.first, one.last, one.born_on, one.mails, one.phones, one.postcodes, one.streets,
    other.first, other.last, other.born_on, other.mails, other.phones, other.postcodes, other.streets
FROM duplicate_pairs pair
JOIN duplicate_traits one ON one.id = pair.first_id
JOIN duplicate_traits other ON other.id = pair.second_id
WHERE pair.number > %s AND pair.number <= %s
"""

Pair = tuple[int, int, Traits, Traits]


def block() -> int:
    """Find the pairs that share a key, in tables of this connection; return how many there are."""
    forget_blocks()
    with connection.cursor() as cursor:
        cursor.execute(TRAITS)
        cursor.execute("CREATE UNIQUE INDEX ON duplicate_traits (id)")
        cursor.execute("ANALYZE duplicate_traits")
        cursor.execute(PAIRS.format(largest=LARGEST_BLOCK))
        cursor.execute("CREATE UNIQUE INDEX ON duplicate_pairs (number)")
        cursor.execute("ANALYZE duplicate_pairs")
        cursor.execute("SELECT count(*) FROM duplicate_pairs")
        return int(cursor.fetchone()[0])


def forget_blocks() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS duplicate_pairs, duplicate_traits")


def slices(total: int) -> Iterator[list[Pair]]:
    """Give the pairs of ``block``, a slice at a time, each with what to compare."""
    for after in range(0, total, SLICE):
        with connection.cursor() as cursor:
            cursor.execute(READ, [after, after + SLICE])
            yield [(row[0], row[1], _traits(*row[2:9]), _traits(*row[9:16])) for row in cursor.fetchall()]


def _traits(  # noqa: PLR0913 – the columns of a row
    first: str,
    last: str,
    born_on: date | None,
    mails: list[str],
    phones: list[str],
    postcodes: list[str],
    streets: list[str],
) -> Traits:
    return Traits(first, last, born_on, frozenset(mails), frozenset(phones), frozenset(postcodes), frozenset(streets))
