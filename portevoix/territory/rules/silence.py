"""When a campaign must be silent: hours of each place, without a database.

Code électoral, art. L. 49 (version in force since 30 June 2020, read on 30 November 2026): from zero hours of the day
before the poll nothing of propaganda is handed out or sent, no series of calls is made, no meeting is held. The day
before the poll is that of each place: where one votes on Saturday, silence begins on Friday (Conseil constitutionnel,
« Quelles sont les conséquences de la tenue du scrutin le samedi », presidential election of 2012).

The article says from when, not until when. Here it lasts until the last lawful hour of closing (20 h, art. R. 41),
and where others of the same election vote later, until theirs: the poll is one.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from portevoix.kernel.clock import PARIS
from portevoix.territory.types import ElectionKind, Silence

#: A place whose clocks differ from Paris; Polynesia has three hours, and is silent from the first to the last.
ZONES: dict[str, tuple[ZoneInfo, ...]] = {
    "971": (ZoneInfo("America/Guadeloupe"),),
    "972": (ZoneInfo("America/Martinique"),),
    "973": (ZoneInfo("America/Cayenne"),),
    "974": (ZoneInfo("Indian/Reunion"),),
    "975": (ZoneInfo("America/Miquelon"),),
    "976": (ZoneInfo("Indian/Mayotte"),),
    "977": (ZoneInfo("America/St_Barthelemy"),),
    "978": (ZoneInfo("America/Marigot"),),
    "986": (ZoneInfo("Pacific/Wallis"),),
    "987": (ZoneInfo("Pacific/Tahiti"), ZoneInfo("Pacific/Marquesas"), ZoneInfo("Pacific/Gambier")),
    "988": (ZoneInfo("Pacific/Noumea"),),
}
#: Where one votes the Saturday before, when all of France votes on Sunday (loi 62-1292, art. 3, II, for the president;
#: the same places for deputies and for the European Parliament). French citizens in America vote on that day too.
EARLY = ("971", "972", "973", "975", "977", "978", "987")
#: Kinds for which they do; everywhere else all vote on the same day.
EARLY_KINDS = (
    ElectionKind.PRESIDENTIAL,
    ElectionKind.LEGISLATIVE,
    ElectionKind.EUROPEAN,
    ElectionKind.REFERENDUM,
)
#: Whoever's place is not known, abroad included, is spared by the strictest hours.
NOWHERE = ""
CLOSING = time(20)
DAY = timedelta(days=1)


def silences(on: date, departements: Collection[str], early: Collection[str]) -> dict[str, Silence]:
    """Return the silence of each place for a round whose main day is ``on``, and the strictest, of ``NOWHERE``."""
    voting = {code: on - DAY if code in early else on for code in departements}
    closings = [_hour(code, day, CLOSING, last=True) for code, day in voting.items()]
    # A poll in two days, Saturday overseas and Sunday elsewhere, is over when metropolitan France has voted.
    end = _hour("75", on, CLOSING, last=True) if set(voting.values()) == {on, on - DAY} else None
    found = {
        code: Silence(_hour(code, day - DAY, time.min, last=False), max(closing, end or closing))
        for (code, day), closing in zip(voting.items(), closings, strict=True)
    }
    if found:
        begins, ends = [one.begins_at for one in found.values()], [one.ends_at for one in found.values()]
        found[NOWHERE] = Silence(min(begins), max(ends))
    return found


def _hour(departement: str, day: date, hour: time, *, last: bool) -> datetime:
    """Return when clocks show an hour there: the first of them, or the last."""
    moments = [datetime.combine(day, hour, zone) for zone in ZONES.get(departement, (PARIS,))]
    # Two datetimes of one zone compare by what clocks show: only moments of UTC are in real order.
    return (max if last else min)(moment.astimezone(ZoneInfo("UTC")) for moment in moments)
