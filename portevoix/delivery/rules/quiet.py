"""When no text message to a list may arrive: at night, on Sundays and public holidays, where its reader lives.

What operators and the charter of the profession (AF2M) ask for: from 8 to 20 on working days and Saturdays, and
never on Sundays and public holidays. A campaign may be stricter, never laxer. What was not sent waits; nothing is lost.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from dateutil.easter import easter

from portevoix.kernel import normalise
from portevoix.rights.rules.deadlines import holidays

EARLIEST, LATEST = time(8), time(20)
PARIS = "Europe/Paris"
#: Time zones by the code of the département or collectivity.
ZONES = {
    "971": "America/Guadeloupe",
    "972": "America/Martinique",
    "973": "America/Cayenne",
    "974": "Indian/Reunion",
    "975": "America/Miquelon",
    "976": "Indian/Mayotte",
    "977": "America/St_Barthelemy",
    "978": "America/Marigot",
    "984": "Indian/Kerguelen",
    "986": "Pacific/Wallis",
    "987": "Pacific/Tahiti",
    "988": "Pacific/Noumea",
}
#: The same by the beginning of a number, for readers whose commune is not known.
CALLING = {
    "+262639": "976",
    "+262269": "976",
    "+262": "974",
    "+590": "971",
    "+594": "973",
    "+596": "972",
    "+508": "975",
    "+681": "986",
    "+687": "988",
    "+689": "987",
}
FRENCH_POSTCODE = re.compile(r"\d{5}")
#: So often the zones of a number are asked in turn for an hour that is good in all of them.
MOST_TURNS = 40
#: Alsace and Moselle keep Good Friday and 26 December (code du travail, art. L. 3134-13).
OF_THE_RHINE = {"57", "67", "68"}
#: Commemoration of the abolition of slavery (loi 83-550; code du travail, art. L. 3422-2).
ABOLITION = {
    "971": (5, 27),
    "972": (5, 22),
    "973": (6, 10),
    "974": (12, 20),
    "976": (4, 27),
    "977": (10, 9),
    "978": (5, 28),
}


@dataclass(frozen=True)
class Hours:
    """When texts may arrive, by the clock of their reader; Sundays and holidays never."""

    earliest: time = EARLIEST
    latest: time = LATEST
    #: Whether Saturdays are quiet too.
    is_saturday_quiet: bool = False


def place(departement: str, postcode: str, number: str) -> str:
    """Return the code of the département that somebody lives in, as far as it matters here; blank for the mainland.

    Of somebody who is not known to live in France and has a number from abroad, the number.
    """
    if departement:
        return departement
    if postcode[:2] in {"97", "98"} and postcode[:3] in ZONES:
        return postcode[:3]
    if FRENCH_POSTCODE.fullmatch(postcode):
        return postcode[:2]
    home = next((code for begin, code in CALLING.items() if number.startswith(begin)), "")
    return home if home or number.startswith("+33") else number


def is_holiday(day: date, where: str) -> bool:
    """Tell whether a day is a public holiday there."""
    if day in holidays(day.year):
        return True
    if where in OF_THE_RHINE and day in {easter(day.year) - timedelta(days=2), date(day.year, 12, 26)}:
        return True
    return ABOLITION.get(where) == (day.month, day.day)


def opening(moment: datetime, where: str, hours: Hours) -> datetime:
    """Return the first moment, this one or a later, at which a text may arrive there: in each zone it may be in."""
    found = moment
    zones = _zones(where)
    for _turn in range(MOST_TURNS):
        later = max(_opening(found, zone, where, hours) for zone in zones)
        if later == found:
            return later
        found = later
    return _opening(moment, zones[0], where, hours)  # zones so far apart that they are never open together


@lru_cache(maxsize=4096)
def _zones(where: str) -> tuple[ZoneInfo, ...]:
    names = normalise.phone_zones(where) if where.startswith("+") else ()
    return tuple(ZoneInfo(name) for name in names or (ZONES.get(where, PARIS),))


def _opening(moment: datetime, zone: ZoneInfo, where: str, hours: Hours) -> datetime:
    here = moment.astimezone(zone)
    day, is_late = here.date(), here.time() >= hours.latest
    if _is_open(day, where, hours) and hours.earliest <= here.time() < hours.latest:
        return moment
    if is_late:
        day += timedelta(days=1)
    while not _is_open(day, where, hours):
        day += timedelta(days=1)
    return datetime.combine(day, hours.earliest, zone)


def _is_open(day: date, where: str, hours: Hours) -> bool:
    weekday = day.weekday()
    return weekday < (5 if hours.is_saturday_quiet else 6) and not is_holiday(day, where)
