"""What is kept too long among a million people, against the same counts written by hand for one rule set."""

from __future__ import annotations

from django.db import connection

from benchmarks.harness import Benchmark, register, timed
from portevoix.kernel import clock
from portevoix.rights.rules.retention import limit
from portevoix.rights.selectors import retention

#: A million people, four events each; nine in ten agreed to the newsletter, some long ago; some wrote lately.
FILL = """
INSERT INTO people_person (ref, first_name, last_name, sort_key, gender, language, occupation, postcode, custom, source,
    created_at)
SELECT gen_random_uuid(), 'Zoé', 'Personne' || n, 'personne ' || n, '', 'fr', '', '', '{}', 'bench',
    now() - make_interval(days => 60 + n % 1600)
FROM generate_series(1, 1000000) AS n;
INSERT INTO rights_ground (person_id, purpose, channel, basis, given_at, withdrawn_at, evidence, withdrawal, source)
SELECT id, 'newsletter', 'email', 'consent', created_at,
    CASE WHEN id % 20 = 0 THEN created_at + interval '30 days' END, '{}', '{}', 'bench'
FROM people_person WHERE id % 10 > 0;
INSERT INTO rights_ground (person_id, purpose, channel, basis, given_at, evidence, withdrawal, source)
SELECT id, 'opinion', 'record', 'consent', created_at, '{}', '{}', 'bench' FROM people_person WHERE id % 4 = 1;
INSERT INTO people_interaction (person_id, kind, at, about_kind, source, detail)
SELECT id, (ARRAY['confirmed', 'mailed', 'mailed', 'consulted'])[k], created_at + make_interval(days => 10 * k), '',
    'bench', '{}'
FROM people_person, generate_series(1, 4) AS k;
INSERT INTO people_personrole (person_id, kind, detail, source, dues_until)
SELECT id, CASE WHEN id % 3 = 0 THEN 'member' ELSE 'volunteer' END, '', 'bench',
    CASE WHEN id % 3 = 0 THEN created_at::date + 100 END
FROM people_person WHERE id % 50 = 0;
"""
#: What somebody would write who knows these data: no holds, no refused addresses, no merges, three purposes.
BY_HAND = """
WITH last AS (
    SELECT person_id, max(at) AS at FROM people_interaction WHERE kind IN ('confirmed', 'consented') GROUP BY 1
), ground AS (
    SELECT g.person_id, g.purpose, g.withdrawn_at, greatest(g.given_at, last.at) AS at,
        CASE g.purpose WHEN 'newsletter' THEN %(long)s ELSE %(short)s END AS term
    FROM rights_ground g LEFT JOIN last USING (person_id)
), person AS (
    SELECT p.id, greatest(p.created_at, last.at, max(coalesce(ground.withdrawn_at, ground.at))) AS at,
        coalesce(bool_or(ground.withdrawn_at IS NULL AND ground.at >= ground.term), false) AS regular,
        coalesce(bool_or(ground.withdrawn_at IS NOT NULL), false) AS refused, count(ground.person_id) > 0 AS agreed
    FROM people_person p LEFT JOIN last ON last.person_id = p.id LEFT JOIN ground ON ground.person_id = p.id
    GROUP BY p.id, p.created_at, last.at
), role AS (
    SELECT person_id, bool_or(dues_until >= %(long)s::date) AS bound FROM people_personrole GROUP BY 1
)
SELECT purpose, count(*) FILTER (WHERE at < term) FROM ground WHERE withdrawn_at IS NULL GROUP BY 1
UNION ALL
SELECT CASE WHEN regular THEN 'regular' WHEN bound THEN 'bound' WHEN refused THEN 'refused'
        WHEN role.person_id IS NOT NULL THEN 'dormant' WHEN agreed THEN 'lapsed' ELSE 'ungrounded' END,
    count(*) FILTER (WHERE at < %(two)s)
FROM person LEFT JOIN role ON role.person_id = person.id GROUP BY 1
"""


@register
class RetentionAtAMillion(Benchmark):
    """Seconds until the preview of a night has counted everybody, rule by rule."""

    name = "rights.retention.1m"
    n = 1_000_000
    unit = "s"
    goal = 2.0
    side = "at most"
    rounds = 3
    most = 30.0

    def set_up(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE rights_ground DISABLE TRIGGER USER")
            cursor.execute(FILL)
            cursor.execute("ALTER TABLE rights_ground ENABLE TRIGGER USER")
            cursor.execute("VACUUM ANALYZE")

    def ours(self) -> float:
        with timed() as seconds:
            found = retention.forecast()
        assert found.people == self.n
        return seconds()

    def reference(self) -> float:
        today = clock.today()
        bounds = {"long": limit(today, 36), "short": limit(today, 12), "two": limit(today, 2)}
        with timed() as seconds, connection.cursor() as cursor:
            cursor.execute(BY_HAND, bounds)
            assert cursor.fetchall()
        return seconds()
