"""Reads of the calendar: where silence holds, and until when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Min

from portevoix.kernel import clock
from portevoix.territory.models import Departement, Election, SilentHours
from portevoix.territory.rules import silence


def silent_until(at: datetime, ahead: timedelta = timedelta()) -> dict[str, datetime]:
    """Return where silence holds, or begins within ``ahead``: départements, and its last end in each.

    Empty but for some days of a year. The département of people whose own is not known is empty.
    """
    found: dict[str, datetime] = {}
    rows = SilentHours.objects.running(at, ahead).order_by("ends_at")
    for departement, ends_at in rows.values_list("departement", "ends_at"):
        found[departement] = ends_at
    return found


def silence_held(at: datetime, departement: str) -> datetime | None:
    """Return the end of the silence that held in a département at a moment, now or in the past; None without one."""
    held = SilentHours.objects.held(at).filter(departement=departement).order_by("-ends_at")
    return held.values_list("ends_at", flat=True).first()


def next_beginning(at: datetime) -> datetime | None:
    """Return when silence begins next after a moment, wherever that is."""
    return SilentHours.objects.filter(begins_at__gt=at).aggregate(first=Min("begins_at"))["first"]  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Hours:
    """A silence as people read it: the hours of Paris, and whose they are."""

    begins_at: datetime
    ends_at: datetime
    places: tuple[str, ...]
    #: Nobody named: the strictest hours, of whoever's département is not known.
    is_of_unknown: bool = False


@dataclass(frozen=True)
class RoundHours:
    """One round: its day, and its silences, the earliest first."""

    number: int
    on: date
    hours: tuple[Hours, ...]


def rounds_of(elections: Iterable[Election]) -> dict[int, list[RoundHours]]:
    """Return the rounds of elections by id, silences of the same hours put together: two queries for all."""
    found = list(elections)
    rows = SilentHours.objects.filter(election__in=found).order_by("begins_at", "ends_at", "departement")
    names = dict(Departement.objects.values_list("code", "name"))
    together: dict[tuple[int, int], dict[tuple[datetime, datetime], list[str]]] = {}
    for row in rows:
        of_round = together.setdefault((row.election_id, row.round), {})
        of_round.setdefault((row.begins_at, row.ends_at), []).append(row.departement)
    return {
        one.pk: [
            RoundHours(number, day, tuple(_hours(together.get((one.pk, number), {}), names)))
            for number, day in one.rounds
        ]
        for one in found
    }


def _hours(together: dict[tuple[datetime, datetime], list[str]], names: dict[str, str]) -> Iterable[Hours]:
    for (begins_at, ends_at), codes in together.items():
        places = tuple(names[code] for code in codes if code in names)
        yield Hours(begins_at, ends_at, places, silence.NOWHERE in codes)


def next_silence() -> SilentHours | None:
    """Return the silence that holds, or the next to begin, wherever that is."""
    rows = SilentHours.objects.filter(ends_at__gt=clock.now()).order_by("begins_at", "departement")
    return rows.select_related("election").first()
