"""The gate: the only maker of an Audience (who may be written to) and of a Disclosure (what may be shown or written).

A guard-rail for code, not a wall: the wall is the outbox's key and trigger in the database.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import InitVar, dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Case, Exists, ExpressionWrapper, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable

from portevoix.accounts.rules import hidden_from
from portevoix.accounts.types import Actor, Fact
from portevoix.people.models import EmailAddress, Person, PhoneNumber, PostalAddress
from portevoix.people.types import USABLE, ContactStatus, PhoneKind
from portevoix.rights.exceptions import Masked, NotFromTheGate
from portevoix.rights.models import LIVE, Ground
from portevoix.rights.purposes import OPTIONAL, Channel, Purpose
from portevoix.rights.types import Standing

_SEAL = object()

#: Fields that hold what some roles have no need to know, by their names in tables, files and answers.
FACTS = {
    **dict.fromkeys(("email", "email1", "emails", "email_addresses"), Fact.EMAIL),
    **dict.fromkeys(("phone", "phone_number", "mobile_number", "phones", "phone_numbers"), Fact.PHONE),
    **dict.fromkeys(("address", "primary_address1", "addresses", "postal_addresses"), Fact.ADDRESS),
    **dict.fromkeys(("born_at", "born_on", "birthdate"), Fact.BIRTH),
}


@dataclass(frozen=True)
class Audience:
    """Persons who may be reached for ``purpose`` by ``channel``, as their live grounds, read when they are used."""

    grounds: QuerySet[Ground]
    purpose: Purpose
    channel: Channel
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise NotFromTheGate("an Audience comes from rights.gate.admit")

    def count(self) -> int:
        """Return how many persons would be reached now."""
        return self.grounds.count()


@dataclass(frozen=True)
class Disclosure:
    """Persons and fields that may leave, to whom it was granted and why."""

    people: QuerySet[Person]
    fields: tuple[str, ...]
    purpose: str
    actor: Actor
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise NotFromTheGate("a Disclosure comes from rights.gate.reveal")


def admit(people: QuerySet[Person], *, purpose: Purpose, channel: Channel) -> Audience:
    """Return those of ``people`` who have a live ground and a usable contact point."""
    grounds = Ground.objects.live().for_purpose(purpose, channel)
    if _leaves_somebody_out(people):
        chosen: Any = (people if people.query.is_sliced else people.order_by()).values("pk")
        grounds = grounds.filter(person__in=chosen)
    reachable = grounds.filter(Exists(contact_points(channel).filter(person=OuterRef("person"))))
    return Audience(reachable, purpose, channel, seal=_SEAL)


def _leaves_somebody_out(people: QuerySet[Person]) -> bool:
    """Tell whether the question is about fewer than everybody; only then need the database look at it."""
    query = people.query
    return bool(query.where or query.is_sliced or query.combinator or query.distinct or len(query.alias_map) > 1)


def reveal(people: QuerySet[Person], *, actor: Actor, purpose: str, fields: Sequence[str]) -> Disclosure:
    """Return what ``actor`` may see of ``people``: those of their territory, the named fields, for a stated reason.

    Raises ValueError when no reason is given: a disclosure without purpose is not lawful (RGPD art. 5(1)(b)); Masked
    when a field holds what the actor has no need to know.
    """
    if not purpose.strip():
        raise ValueError("a disclosure needs its purpose")
    if masked := masked_fields(actor) & set(fields):
        raise Masked(", ".join(sorted(masked)))
    return Disclosure(people.visible_to(actor), tuple(fields), purpose, actor, seal=_SEAL)  # type: ignore[attr-defined]


def masked_fields(actor: Actor) -> frozenset[str]:
    """Return the fields that leave for nobody like ``actor``, under every name that a file or an answer gives them."""
    return frozenset(name for name, fact in FACTS.items() if fact in hidden_from(actor))


@dataclass(frozen=True)
class Points:
    """Where a channel reaches: a table, which of its rows it is about, and which of those may be used.

    ``faults`` say why a row may not be used, the graver first.
    """

    model: type[EmailAddress] | type[PhoneNumber] | type[PostalAddress]
    meant: Q
    usable: Q
    faults: tuple[tuple[Standing, Q], ...]


_WORKS = Q(status__in=USABLE)
_FAULTS = (
    (Standing.REFUSED, Q(status=ContactStatus.REFUSED)),
    (Standing.BOUNCING, Q(status=ContactStatus.BOUNCING)),
)
#: The one place that says what each channel needs. By the channels that are not here
#: nobody is reached: the campaign's own file only knows, and the local group has ways of its own.
POINTS: dict[Channel, Points] = {
    Channel.EMAIL: Points(EmailAddress, Q(is_primary=True), _WORKS, _FAULTS),
    Channel.SMS: Points(PhoneNumber, Q(kind=PhoneKind.MOBILE), _WORKS, _FAULTS),
    Channel.PHONE: Points(PhoneNumber, Q(), _WORKS, _FAULTS),
    Channel.POST: Points(PostalAddress, ~Q(line1="") & ~Q(postcode="") & ~Q(city=""), _WORKS, _FAULTS),
    Channel.DOOR: Points(PostalAddress, ~Q(line1=""), _WORKS, _FAULTS),
}


def contact_points(channel: Channel) -> QuerySet[Any]:
    """Return the addresses or numbers that the channel may use."""
    if channel not in POINTS:
        return EmailAddress.objects.none()
    points = POINTS[channel]
    return points.model._default_manager.filter(points.meant & points.usable)


@dataclass(frozen=True)
class Way:
    """A purpose and the channel that serves it; without a purpose, nobody may be reached by this channel."""

    channel: Channel
    purpose: Purpose | None


def ways() -> list[Way]:
    """Return the ways that people may accept or refuse, channel by channel, in the order of the channels."""
    found: list[Way] = []
    for channel in POINTS:
        purposes = [purpose for purpose, by in OPTIONAL.items() if by == channel]
        found += [Way(channel, purpose) for purpose in purposes] or [Way(channel, None)]
    return found


@dataclass(frozen=True)
class Census:
    """How many people there are, and how many stand how on each way; ``reached`` may be by one way at least."""

    people: int
    reached: int
    standings: dict[Way, Counter[Standing]]


# Each person once, with what they gave, took back and have as bits; then people of a kind counted together.
COUNT_STANDINGS = """
WITH found AS MATERIALIZED (SELECT person_id FROM ({people}) AS people (person_id)),
given AS (
    SELECT person_id, bit_or(live) AS live, bit_or(past) AS past
    FROM ({grounds}) AS grounds JOIN found USING (person_id) GROUP BY person_id
),
points AS (
    SELECT person_id, bit_or(points.usable) AS usable, bit_or(points.faulty) AS faulty
    FROM ({points}) AS points JOIN found USING (person_id) GROUP BY person_id
)
SELECT coalesce(live, 0), coalesce(past, 0), coalesce(usable, 0), coalesce(faulty, 0), count(*)
FROM found LEFT JOIN given USING (person_id) LEFT JOIN points USING (person_id)
GROUP BY 1, 2, 3, 4
"""


def census(people: QuerySet[Person]) -> Census:
    """Count how ``people`` stand on every way, in one statement.

    ``admit`` and this lean on the same grounds and the same ``POINTS``: whom one admits, the other counts.
    """
    every = ways()
    standings: dict[Way, Counter[Standing]] = {way: Counter() for way in every}
    total = reached = 0
    for live, past, usable, faulty, number in _counted(people, every):
        found = [_standing(way, bit, live, past, usable, faulty) for bit, way in enumerate(every)]
        for way, standing in zip(every, found, strict=True):
            standings[way][standing] += number
        total += number
        reached += number if Standing.ADMITTED in found else 0
    return Census(total, reached, standings)


def _counted(people: QuerySet[Person], every: list[Way]) -> list[tuple[int, int, int, int, int]]:
    try:
        parts = {
            "people": people.order_by().values("pk").query.sql_with_params(),
            "grounds": _grounds_as_bits(every).query.sql_with_params(),
            "points": _points_as_bits().query.sql_with_params(),
        }
    except EmptyResultSet:
        return []
    with connection.cursor() as cursor:
        statement = COUNT_STANDINGS.format_map({name: sql for name, (sql, _values) in parts.items()})
        cursor.execute(statement, [value for _sql, values in parts.values() for value in values])
        return list(cursor.fetchall())


def _grounds_as_bits(every: list[Way]) -> QuerySet[Ground, Any]:
    """Each ground as the bit of its way: among those that hold, or those that were taken back."""
    bit = Case(
        *(When(purpose=way.purpose, channel=way.channel, then=1 << bit) for bit, way in enumerate(every) if way.purpose)
    )
    held = When(LIVE, then=bit)
    return Ground.objects.order_by().values(
        "person_id",
        live=Case(held, default=0, output_field=IntegerField()),
        past=Case(When(~LIVE, then=bit), default=0, output_field=IntegerField()),
    )


def _points_as_bits() -> QuerySet[Any, Any]:
    """Each address and number as the bits of the channels that it serves; a fault takes one of two bits a channel."""
    tables: dict[type[Any], list[tuple[int, Points]]] = {}
    for index, points in enumerate(POINTS.values()):
        tables.setdefault(points.model, []).append((index, points))
    found: list[QuerySet[Any, Any]] = []
    for model, channels in tables.items():
        usable: Combinable = Value(0)
        faulty: Combinable = Value(0)
        for index, points in channels:
            usable = usable + Case(When(points.meant & points.usable, then=1 << index), default=0)
            for place, (_why, fault) in enumerate(points.faults):
                faulty = faulty + Case(When(points.meant & fault, then=1 << (2 * index + place)), default=0)
        found.append(
            model._default_manager.order_by().values(
                "person_id",
                usable=ExpressionWrapper(usable, IntegerField()),
                faulty=ExpressionWrapper(faulty, IntegerField()),
            )
        )
    return found[0].union(*found[1:], all=True)


def _standing(way: Way, bit: int, live: int, past: int, usable: int, faulty: int) -> Standing:
    """Read the bits of one kind of people on one way."""
    if not live >> bit & 1:
        return Standing.WITHDRAWN if past >> bit & 1 else Standing.NO_GROUND
    index = list(POINTS).index(way.channel)
    if usable >> index & 1:
        return Standing.ADMITTED
    for place, (standing, _fault) in enumerate(POINTS[way.channel].faults):
        if faulty >> (2 * index + place) & 1:
            return standing
    return Standing.NO_POINT
