"""Segments counted over a million people, each against the SQL that a good hand would write for it.

From a stored tree to a number on the screen: reading, validating, compiling, counting.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from django.db import connection

from benchmarks.harness import Benchmark, register, timed
from portevoix.accounts.types import System
from portevoix.kernel import clock
from portevoix.rights import gate
from portevoix.rights.purposes import Channel
from portevoix.rights.types import Standing
from portevoix.segments import rules, selectors
from portevoix.segments import services as segments
from portevoix.segments.criteria.history import days_ago
from portevoix.segments.criteria.identity import years_before
from portevoix.territory import services as territory

ACTOR = System("benchmark")
#: As many départements, communes and tags as a national campaign has; a third of people agreed to letters, a tenth to
#: texts; two things out of three happened to somebody who came by a file.
ADD_PEOPLE = """
WITH places AS (
    SELECT code, row_number() OVER (ORDER BY code) - 1 AS place FROM territory_commune
)
INSERT INTO people_person (id, ref, first_name, last_name, sort_key, gender, born_on, language, occupation, postcode,
    custom, source, created_at, commune_id)
SELECT n, gen_random_uuid(), 'Prénom' || n %% 997, 'Nom' || n %% 49999, 'nom' || n %% 49999 || ' prenom' || n %% 997,
    CASE n %% 2 WHEN 0 THEN 'F' ELSE 'M' END, date '1936-01-01' + (n * 7919 %% 25500)::int, 'fr', '',
    lpad((n * 31 %% 96000)::text, 5, '0'), '{}', 'bench', now() - (n * 104729 %% 157680000) * interval '1 second',
    places.code
FROM generate_series(1::bigint, %s) AS n
JOIN places ON places.place = n * 15485863 %% (SELECT count(*) FROM territory_commune)
"""
ADD_THE_REST = """
INSERT INTO people_emailaddress (person_id, address, status, is_primary, source)
SELECT id, 'p' || id || '@exemple.fr', CASE WHEN id % 20 = 0 THEN 'bouncing' ELSE 'unverified' END, true, 'bench'
FROM people_person WHERE id % 8 <> 0;
INSERT INTO people_phonenumber (person_id, number, kind, status, source)
SELECT id, '+336' || lpad(id::text, 8, '0'), CASE id % 9 WHEN 0 THEN 'home' ELSE 'mobile' END, 'unverified', 'bench'
FROM people_person WHERE id % 5 < 2;
INSERT INTO rights_ground (person_id, purpose, channel, basis, evidence, withdrawal, source, given_at, withdrawn_at)
SELECT id, 'newsletter', 'email', 'consent', '{}', '{}', 'bench',
    now() - id % 400 * interval '1 day' - interval '1 hour',
    CASE WHEN id % 15 = 0 THEN now() - id % 100 * interval '1 minute' END
FROM people_person WHERE id % 3 = 0;
INSERT INTO rights_ground (person_id, purpose, channel, basis, evidence, withdrawal, source, given_at, withdrawn_at)
SELECT id, 'texts', 'sms', 'consent', '{}', '{}', 'bench', now() - interval '2 day',
    CASE WHEN id % 40 = 0 THEN now() END
FROM people_person WHERE id % 10 = 0;
INSERT INTO rights_ground (person_id, purpose, channel, basis, evidence, withdrawal, source, given_at, withdrawn_at)
SELECT id, 'calls', 'phone', 'consent', '{}', '{}', 'bench', now() - interval '9 day',
    CASE WHEN id % 33 = 0 THEN now() - interval '8 day' END
FROM people_person WHERE id % 11 = 0;
INSERT INTO people_tag (id, name) SELECT n, 'tag ' || n FROM generate_series(1, 40) AS n;
INSERT INTO people_tagging (person_id, tag_id, source)
SELECT id, 1 + id * 7 % 40, 'bench' FROM people_person WHERE id % 4 = 0;
INSERT INTO people_interaction (person_id, kind, at, about_kind, about_id, source, detail)
SELECT id, (ARRAY['imported', 'mailed', 'signed_up'])[1 + time],
    now() - (id * 7919 * (time + 1) % 63072000) * interval '1 second', '', NULL, '', '{}'
FROM people_person, generate_series(0, 2) AS time;
INSERT INTO people_interaction (person_id, kind, at, about_kind, about_id, source, detail)
SELECT id, 'mailed', now() - (id * 104729 % 31536000) * interval '1 second', '', NULL, '', '{}'
FROM people_person WHERE id % 2 = 0;
"""


def group(match: str, *parts: dict[str, Any]) -> dict[str, Any]:
    """Return a group as it is stored."""
    return {"match": match, "parts": list(parts)}


class CountSegment(Benchmark):
    """One question; a subclass says it as a tree and as SQL."""

    n = 1_000_000
    unit = "ms"
    goal = 1.20
    side = "at most"
    rounds = 7
    most = 1000.0
    shares = "people_1m"
    by_hand: ClassVar[str]

    def fill(self) -> None:
        territory.import_communes(actor=ACTOR)
        with connection.cursor() as cursor:
            cursor.execute(ADD_PEOPLE, [self.n])
            cursor.execute(ADD_THE_REST)
            cursor.execute("VACUUM ANALYZE")

    def set_up(self) -> None:
        """Check that both count the same, and somebody."""
        self.question = self.tree()
        found = self._count()
        assert found == self._count_by_hand()
        assert found > self.n / 2000

    def tree(self) -> dict[str, Any]:
        """Return the question as it is stored."""
        raise NotImplementedError

    def values(self) -> dict[str, Any]:
        """Return what the SQL by hand needs."""
        return {}

    def _count(self) -> int:
        return selectors.count(rules.read(self.question), ACTOR)

    def _count_by_hand(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute(self.by_hand, self.values())
            return int(cursor.fetchone()[0])

    def ours(self) -> float:
        return milliseconds(self._count)

    def reference(self) -> float:
        return milliseconds(self._count_by_hand)


def milliseconds(act: Callable[[], object]) -> float:
    """Return how long ``act`` takes."""
    with timed() as seconds:
        act()
    return seconds() * 1000


class FiveRules(CountSegment):
    """The people of Bretagne, from 25 to 60, who may be written to and do not carry a tag."""

    name = "segments.count.1m"
    goal = 1.30
    by_hand = """
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

    def tree(self) -> dict[str, Any]:
        return group(
            "all",
            {"criterion": "region", "region": "53"},
            {"criterion": "email"},
            {"criterion": "ground", "purpose": "newsletter"},
            {"criterion": "age", "least": 25, "most": 60},
            group("none", {"criterion": "tag", "tag": 5}),
        )

    def values(self) -> dict[str, Any]:
        today = clock.today()
        return {"oldest": years_before(today, 61), "youngest": years_before(today, 25)}


class Nested(CountSegment):
    """In Bretagne, from 25 to 60 with a usable address or agreeing to texts, without either of two tags."""

    name = "segments.1m.nested"
    by_hand = """
SELECT count(*) FROM people_person AS p
WHERE EXISTS (
        SELECT FROM territory_commune AS c JOIN territory_departement AS d ON d.code = c.departement_id
        WHERE c.code = p.commune_id AND d.region_id = '53'
    )
    AND (
        (
            p.born_on > %(oldest)s AND p.born_on <= %(youngest)s
            AND EXISTS (
                SELECT FROM people_emailaddress AS e WHERE e.person_id = p.id AND e.status IN ('unverified', 'verified')
            )
        )
        OR EXISTS (
            SELECT FROM rights_ground AS g
            WHERE g.person_id = p.id AND g.purpose = 'texts' AND g.withdrawn_at IS NULL
        )
    )
    AND NOT EXISTS (SELECT FROM people_tagging AS t WHERE t.person_id = p.id AND t.tag_id IN (5, 9))
"""

    def tree(self) -> dict[str, Any]:
        young = group("all", {"criterion": "age", "least": 25, "most": 60}, {"criterion": "email"})
        tags = [{"criterion": "tag", "tag": 5}, {"criterion": "tag", "tag": 9}]
        agrees = {"criterion": "ground", "purpose": "texts"}
        return group("all", {"criterion": "region", "region": "53"}, group("any", young, agrees), group("none", *tags))

    def values(self) -> dict[str, Any]:
        today = clock.today()
        return {"oldest": years_before(today, 61), "youngest": years_before(today, 25)}


class Timeline(CountSegment):
    """Was written to at least twice in ninety days and has not signed up since two hundred days."""

    name = "segments.1m.timeline"
    by_hand = """
SELECT count(*) FROM people_person AS p
JOIN (
    SELECT person_id FROM people_interaction WHERE kind = 'mailed' AND at >= %(recent)s
    GROUP BY person_id HAVING count(*) >= 2
) AS often ON often.person_id = p.id
WHERE NOT EXISTS (
    SELECT FROM people_interaction AS i WHERE i.person_id = p.id AND i.kind = 'signed_up' AND i.at >= %(days)s
)
"""

    def tree(self) -> dict[str, Any]:
        signed_up = {"criterion": "interaction", "kind": "signed_up", "times": 1, "days": 200}
        mailed = {"criterion": "interaction", "kind": "mailed", "times": 2, "days": 90}
        return group("all", mailed, group("none", signed_up))

    def values(self) -> dict[str, Any]:
        return {"recent": days_ago(90), "days": days_ago(200)}


class Distance(CountSegment):
    """At most 50 km from Rennes, with a usable number."""

    name = "segments.1m.distance"
    by_hand = """
WITH centre AS (SELECT latitude, longitude FROM territory_commune WHERE code = '35238'),
near AS MATERIALIZED (
    SELECT c.code FROM territory_commune AS c, centre
    WHERE c.latitude BETWEEN centre.latitude - 50 / 110.5 AND centre.latitude + 50 / 110.5
    AND abs(c.longitude - centre.longitude) <= 50 / (110.5 * cos(radians(centre.latitude + 0.5)))
    AND 2 * 6371.0 * asin(sqrt(least(1.0,
        power(sin(radians(c.latitude - centre.latitude) / 2), 2)
        + cos(radians(c.latitude)) * cos(radians(centre.latitude))
        * power(sin(radians(c.longitude - centre.longitude) / 2), 2)))) <= 50
)
SELECT count(*) FROM people_person AS p JOIN near ON near.code = p.commune_id
WHERE EXISTS (
    SELECT FROM people_phonenumber AS n WHERE n.person_id = p.id AND n.status IN ('unverified', 'verified')
)
"""

    def tree(self) -> dict[str, Any]:
        return group("all", {"criterion": "near", "commune": "35238", "km": 50}, {"criterion": "phone"})


class Consent(CountSegment):
    """Agreed to letters within two hundred days, does not agree to texts, and did not take back that one may call."""

    name = "segments.1m.consent"
    by_hand = """
SELECT count(*) FROM people_person AS p
JOIN rights_ground AS held ON held.person_id = p.id
WHERE held.purpose = 'newsletter' AND held.channel = 'email'
AND held.withdrawn_at IS NULL AND held.given_at >= %(since)s
AND NOT EXISTS (
    SELECT FROM rights_ground AS g WHERE g.person_id = p.id AND g.purpose = 'texts' AND g.withdrawn_at IS NULL
)
AND NOT EXISTS (
    SELECT FROM rights_ground AS gone
    WHERE gone.person_id = p.id AND gone.purpose = 'calls' AND gone.withdrawn_at IS NOT NULL
    AND NOT EXISTS (
        SELECT FROM rights_ground AS g
        WHERE g.person_id = gone.person_id AND g.purpose = 'calls' AND g.withdrawn_at IS NULL
    )
)
"""

    def tree(self) -> dict[str, Any]:
        since = days_ago(200).date().isoformat()
        return group(
            "all",
            {"criterion": "ground", "purpose": "newsletter", "since": since},
            {"criterion": "no_ground", "purpose": "texts"},
            group("none", {"criterion": "withdrew", "purpose": "calls"}),
        )

    def values(self) -> dict[str, Any]:
        return {"since": days_ago(200)}


class Exclusion(CountSegment):
    """With a usable address, but outside another segment, a snapshot and two tags."""

    name = "segments.1m.exclusion"
    by_hand = """
SELECT count(*) FROM people_person AS p
WHERE EXISTS (
        SELECT FROM people_emailaddress AS e WHERE e.person_id = p.id AND e.status IN ('unverified', 'verified')
    )
    AND NOT EXISTS (
        SELECT FROM territory_commune AS c JOIN territory_departement AS d ON d.code = c.departement_id
        WHERE c.code = p.commune_id AND d.region_id = '11'
    )
    AND NOT EXISTS (
        SELECT FROM segments_snapshotmember AS m WHERE m.person_id = p.id AND m.snapshot_id = %(snapshot)s
    )
    AND NOT EXISTS (SELECT FROM people_tagging AS t WHERE t.person_id = p.id AND t.tag_id IN (5, 9))
"""

    def tree(self) -> dict[str, Any]:
        region = group("all", {"criterion": "region", "region": "11"})
        other = segments.save(name="Île-de-France", tree=region, actor=ACTOR)
        agreed = group("all", {"criterion": "ground", "purpose": "texts"})
        self.snapshot = segments.freeze(segments.save(name="SMS", tree=agreed, actor=ACTOR), actor=ACTOR)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE segments_snapshotmember")
        excluded = [
            {"criterion": "segment", "segment": other.pk},
            {"criterion": "snapshot", "snapshot": self.snapshot.pk},
            {"criterion": "tag", "tag": 5},
            {"criterion": "tag", "tag": 9},
        ]
        return group("all", {"criterion": "email"}, group("none", *excluded))

    def values(self) -> dict[str, Any]:
        return {"snapshot": self.snapshot.pk}


class Reach(Nested):
    """How many of the nested question each way reaches. By hand: the numbers alone; ours says also why not the others.

    A statement that asks every way of each person found is what one writes first; ours reads each table once.
    """

    name = "segments.1m.reach"
    ADDRESSES: ClassVar[dict[Channel, str]] = {
        Channel.EMAIL: "people_emailaddress AS c WHERE c.is_primary",
        Channel.SMS: "people_phonenumber AS c WHERE c.kind = 'mobile'",
        Channel.PHONE: "people_phonenumber AS c WHERE true",
        Channel.POST: "people_postaladdress AS c WHERE c.line1 <> '' AND c.postcode <> '' AND c.city <> ''",
        Channel.DOOR: "people_postaladdress AS c WHERE c.line1 <> ''",
    }
    AGREES: ClassVar[str] = """count(*) FILTER (WHERE EXISTS (
        SELECT FROM rights_ground AS g WHERE g.person_id = found.id AND g.purpose = '{purpose}'
        AND g.channel = '{channel}' AND g.withdrawn_at IS NULL AND NOT g.is_held
    ) AND EXISTS (
        SELECT FROM {address} AND c.person_id = found.id AND c.status IN ('unverified', 'verified')
    ))"""

    def set_up(self) -> None:
        self.question = self.tree()
        self.ways = [way for way in gate.ways() if way.purpose]
        counts = [
            self.AGREES.format(purpose=way.purpose, channel=way.channel, address=self.ADDRESSES[way.channel])
            for way in self.ways
        ]
        people = Nested.by_hand.replace("count(*)", "p.id", 1)
        self.statement = f"WITH found AS MATERIALIZED ({people}) SELECT count(*), {', '.join(counts)} FROM found"
        census = self._reach()
        reached = [census.standings[way][Standing.ADMITTED] for way in self.ways]
        assert (census.people, *reached) == self._reach_by_hand()
        assert max(reached) > self.n / 2000

    def _reach(self) -> gate.Census:
        return selectors.reach(rules.read(self.question), ACTOR)

    def _reach_by_hand(self) -> tuple[int, ...]:
        with connection.cursor() as cursor:
            cursor.execute(self.statement, self.values())
            return tuple(cursor.fetchone())

    def ours(self) -> float:
        return milliseconds(self._reach)

    def reference(self) -> float:
        return milliseconds(self._reach_by_hand)


#: What is filled by the million, and what stands on it: its indexes, its keys to other tables.
FILLED = (
    "people_person",
    "people_emailaddress",
    "people_phonenumber",
    "people_interaction",
    "people_tagging",
    "rights_ground",
)
STANDING = """
SELECT format('DROP INDEX %%I', i.relname), pg_get_indexdef(i.oid)
FROM pg_index AS x JOIN pg_class AS i ON i.oid = x.indexrelid
WHERE x.indrelid = ANY (%(tables)s::regclass[]) AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.oid)
UNION ALL
SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
    format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid))
FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY (%(tables)s::regclass[])
"""


@contextmanager
def bare() -> Iterator[None]:
    """Take off what would be asked of each row, and put it back over all: rows one by one into indexes take hours.

    Triggers stay silent: the ledger of consents is not what is measured.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '2GB'")
        cursor.execute(STANDING, {"tables": list(FILLED)})
        standing = cursor.fetchall()
        for drop, _build in standing:
            cursor.execute(drop)
        for table in FILLED:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        for table in FILLED:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        for _drop, build in standing:
            cursor.execute(build)
        cursor.execute("RESET maintenance_work_mem")
        cursor.execute("VACUUM ANALYZE")


class OfTenMillion(CountSegment):
    """The same over ten million people, by hand and by us; on request, for it fills a disk."""

    n = 10_000_000
    rounds = 3
    most = 5000.0
    shares = "people_10m"
    on_request = True

    def fill(self) -> None:
        with bare():
            super().fill()


register(FiveRules)
for kind in (Nested, Timeline, Distance, Consent, Exclusion, Reach):
    register(kind)
    larger = {"name": kind.name.replace(".1m.", ".10m."), "__doc__": kind.__doc__}
    register(type(f"{kind.__name__}OfTenMillion", (OfTenMillion, kind), larger))
