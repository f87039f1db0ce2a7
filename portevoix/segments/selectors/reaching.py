"""A census as a table: each way of reaching people, how many it reaches, and why not the others."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext

from portevoix.rights.gate import Census, Way
from portevoix.rights.types import Standing


@dataclass(frozen=True)
class ReachRow:
    """One way of reaching people."""

    channel: str
    purpose: str
    reached: int
    people: int
    #: Why the others cannot be reached, the most frequent reason first, with their number.
    reasons: list[tuple[str, int]]

    @property
    def share(self) -> str:
        """Hundredths of the people found, for a bar: what is not nothing is always seen."""
        if not self.reached:
            return "0"
        return f"{max(self.reached * 100 / self.people, 1):.2f}"


def reach_rows(census: Census | None) -> list[ReachRow]:
    """Return the table of a census, channel by channel."""
    if census is None:
        return []
    return [_row(way, census) for way in census.standings]


def _row(way: Way, census: Census) -> ReachRow:
    standings = census.standings[way]
    reasons = [
        (str(standing.label), number) for standing, number in standings.most_common() if standing != Standing.ADMITTED
    ]
    if way.purpose is None:
        reasons = [(gettext("no purpose is declared for this channel"), census.people)] if census.people else []
    return ReachRow(
        channel=str(way.channel.label),
        purpose=str(way.purpose.label) if way.purpose else "",
        reached=standings[Standing.ADMITTED],
        people=census.people,
        reasons=reasons,
    )
