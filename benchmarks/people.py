"""Search and duplicates over a million people, with the names of a country; one person's page and its story.

`PORTEVOIX_BENCH_PEOPLE` makes the million smaller, to see that the benchmark works.
"""

from __future__ import annotations

import os
import statistics
from typing import Any

from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.db import connection
from django.test import Client

from benchmarks.harness import Benchmark, register, timed
from portevoix.accounts.models import Mandate, SignIn, User
from portevoix.accounts.office import SESSION_KEY
from portevoix.accounts.types import Method, Role, System
from portevoix.kernel import clock
from portevoix.people import tasks
from portevoix.people.models import IS_NAMELESS, Candidate, DuplicateSearch, Person
from portevoix.people.selectors import capped_count, columns, lists, search
from portevoix.people.services import duplicates

ACTOR = System("benchmark")
NUMBER = int(os.environ.get("PORTEVOIX_BENCH_PEOPLE", "1000000"))
#: Surnames and first names of syllables, as unevenly spread as real ones; two people in a hundred came in twice,
#: the second time in capitals, with a slip, and from another mailbox.
ADD_PEOPLE = """
CREATE FUNCTION pg_temp.syllables(seed bigint, number int) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT string_agg((ARRAY['mar','le','go','du','ri','ber','nar','ko','vel','tin','sau','che','pe','lan','fa','mo',
        'gui','ro','ze','bas','tou','ly','ne','cau'])[1 + (abs(hashint8(seed * 31 + n)) % 24)], '' ORDER BY n)
    FROM generate_series(1, number) AS n
$$;
WITH drawn AS (
    SELECT n, CASE WHEN n % 50 = 0 THEN n - 1 ELSE n END AS like_n FROM generate_series(1::bigint, {number}) AS n
),
named AS (
    SELECT n, like_n, pg_temp.syllables((power(abs(hashint8(like_n)) / 2147483648.0, 2) * 60000)::bigint, 3) AS last,
        pg_temp.syllables((power(abs(hashint8(like_n + 7)) / 2147483648.0, 2) * 3000)::bigint + 900000, 2) AS first
    FROM drawn
)
INSERT INTO people_person (id, ref, first_name, last_name, sort_key, gender, born_on, language, occupation, postcode,
    custom, source, created_at)
SELECT n, gen_random_uuid(), CASE WHEN n = like_n THEN initcap(first) ELSE upper(first) END,
    initcap(last) || CASE WHEN n % 100 = 0 THEN 'e' ELSE '' END,
    last || CASE WHEN n % 100 = 0 THEN 'e' ELSE '' END || ' ' || first, '',
    date '1936-01-01' + (abs(hashint8(like_n + 3)) % 25500), 'fr', '', lpad((like_n * 31 % 96000)::text, 5, '0'),
    '{{}}', 'bench', now()
FROM named;
INSERT INTO people_emailaddress (person_id, address, status, is_primary, source)
SELECT id, split_part(sort_key, ' ', 2) || '.' || split_part(sort_key, ' ', 1) || id || '@exemple.fr', 'unverified',
    true, 'bench'
FROM people_person WHERE id % 8 <> 0;
INSERT INTO people_phonenumber (person_id, number, kind, status, source)
SELECT id, '+336' || lpad((CASE WHEN id % 50 = 0 THEN id - 1 ELSE id END)::text, 8, '0'), 'mobile', 'unverified',
    'bench'
FROM people_person WHERE id % 3 <> 0;
SELECT setval(pg_get_serial_sequence('people_person', 'id'), {number});
"""


def add_people(number: int) -> None:
    """Make a campaign's file, and have PostgreSQL know it."""
    with connection.cursor() as cursor:
        cursor.execute(ADD_PEOPLE.format(number=number))
        cursor.execute("VACUUM ANALYZE")


@register
class SearchMillion(Benchmark):
    """What somebody types, letter after letter, slips among it: 95 answers of 100 within the figure."""

    name = "people.search.1m"
    n = NUMBER
    unit = "ms (p95)"
    goal = 3.0
    side = "at most"
    most = 50
    rounds = 3

    def set_up(self) -> None:
        add_people(self.n)
        drawn = Person.objects.filter(pk__in=range(1, self.n, max(self.n // 60, 1))).order_by("pk")
        self.typed: list[str] = []
        for person in drawn:
            last, first = person.last_name, person.first_name
            slip = last[:3] + last[4:]
            self.typed += [last[:4], last, f"{last} {first[:2]}", f"{first} {last}", f"{slip} {first}"]
            self.typed.append(f"{first}.{last}".lower())
            self.typed += [phone.number[:8].replace("+33", "0") for phone in person.phones.all()]

    def ours(self) -> float:
        return self._p95(lambda text: lists.rows_of(search.found(Person.objects.visible_to(ACTOR), text), 0, 50))

    def reference(self) -> float:
        return self._p95(self._by_hand)

    def _p95(self, ask: Any) -> float:
        times = []
        for text in self.typed:
            with timed() as seconds:
                ask(text)
            times.append(seconds() * 1000)
        return statistics.quantiles(times, n=20)[-1]

    def _by_hand(self, text: str) -> None:
        """Look names up without ranking or forgiving anything: what a good hand writes in one statement."""
        with connection.cursor() as cursor:
            if text[0].isdecimal():
                cursor.execute(
                    "SELECT p.* FROM people_phonenumber t JOIN people_person p ON p.id = t.person_id"
                    " WHERE t.number LIKE %s ORDER BY p.sort_key LIMIT 50",
                    [f"+33{text[1:]}%"],
                )
            elif "." in text:
                cursor.execute(
                    "SELECT p.* FROM people_emailaddress e JOIN people_person p ON p.id = e.person_id"
                    " WHERE e.address LIKE %s ORDER BY p.sort_key LIMIT 50",
                    [f"{text}%"],
                )
            else:
                words = [f"%{word.lower()}%" for word in text.split()]
                cursor.execute(
                    "SELECT * FROM people_person WHERE sort_key LIKE ALL (%s) ORDER BY sort_key, id LIMIT 50", [words]
                )
            cursor.fetchall()


@register
class DuplicatesMillion(Benchmark):
    """From nothing to a table of scored pairs. The limit is in seconds.

    The reference, a join on equal names and birth dates, finds no slip and no second mailbox: it says how fast the
    machine is, not what looking well should cost.
    """

    name = "people.duplicates.1m"
    n = NUMBER
    unit = "s"
    goal = 400.0
    side = "at most"
    most = 600
    rounds = 1
    memory_limit = 1024
    counts_database = True

    def set_up(self) -> None:
        add_people(self.n)

    def between(self) -> None:
        Candidate.objects.all().delete()
        DuplicateSearch.objects.all().delete()

    def ours(self) -> float:
        asked = duplicates.search_duplicates(by_worker=False, actor=ACTOR)
        with timed() as seconds:
            tasks.look_for_duplicates(asked.pk)
        assert Candidate.objects.filter(score__gte=70).count() > self.n // 100
        assert seconds() < 600
        return seconds()

    def reference(self) -> float:
        with timed() as seconds, connection.cursor() as cursor:
            cursor.execute(
                "SELECT one.id, other.id FROM people_person one JOIN people_person other"
                " ON other.sort_key = one.sort_key AND other.born_on = one.born_on AND one.id < other.id"
            )
            cursor.fetchall()
        return seconds()


#: The same page by a good hand: one statement, the values of each column gathered beside the fifty people.
FIRST_PAGE = """
WITH page AS (
    SELECT id, first_name, last_name, sort_key, postcode, created_at FROM people_person
    ORDER BY (sort_key = ''), sort_key, id LIMIT 50
)
SELECT page.*, mail.address, phone.number,
    (SELECT array_agg(tag.name) FROM people_tagging carried JOIN people_tag tag ON tag.id = carried.tag_id
     WHERE carried.person_id = page.id),
    (SELECT at FROM people_interaction WHERE person_id = page.id ORDER BY at DESC LIMIT 1)
FROM page
LEFT JOIN people_emailaddress mail ON mail.person_id = page.id AND mail.is_primary
LEFT JOIN LATERAL (SELECT number FROM people_phonenumber WHERE person_id = page.id LIMIT 1) phone ON true
ORDER BY (page.sort_key = ''), page.sort_key, page.id
"""
COUNTED = "SELECT count(*) FROM (SELECT FROM people_person LIMIT 10001) AS most"


@register
class ListMillion(Benchmark):
    """The first page of the list with five columns, counted as the list counts, against bare SQL; no templates."""

    name = "people.list.1m"
    n = NUMBER
    unit = "ms"
    goal = 12.0
    side = "at most"
    rounds = 15
    most = 100

    def set_up(self) -> None:
        add_people(self.n)
        self.columns = columns.chosen(("email", "phone", "tags", "last_event", "postcode"), ACTOR)

    def ours(self) -> float:
        people = columns.prepared(Person.objects.visible_to(ACTOR), self.columns)
        with timed() as seconds:
            capped_count(people)
            columns.told(list(people.order_by(IS_NAMELESS, "sort_key", "pk")[:50]), self.columns, ACTOR)
        return seconds() * 1000

    def reference(self) -> float:
        with timed() as seconds, connection.cursor() as cursor:
            cursor.execute(COUNTED)
            cursor.fetchall()
            cursor.execute(FIRST_PAGE)
            cursor.fetchall()
        return seconds() * 1000


ADD_STORY = """
INSERT INTO people_interaction (person_id, kind, at, about_kind, source, detail)
SELECT %s, (ARRAY['mailed', 'edited', 'tagged', 'noted'])[1 + n %% 4], now() - n * interval '1 hour', '', 'bench', '{}'
FROM generate_series(1, %s) AS n
"""


@register
class PersonPage(Benchmark):
    """Server time of the whole page, from the request to the bytes."""

    name = "people.page"
    n = 5_000
    unit = "ms"
    goal = 1.30
    side = "at most"
    most = 100
    rounds = 15
    #: What the other page has.
    few = 10

    def set_up(self) -> None:
        self.long, self.short = (Person.objects.create(last_name=name, source="bench") for name in ("Long", "Court"))
        with connection.cursor() as cursor:
            cursor.execute(ADD_STORY, [self.long.pk, self.n])
            cursor.execute(ADD_STORY, [self.short.pk, self.few])
            cursor.execute("ANALYZE people_interaction")
        # Pages name their style sheets by what is in them.
        call_command("collectstatic", verbosity=0, interactive=False)
        user = User.objects.create(username="bench", email="bench@campagne.example")
        Mandate.objects.create(user=user, role=Role.DIRECTOR)
        user.user_permissions.add(Permission.objects.get(codename="access_admin"))
        self.client = Client(SERVER_NAME="localhost")
        self.client.force_login(user)
        session = self.client.session
        session[SESSION_KEY] = SignIn.objects.create(
            user=user,
            method=Method.TOTP,
            device="bench",
            device_key="bench",
            started_at=clock.now(),
            seen_at=clock.now(),
        ).pk
        session.save()
        for person in (self.long, self.short):
            self._page(person)  # templates and content types are read once

    def _page(self, person: Person) -> float:
        with timed() as seconds:
            response = self.client.get(f"/gestion/personnes/{person.pk}/")
        assert response.status_code == 200, response.status_code
        return seconds() * 1000

    def ours(self) -> float:
        return self._page(self.long)

    def reference(self) -> float:
        return self._page(self.short)
