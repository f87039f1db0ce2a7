"""The gate: the only maker of an Audience (who may be written to) and of a Disclosure (what may be shown or written).

A guard-rail for code, not a wall: the wall is the outbox's key and trigger in the database.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import InitVar, dataclass
from datetime import datetime
from functools import reduce
from operator import add
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BigIntegerField, Case, Exists, OuterRef, Q, QuerySet, Value, When

from portevoix.accounts.rules import hidden_from
from portevoix.accounts.types import Actor, Fact
from portevoix.kernel import clock
from portevoix.people.models import EmailAddress, Person, PhoneNumber, PostalAddress
from portevoix.people.types import USABLE, ContactStatus, PhoneKind
from portevoix.rights.exceptions import Masked, NotFromTheGate
from portevoix.rights.models import LAPSED, LIVE, Ground
from portevoix.rights.purposes import OPTIONAL, YOUNGEST, Advertising, Channel, Purpose
from portevoix.rights.types import Standing
from portevoix.territory.selectors import elections

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
    advertising: Advertising
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise NotFromTheGate("an Audience comes from rights.gate.admit")

    def count(self) -> int:
        """Return how many persons would be reached now."""
        return self.grounds.count()

    @property
    def silent_until(self) -> Mapping[str, datetime]:
        """Where electoral silence holds now, and until when: départements, empty for people whose own is not known.

        What is sent to them waits until then (code électoral, art. L. 49); what a person asked for does not.
        """
        return elections.silent_until(clock.now()) if self.purpose in OPTIONAL else {}


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


def admit(
    people: QuerySet[Person], *, purpose: Purpose, channel: Channel, advertising: Advertising = Advertising.NONE
) -> Audience:
    """Return those of ``people`` who have a live ground and a usable contact point, restricted ones (art. 18) apart.

    A political advertisement leaves out who is known to be under 17; one that is targeted, everybody who did not
    agree to that, and whose age is not known (regulation (EU) 2024/900, art. 18).
    """
    grounds = Ground.objects.live().for_purpose(purpose, channel)
    if purpose in OPTIONAL:  # what the person themselves asked for still reaches them
        grounds = grounds.filter(~Exists(Person.objects.restricted().filter(pk=OuterRef("person"))))
    if _leaves_somebody_out(people):
        chosen: Any = (people if people.query.is_sliced else people.order_by()).values("pk")
        grounds = grounds.filter(person__in=chosen)
    reachable = _as_advertised(
        grounds.filter(Exists(contact_points(channel).filter(person=OuterRef("person")))), advertising
    )
    return Audience(reachable, purpose, channel, advertising, seal=_SEAL)


def _as_advertised(grounds: QuerySet[Ground], advertising: Advertising) -> QuerySet[Ground]:
    born_by = clock.months_later(clock.today(), -12 * YOUNGEST)
    if advertising == Advertising.GENERAL:
        return grounds.filter(Q(person__born_on=None) | Q(person__born_on__lte=born_by))
    if advertising == Advertising.TARGETED:
        agreed = Ground.objects.in_use(Purpose.TARGETING).filter(person=OuterRef("person"))
        return grounds.filter(Exists(agreed), person__born_on__lte=born_by)
    return grounds


def _leaves_somebody_out(people: QuerySet[Person]) -> bool:
    """Tell whether the question is about fewer than everybody; only then need the database look at it."""
    query = people.query
    return bool(query.where or query.is_sliced or query.combinator or query.distinct or len(query.alias_map) > 1)


def reveal(
    people: QuerySet[Person], *, actor: Actor, purpose: str, fields: Sequence[str], to_themselves: bool = False
) -> Disclosure:
    """Return what ``actor`` may see of ``people``: those of their territory, the named fields, for a stated reason.

    Whose data is restricted is in nothing that leaves, but in what is given ``to_themselves`` (RGPD art. 15, 18(2)).
    Raises ValueError when no reason is given: a disclosure without purpose is not lawful (RGPD art. 5(1)(b)); Masked
    when a field holds what the actor has no need to know.
    """
    if not purpose.strip():
        raise ValueError("a disclosure needs its purpose")
    if masked := masked_fields(actor) & set(fields):
        raise Masked(", ".join(sorted(masked)))
    shown = people.visible_to(actor)  # type: ignore[attr-defined]
    if not to_themselves:
        shown = shown.unrestricted()
    return Disclosure(shown, tuple(fields), purpose, actor, seal=_SEAL)


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
#: nothing leaves: the local group has ways of its own, and the campaign's file is no way to anybody.
POINTS: dict[Channel, Points] = {
    Channel.EMAIL: Points(EmailAddress, Q(is_primary=True), _WORKS, _FAULTS),
    Channel.SMS: Points(PhoneNumber, Q(kind=PhoneKind.MOBILE), _WORKS, _FAULTS),
    Channel.PHONE: Points(PhoneNumber, Q(), _WORKS, _FAULTS),
    Channel.POST: Points(PostalAddress, ~Q(line1="") & ~Q(postcode="") & ~Q(city=""), _WORKS, _FAULTS),
    Channel.DOOR: Points(PostalAddress, ~Q(line1=""), _WORKS, _FAULTS),
}


def contact_points(channel: Channel) -> QuerySet[Any]:
    """Return the addresses or numbers that the channel may use."""
    points = POINTS.get(channel)
    if points is None:
        return EmailAddress.objects.none()
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


# What each person gave, took back and has, as bits: everything is read once, and people of a kind counted together.
COUNT_STANDINGS = """
WITH found AS MATERIALIZED (SELECT person_id FROM ({people}) AS people (person_id))
SELECT bits, count(*) FROM (
    SELECT person_id, bit_or(bits) AS bits FROM (
        SELECT person_id, 0::bigint AS bits FROM found
        UNION ALL SELECT person_id, bits FROM ({grounds}) AS grounds {among}
        UNION ALL SELECT person_id, bits FROM ({points}) AS points {among}
    ) AS facts GROUP BY person_id
) AS persons GROUP BY bits
"""
AMONG = "WHERE person_id IN (SELECT person_id FROM found)"


def census(people: QuerySet[Person]) -> Census:
    """Count how ``people`` stand on every way, in one statement.

    ``admit`` and this lean on the same grounds and the same ``POINTS``: whom one admits, the other counts.
    """
    every = ways()
    standings: dict[Way, Counter[Standing]] = {way: Counter() for way in every}
    total = reached = 0
    for bits, number in _counted(people, every):
        found = [_standing(way, index, len(every), bits) for index, way in enumerate(every)]
        for way, standing in zip(every, found, strict=True):
            standings[way][standing] += number
        total += number
        reached += number if Standing.ADMITTED in found else 0
    return Census(total, reached, standings)


def _counted(people: QuerySet[Person], every: list[Way]) -> list[tuple[int, int]]:
    try:
        parts = {
            "people": people.order_by().values("pk").query.sql_with_params(),
            "grounds": _grounds_as_bits(every).query.sql_with_params(),
            "points": _points_as_bits(4 * len(every)).query.sql_with_params(),
        }
    except EmptyResultSet:
        return []
    statement = COUNT_STANDINGS.format(
        **{name: sql for name, (sql, _values) in parts.items()}, among=AMONG if _leaves_somebody_out(people) else ""
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [value for _sql, values in parts.values() for value in values])
        return list(cursor.fetchall())


# The bits of a person, from the lowest: a ground that holds, for each way; one that was taken back, for each way; one
# that holds of somebody restricted, for each way; one whose time was over, for each way; then for each channel three:
# something usable, and what is wrong with the rest, in the order of its faults.


def _grounds_as_bits(every: list[Way]) -> QuerySet[Ground, Any]:
    cases = []
    for index, way in enumerate(every):
        if way.purpose:
            meant = Q(purpose=way.purpose, channel=way.channel)
            cases.append(When(meant & LIVE & Q(is_held=True), then=Value(1 << (2 * len(every) + index))))
            cases.append(When(meant & LIVE, then=Value(1 << index)))
            cases.append(When(meant & LAPSED, then=Value(1 << (3 * len(every) + index))))
            cases.append(When(meant & ~LIVE, then=Value(1 << (len(every) + index))))
    bits = Case(*cases, default=Value(0), output_field=BigIntegerField())
    return Ground.objects.order_by().values("person_id", bits=bits)


def _points_as_bits(lowest: int) -> QuerySet[Any, Any]:
    tables: dict[type[Any], list[Case]] = {}
    for index, points in enumerate(POINTS.values()):
        meanings = [points.usable, *(fault for _why, fault in points.faults)]
        for place, meaning in enumerate(meanings):
            bit = Value(1 << (lowest + 3 * index + place))
            has = Case(When(points.meant & meaning, then=bit), default=Value(0), output_field=BigIntegerField())
            tables.setdefault(points.model, []).append(has)
    found: list[QuerySet[Any, Any]] = [
        model._default_manager.order_by().values("person_id", bits=reduce(add, cases))
        for model, cases in tables.items()
    ]
    first, *others = found
    return first.union(*others, all=True)


def _standing(way: Way, index: int, ways: int, bits: int) -> Standing:
    """Read the bits of one kind of people on one way."""
    if bits >> (2 * ways + index) & 1:
        return Standing.RESTRICTED
    if not bits >> index & 1:
        ends = ((ways, Standing.WITHDRAWN), (3 * ways, Standing.LAPSED))
        return next((standing for lowest, standing in ends if bits >> (lowest + index) & 1), Standing.NO_GROUND)
    lowest = 4 * ways + 3 * list(POINTS).index(way.channel)
    if bits >> lowest & 1:
        return Standing.ADMITTED
    faults = enumerate(POINTS[way.channel].faults, lowest + 1)
    return next((standing for bit, (standing, _fault) in faults if bits >> bit & 1), Standing.NO_POINT)
