"""A five-rule segment counted over a million people, against the SQL that a good hand would write for it."""

from __future__ import annotations

from django.db import connection

from benchmarks.harness import Benchmark, register, timed
from portevoix.accounts.types import System
from portevoix.kernel import clock
from portevoix.segments import rules, selectors
from portevoix.segments.criteria.identity import years_before
from portevoix.territory import services as territory

ACTOR = System("benchmark")
#: As many départements, communes and tags as a national campaign has; a third of people agreed to letters.
ADD_PEOPLE = """
WITH places AS (
    SELECT array_agg(code ORDER BY code) AS codes, count(*) AS number FROM territory_commune
)
INSERT INTO people_person (id, ref, first_name, last_name, sort_key, gender, born_on, language, occupation, postcode,
    custom, source, created_at, commune_id)
SELECT n, gen_random_uuid(), 'Prénom' || n %% 997, 'Nom' || n %% 49999, 'nom' || n %% 49999 || ' prenom' || n %% 997,
    CASE n %% 2 WHEN 0 THEN 'F' ELSE 'M' END, date '1936-01-01' + (n * 7919 %% 25500)::int, 'fr', '',
    lpad((n * 31 %% 96000)::text, 5, '0'), '{}', 'bench', now() - (n * 104729 %% 157680000) * interval '1 second',
    places.codes[1 + (n * 15485863 %% places.number)]
FROM generate_series(1::bigint, %s) AS n, places
"""
ADD_EMAILS = """
INSERT INTO people_emailaddress (person_id, address, status, is_primary, source)
SELECT id, 'p' || id || '@exemple.fr', CASE WHEN id %% 20 = 0 THEN 'bouncing' ELSE 'unverified' END, true, 'bench'
FROM people_person WHERE id %% 8 <> 0
"""
ADD_GROUNDS = """
INSERT INTO rights_ground (person_id, purpose, channel, basis, evidence, withdrawal, source, given_at, withdrawn_at)
SELECT id, 'newsletter', 'email', 'consent', '{}', '{}', 'bench', now() - interval '1 day',
    CASE WHEN id %% 15 = 0 THEN now() END
FROM people_person WHERE id %% 3 = 0
"""
ADD_TAGS = """
INSERT INTO people_tag (id, name) SELECT n, 'tag ' || n FROM generate_series(1, 40) AS n;
INSERT INTO people_tagging (person_id, tag_id, source)
SELECT id, 1 + id * 7 %% 40, 'bench' FROM people_person WHERE id %% 4 = 0
"""
#: The people of Bretagne, from 25 to 60, who may be written to and do not carry a tag.
QUESTION = {
    "match": "all",
    "parts": [
        {"criterion": "region", "region": "53"},
        {"criterion": "email"},
        {"criterion": "ground", "purpose": "newsletter"},
        {"criterion": "age", "least": 25, "most": 60},
        {"match": "none", "parts": [{"criterion": "tag", "tag": 5}]},
    ],
}
BY_HAND = """
SELECT count(*) FROM people_person AS p
WHERE p.born_on > %(oldest)s AND p.born_on <= %(youngest)s
    AND EXISTS (
        SELECT FROM territory_commune AS c JOIN territory_departement AS d ON d.code = c.departement_id
        WHERE c.code = p.commune_id AND d.region_id = '53'
    )
    AND EXISTS (
        SELECT FROM people_emailaddress AS e WHERE e.person_id = p.id AND e.status IN ('unverified', 'verified')
    )
    AND EXISTS (
        SELECT FROM rights_ground AS g
        WHERE g.person_id = p.id AND g.purpose = 'newsletter' AND g.withdrawn_at IS NULL
    )
    AND NOT EXISTS (SELECT FROM people_tagging AS t WHERE t.person_id = p.id AND t.tag_id = 5)
"""


@register
class CountMillion(Benchmark):
    """From a stored tree to a number on the screen: reading, validating, compiling, counting."""

    name = "segments.count.1m"
    n = 1_000_000
    unit = "ms"
    goal = 1.30
    side = "at most"
    rounds = 7

    def set_up(self) -> None:
        territory.import_communes(actor=ACTOR)
        with connection.cursor() as cursor:
            cursor.execute(ADD_PEOPLE, [self.n])
            for statement in (ADD_EMAILS, ADD_GROUNDS, ADD_TAGS):
                cursor.execute(statement % ())
            cursor.execute("VACUUM ANALYZE")
        assert self._count() == self._count_by_hand() > 1000

    def _count(self) -> int:
        return selectors.count(rules.read(QUESTION), ACTOR)

    def _count_by_hand(self) -> int:
        today = clock.today()
        days = {"oldest": years_before(today, 61), "youngest": years_before(today, 25)}
        with connection.cursor() as cursor:
            cursor.execute(BY_HAND, days)
            return int(cursor.fetchone()[0])

    def ours(self) -> float:
        with timed() as seconds:
            self._count()
        return seconds() * 1000

    def reference(self) -> float:
        with timed() as seconds:
            self._count_by_hand()
        return seconds() * 1000
