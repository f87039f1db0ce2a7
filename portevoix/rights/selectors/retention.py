"""What is over, what will be soon, and whom it is about: one statement for the preview and for the work itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import DateField, DateTimeField, Func, Q, Subquery, Value
from django.db.models.functions import Cast, Coalesce

from portevoix.accounts.types import Actor
from portevoix.kernel import clock
from portevoix.people.models import Person
from portevoix.people.types import RoleKind
from portevoix.rights.models import Request, RetentionRule
from portevoix.rights.models.requests import RequestQuerySet
from portevoix.rights.purposes import RULES, STAYS, Purpose, Status
from portevoix.rights.rules.retention import EXCHANGES, NOTICE, limit
from portevoix.rights.types import RequestState

#: How long a request that waits for a proof of identity keeps its person from every rule.
PATIENCE = timedelta(days=62)
#: Beyond every number of a person.
EVERYBODY = (0, 2**62)


def held() -> tuple[str, tuple[Any, ...]]:
    """Return the question “who must be left as they are?”, as SQL and its values.

    Nothing of a person whose processing is restricted (RGPD art. 18), or who waits for an answer (art. 12), may be
    destroyed by a rule.
    """
    restricted = Person.objects.restricted().order_by().values("pk")
    asking = waiting().order_by().values("person")
    (one, values), (other, more) = restricted.query.sql_with_params(), asking.query.sql_with_params()
    return f"{one} UNION {other}", (*values, *more)


def waiting() -> RequestQuerySet:
    """Return the requests that keep their person from every rule until they are answered."""
    # A proof of identity that never comes keeps nobody for ever.
    silent = Q(state=RequestState.PAUSED, paused_on__lt=clock.today() - PATIENCE)
    return Request.objects.owed().exclude(Q(person=None) | silent)


class Limit(Func):
    """The moment before which the last exchange is too old on a day, the months being what the database says.

    What ``rules.retention.limit`` is where the months are known: a day of a month that the shorter one does not have
    ends with the latter, so that the end of a month reaches back over all the days that end on it.
    """

    output_field: Any = DateTimeField()

    def __init__(self, day: date, months: Any) -> None:
        ago = "(%(expressions)s))"
        is_last = (day + timedelta(days=1)).day == 1
        after = f"date_trunc('month', {ago}) + interval '1 month'" if is_last else f"{ago}::date + 1"
        super().__init__(
            Cast(Value(day), DateField()),
            months,
            template=f"(({after})::timestamp AT TIME ZONE 'Europe/Paris')",
            arg_joiner=" - make_interval(months => ",
        )


def limit_of(code: str, day: date) -> Limit:
    """Return, for a question, the moment before which the last exchange is too old for a rule on a day."""
    ruled = RetentionRule.objects.filter(code=code).order_by("-id").values("months")[:1]
    return Limit(day, Coalesce(Subquery(ruled), Value(RULES[code].months)))


# The last exchange comes from the person (`EXCHANGES`); a ground that was given later than that counts from itself.
# A ground that ended by a rule, or by being replaced, is nobody's refusal.
# Of a role, only a membership binds, and only by days that are known: what the dues cover, a year from their payment
# where nothing more is said, the end agreed on, or the day it began. A file that says “is_member” says none of them.
FOUND = """
WITH term AS MATERIALIZED (
    SELECT * FROM unnest(%s::text[], %s::timestamptz[], %s::timestamptz[]) AS term (code, over, soon)
),
held (person_id) AS MATERIALIZED ({held}),
exchange AS MATERIALIZED (
    SELECT person_id, max(at) AS at FROM people_interaction WHERE kind = ANY (%s) AND {among} GROUP BY person_id
),
ground AS MATERIALIZED (
    SELECT it.id, it.person_id, it.purpose, it.withdrawn_at IS NULL AS is_live,
        greatest(it.given_at, exchange.at) AS last,
        coalesce(it.withdrawn_at, it.given_at) AS moved_at,
        it.withdrawn_at IS NOT NULL AND it.purpose <> 'service'
            AND NOT it.withdrawal ?| ARRAY['retention', 'replaced_by', 'rebuild']
            AND it.withdrawal ->> 'merge' IS DISTINCT FROM 'same' AS is_refusal,
        it.withdrawal ? 'retention' AS has_expired,
        held.person_id IS NOT NULL AS is_held
    FROM (SELECT * FROM rights_ground WHERE {among}) AS it
    LEFT JOIN exchange USING (person_id) LEFT JOIN held USING (person_id)
),
dated AS MATERIALIZED (
    SELECT ground.*, is_live AND last < term.over AS is_over, is_live AND last < term.soon AS is_soon
    FROM ground LEFT JOIN term ON term.code = ground.purpose
),
given AS MATERIALIZED (
    SELECT person_id,
        bool_or(is_live AND purpose <> 'service' AND NOT coalesce(is_over, false)) AS is_regular,
        bool_or(is_live AND purpose <> 'service' AND NOT coalesce(is_soon, false)) AS stays_regular,
        bool_or(is_refusal) AS has_refused, bool_or(purpose <> 'service') AS had_agreed,
        bool_or(purpose = 'service') AS has_asked, 
        -- A form that nobody confirmed, or a line on the page of rights, is anybody's: it prolongs nothing.
        max(moved_at) FILTER (WHERE NOT has_expired AND purpose <> 'service') AS at
    FROM dated GROUP BY person_id
),
part AS MATERIALIZED (
    SELECT person_id, bool_or(is_running AND ended > (SELECT over FROM term WHERE code = 'bound')) AS is_bound,
        max(ended) AS at
    FROM (
        SELECT person_id, kind = %s AND coalesce(until >= %s, true) AS is_running, (least(until, CASE WHEN kind = %s
            THEN coalesce(dues_until, (dues_paid_on + interval '1 year')::date, until, since) END) + 1)::timestamp
            AT TIME ZONE 'Europe/Paris' AS ended
        FROM people_personrole WHERE {among}
    ) AS role GROUP BY person_id
),
closed AS MATERIALIZED (
    SELECT person_id FROM people_emailaddress WHERE status = 'refused' AND {among}
    UNION SELECT person_id FROM people_phonenumber WHERE status = 'refused' AND {among}
),
person AS (
    SELECT person_id, status, last, is_held, stays_regular, has_refused FROM (
        SELECT who.id AS person_id,
            CASE WHEN given.is_regular THEN 'regular' WHEN part.is_bound THEN 'bound'
                WHEN given.has_refused OR closed.person_id IS NOT NULL THEN 'refused'
                WHEN part.person_id IS NOT NULL THEN 'dormant'
                WHEN given.had_agreed THEN 'lapsed' WHEN given.has_asked THEN 'occasional'
                ELSE 'ungrounded' END AS status,
            -- What somebody is called prolongs no refusal of theirs.
            greatest(who.created_at, exchange.at, given.at,
                CASE WHEN part.is_bound OR NOT (coalesce(given.has_refused, false) OR closed.person_id IS NOT NULL)
                THEN part.at END) AS last,
            held.person_id IS NOT NULL AS is_held, coalesce(given.stays_regular, false) AS stays_regular,
            coalesce(given.has_refused, false) OR closed.person_id IS NOT NULL AS has_refused
        FROM (SELECT id, created_at FROM people_person WHERE {among_id}) AS who
        LEFT JOIN exchange ON exchange.person_id = who.id LEFT JOIN given ON given.person_id = who.id
        LEFT JOIN part ON part.person_id = who.id LEFT JOIN closed ON closed.person_id = who.id
        LEFT JOIN held ON held.person_id = who.id
    ) AS known
),
standing AS MATERIALIZED (
    SELECT person.*, last < term.over AS is_over, last < term.soon AS is_soon
    FROM person LEFT JOIN term ON term.code = person.status
)
"""
COUNT = """
SELECT 'ground' AS about, purpose AS code, count(*) FILTER (WHERE is_live),
    count(*) FILTER (WHERE is_over AND NOT is_held),
    count(*) FILTER (WHERE is_soon AND NOT is_over AND NOT is_held), count(*) FILTER (WHERE is_over AND is_held),
    min(last) FILTER (WHERE is_live)
FROM dated GROUP BY purpose
UNION ALL
SELECT 'person', status, count(*), count(*) FILTER (WHERE is_over AND NOT is_held),
    count(*) FILTER (WHERE is_soon AND NOT is_over AND NOT is_held), count(*) FILTER (WHERE is_over AND is_held),
    min(last)
FROM standing GROUP BY status
"""
TAKE = """
SELECT 'ground' AS about, purpose AS code, id, person_id, false FROM dated WHERE is_over AND NOT is_held
UNION ALL
SELECT 'person', status, person_id, person_id, has_refused FROM standing WHERE is_over AND NOT is_held
ORDER BY id
"""
#: The first of whom a few are shown.
OLDEST_PEOPLE = """
SELECT person_id FROM standing WHERE is_over AND NOT is_held AND status = %s ORDER BY last, person_id LIMIT 2000
"""
OLDEST_GROUNDS = """
SELECT person_id FROM dated WHERE is_over AND NOT is_held AND purpose = %s ORDER BY last, person_id LIMIT 2000
"""
#: At the end of a campaign no term is waited for.
LEAVE = """
SELECT 'person' AS about, status AS code, person_id AS id, person_id, has_refused
FROM standing WHERE NOT is_held AND NOT status = ANY (%s) ORDER BY id
"""
COUNT_LEAVING = """
SELECT status, count(*), count(*) FILTER (WHERE is_held) FROM standing GROUP BY status
"""


@dataclass(frozen=True)
class Line:
    """How one rule stands: how many it is about, how many are over, or will be in thirty days, or are held."""

    code: str
    is_about_people: bool
    held_now: int
    over: int
    soon: int
    kept_back: int
    oldest: datetime | None


@dataclass(frozen=True)
class Forecast:
    """What a run would do now. Changes nothing."""

    lines: tuple[Line, ...]

    @property
    def people(self) -> int:
        """How many are in the file."""
        return sum(line.held_now for line in self.lines if line.is_about_people)

    @property
    def going(self) -> int:
        """How many persons would be erased."""
        return sum(line.over for line in self.lines if line.is_about_people)

    @property
    def ending(self) -> int:
        """How many grounds would end."""
        return sum(line.over for line in self.lines if not line.is_about_people)

    @property
    def counts(self) -> dict[str, int]:
        """How many would go by each rule: what the run writes down when it is done."""
        return {key(line.is_about_people, line.code): line.over for line in self.lines if line.over}


@dataclass(frozen=True)
class Going:
    """One ground or one person whose time is over, and by which rule."""

    is_person: bool
    code: str
    ident: int
    person_id: int
    #: Whoever refused something, whatever else they are, leaves a fingerprint: no file brings them back.
    has_refused: bool


def key(is_about_people: bool, code: str) -> str:
    """Return what a count is written under."""
    return f"{'people' if is_about_people else 'grounds'}.{code}"


def terms_in_force() -> dict[str, int]:
    """Return the months of every rule: the campaign's, or those of the code."""
    terms = {code: retention.months for code, retention in RULES.items()}
    return terms | dict(RetentionRule.objects.in_force().values_list("code", "months"))


def forecast(*, today: date | None = None) -> Forecast:
    """Count, by rule, what is over today, in one statement."""
    return Forecast(
        tuple(
            Line(code, about == "person", int(number), over, soon, kept_back, oldest)
            for about, code, number, over, soon, kept_back, oldest in _ask(COUNT, today=today)
        )
    )


def over(among: tuple[int, int] | list[int], *, today: date | None = None) -> list[Going]:
    """Return what is over among persons: a range of numbers, the first left out, or a list."""
    return [Going(about == "person", *more) for about, *more in _ask(TAKE, among, today=today)]


def leaving(staying: list[str], among: tuple[int, int] | list[int]) -> list[Going]:
    """Return who goes at the end of a campaign, whatever the terms, but for those whose status stays."""
    return [Going(True, *more) for _about, *more in _ask(LEAVE, among, staying)]


def statuses() -> dict[Status, tuple[int, int]]:
    """Return how many persons there are of each status, and how many of them are held."""
    return {Status(code): (number, kept) for code, number, kept in _ask(COUNT_LEAVING)}


def sample(code: str, actor: Actor, *, most: int = 20) -> list[Person]:
    """Return some of the persons about whom a rule is over, as the actor may see them."""
    oldest = OLDEST_PEOPLE if code in STAYS else OLDEST_GROUNDS
    ids = [ident for (ident,) in _ask(oldest, EVERYBODY, code)]
    return list(Person.objects.visible_to(actor).select_related("commune").filter(pk__in=ids)[:most])


def _ask(
    tail: str, among: tuple[int, int] | list[int] = EVERYBODY, *values: Any, today: date | None = None
) -> list[tuple[Any, ...]]:
    today = today or clock.today()
    terms = terms_in_force()
    text, people = held()
    if isinstance(among, tuple):
        some: list[Any] = list(among)
        restriction = "{0} > %s AND {0} <= %s"
    else:
        some, restriction = [among], "{0} = ANY (%s)"
    statement = FOUND.format(held=text, among=restriction.format("person_id"), among_id=restriction.format("id"))
    bounds: list[Any] = [
        list(terms),
        [limit(today, months) for months in terms.values()],
        [limit(today + NOTICE, months) for months in terms.values()],
    ]
    member = RoleKind.MEMBER.value
    with connection.cursor() as cursor:
        cursor.execute(
            statement + tail,
            [
                *bounds,
                *people,
                list(EXCHANGES),
                *some,
                *some,
                member,
                today,
                member,
                *some,
                *some,
                *some,
                *some,
                *values,
            ],
        )
        return list(cursor.fetchall())


def is_about_people(code: str) -> bool:
    """Tell whether a rule is about persons; the others are about what they agreed to."""
    return code not in Purpose.values


@dataclass(frozen=True)
class Row:
    """One rule on the screen: its words, its term in force and the longest, and how it stands."""

    code: str
    label: str
    months: int | None
    most: int
    article: str
    line: Line


def table(found: Forecast) -> list[tuple[bool, list[Row]]]:
    """Return the rules as people read them: on what was agreed to, then on who stays; with the statuses that stay."""
    terms = terms_in_force()
    lines = {(line.is_about_people, line.code): line for line in found.lines}
    agreed = [*(purpose for purpose in Purpose if purpose.value in RULES)]
    groups: list[tuple[bool, list[Row]]] = []
    for about_people, words in ((False, agreed), (True, list(Status))):
        rows = []
        for word in words:
            line = lines.get((about_people, word.value)) or Line(word.value, about_people, 0, 0, 0, 0, None)
            rule = RULES.get(word.value)
            most, article = (rule.most, rule.article) if rule else (0, "")
            rows.append(Row(word.value, str(word.label), terms.get(word.value), most, article, line))
        groups.append((about_people, rows))
    return groups
