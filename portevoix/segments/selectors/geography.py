"""Where people live: counted in one statement, then gathered by département or by hexagon."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import h3
from django.db.models import Count, Sum

from portevoix.accounts.types import Actor
from portevoix.kernel import normalise
from portevoix.segments.selectors.asking import LEAST, is_about_opinions
from portevoix.segments.selectors.finding import people_who
from portevoix.segments.types import Group
from portevoix.territory import rules as places
from portevoix.territory.models import Commune, Departement
from portevoix.territory.selectors import placements

#: Resolutions of H3 that are drawn: cells of some 1,800 and 250 km².
RESOLUTIONS = (4, 5)
#: Decimals of a degree on the map: a hundred metres.
DECIMALS = 3


@dataclass(frozen=True)
class Area:
    """A département and how many of those asked for live in it."""

    code: str
    name: str
    people: int
    population: int

    @property
    def is_few(self) -> bool:
        """Whether the number must not be told."""
        return 0 < self.people < LEAST

    @property
    def rate(self) -> float | None:
        """How many of 10,000 inhabitants; not told where the number is not."""
        return None if self.is_few or not self.population else round(self.people * 10_000 / self.population, 2)


@dataclass(frozen=True)
class Spread:
    """How people are spread: by département, and those whose commune is not known."""

    areas: list[Area]
    elsewhere: int


#: Where a row of the count is: a département and a cell of resolution 5.
Counted = Counter[tuple[str, str]]


def counted(question: Group, actor: Actor) -> Counted:
    """Return how many of those found live in each cell of each département; nowhere is ("", "")."""
    people = people_who(question, actor, for_figures=True).order_by()
    rows = people.values_list("commune__departement", "commune__h3_5").annotate(Count("pk"))
    return Counter({(departement or "", cell or ""): number for departement, cell, number in rows})


def spread(question: Group, actor: Actor) -> Spread:
    """Return the figures of every département that ``actor`` may see, by name."""
    totals: Counter[str] = Counter()
    for (departement, _cell), number in counted(question, actor).items():
        totals[departement] += number
    inhabitants = dict(Commune.objects.whole().order_by().values_list("departement").annotate(Sum("population")))
    seen = Departement.objects.all()
    if actor.departements is not None:
        seen = seen.filter(pk__in=actor.departements)
    areas = [Area(one.code, one.name, totals[one.code], inhabitants.get(one.code) or 0) for one in seen]
    return Spread(sorted(areas, key=lambda area: normalise.sort_key(area.name)), totals[""])


def hexagons(question: Group, actor: Actor, resolution: int) -> dict[str, Any]:
    """Return the cells in which those found live, as GeoJSON; a few people are told as few, never as a number.

    Opinions are told by département and no closer: a cell is some villages.
    """
    if is_about_opinions(question):
        return {"type": "FeatureCollection", "features": []}
    return {"type": "FeatureCollection", "features": list(_features(counted(question, actor), resolution))}


def _features(cells: Counted, resolution: int) -> Iterator[dict[str, Any]]:
    gathered: Counter[tuple[str, str]] = Counter()
    overseas = placements()
    for (departement, cell), number in cells.items():
        if cell:
            # A cell may lie in two départements; overseas alone is drawn somewhere else than where it is.
            box = departement if departement in overseas else ""
            gathered[box, h3.cell_to_parent(cell, resolution) if resolution < 5 else cell] += number
    for (box, cell), number in sorted(gathered.items()):
        yield {
            "type": "Feature",
            "properties": {"people": number} if number >= LEAST else {"few": True},
            "geometry": {"type": "Polygon", "coordinates": [_ring(cell, overseas.get(box))]},
        }


def _ring(cell: str, placement: tuple[float, float, float, float] | None) -> list[list[float]]:
    corners = [places.placed(longitude, latitude, placement) for latitude, longitude in h3.cell_to_boundary(cell)]
    ring = [[round(longitude, DECIMALS), round(latitude, DECIMALS)] for longitude, latitude in corners]
    return [*ring, ring[0]]
