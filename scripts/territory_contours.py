"""From outlines of communes to the contours of départements and régions: dissolved, simplified, put in boxes.

Neighbouring communes share their vertices exactly, so a contour is what remains when edges walked in both
directions cancel out. Each stretch between two meeting points (an arc) is simplified once and used by both
neighbours: no gap and no overlap can appear.
"""

from __future__ import annotations

import heapq
import itertools
import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from territory_sources import Point, Polygon, Ring

Edge = tuple[Point, Point]


def signed_area(ring: Ring) -> float:
    """Return the area in square degrees, positive when the ring runs anticlockwise."""
    return sum(ax * by - bx * ay for (ax, ay), (bx, by) in itertools.pairwise(ring)) / 2


def square_kilometres(ring: Ring) -> float:
    """Return the area on the ground, by the scale at the ring's latitude."""
    latitude = sum(y for _, y in ring) / len(ring)
    return abs(signed_area(ring)) * 111.2**2 * math.cos(math.radians(latitude))


def centroid(polygons: list[Polygon]) -> Point:
    """Return (latitude, longitude) of the centre of gravity, or the nearest place inside at the same latitude."""
    total = sum_x = sum_y = 0.0
    origin_x, origin_y = polygons[0][0][0]
    for polygon in polygons:
        for number, ring in enumerate(polygon):
            sign = 1 if (signed_area(ring) > 0) == (number == 0) else -1
            local = [(x - origin_x, y - origin_y) for x, y in ring]
            for (ax, ay), (bx, by) in itertools.pairwise(local):
                cross = (ax * by - bx * ay) * sign
                total += cross
                sum_x += (ax + bx) * cross
                sum_y += (ay + by) * cross
    x, y = origin_x + sum_x / (3 * total), origin_y + sum_y / (3 * total)
    spans = _spans(polygons, y)
    if spans and not any(west <= x <= east for west, east in spans):
        west, east = max(spans, key=lambda span: span[1] - span[0])
        x = (west + east) / 2
    return y, x


def _spans(polygons: list[Polygon], y: float) -> list[tuple[float, float]]:
    """Return the stretches of the parallel ``y`` that lie inside."""
    crossings = sorted(
        ax + (y - ay) * (bx - ax) / (by - ay)
        for polygon in polygons
        for ring in polygon
        for (ax, ay), (bx, by) in itertools.pairwise(ring)
        if (ay > y) != (by > y)
    )
    return list(zip(crossings[::2], crossings[1::2], strict=True))


def dissolve(parts: Iterable[tuple[str, Polygon]]) -> dict[str, set[Edge]]:
    """Return for each owner its outer edges, land on the left, once the edges inside have cancelled out."""
    edges: dict[str, set[Edge]] = defaultdict(set)
    for owner, polygon in parts:
        own = edges[owner]
        for number, ring in enumerate(polygon):
            anticlockwise = signed_area(ring) > 0
            walked = ring if anticlockwise == (number == 0) else ring[::-1]
            for a, b in itertools.pairwise(walked):
                if (b, a) in own:
                    own.remove((b, a))
                else:
                    own.add((a, b))
    return edges


def holes(edges: Mapping[str, set[Edge]]) -> list[Ring]:
    """Return the gaps between the outlines of all owners, each anticlockwise."""
    starts: dict[Point, list[tuple[Point, Ring]]] = defaultdict(list)
    outer: set[Edge] = set()
    for own in edges.values():
        for a, b in own:
            if (b, a) in outer:
                outer.remove((b, a))
            else:
                outer.add((a, b))
    for a, b in sorted(outer):
        starts[a].append((b, [a, b]))
    return [ring[::-1] for ring in _closed(starts) if signed_area(ring) < 0]


def arcs(edges: Mapping[str, set[Edge]]) -> list[Ring]:
    """Return the stretches of boundary between two points where boundaries meet, or closed where none does."""
    neighbours: dict[Point, set[Point]] = defaultdict(set)
    for own in edges.values():
        for a, b in own:
            neighbours[a].add(b)
            neighbours[b].add(a)
    nodes = sorted(point for point, others in neighbours.items() if len(others) != 2)
    seen: set[Edge] = set()

    def walk(start: Point, towards: Point) -> Ring:
        arc = [start, towards]
        seen.update({(start, towards), (towards, start)})
        while arc[-1] != start and len(neighbours[arc[-1]]) == 2:
            onward = next(iter(neighbours[arc[-1]] - {arc[-2]}))
            seen.update({(arc[-1], onward), (onward, arc[-1])})
            arc.append(onward)
        return arc

    found = [walk(node, to) for node in nodes for to in sorted(neighbours[node]) if (node, to) not in seen]
    for point in sorted(neighbours):
        for to in sorted(neighbours[point]):
            if (point, to) not in seen:
                found.append(walk(point, to))
    return found


def simplified(arc: Ring, tolerance: float) -> Ring:
    """Visvalingam: drop the points whose triangle is under ``tolerance`` km², smallest first; keep the ends."""
    stretch = math.cos(math.radians(arc[0][1]))
    flat = [(x * stretch * 111.2, y * 111.2) for x, y in arc]
    before = list(range(-1, len(arc) - 1))
    after = list(range(1, len(arc) + 1))

    def area(at: int) -> float:
        (ax, ay), (bx, by), (cx, cy) = flat[before[at]], flat[at], flat[after[at]]
        return abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay)) / 2

    kept = len(arc)
    least = 5 if arc[0] == arc[-1] else 2
    areas = [0.0, *(area(at) for at in range(1, len(arc) - 1)), 0.0]
    heap = [(areas[at], at) for at in range(1, len(arc) - 1)]
    heapq.heapify(heap)
    gone: set[int] = set()
    while heap and kept > least:
        size, at = heapq.heappop(heap)
        if at in gone or size != areas[at]:
            continue
        if size >= tolerance:
            break
        gone.add(at)
        kept -= 1
        before[after[at]], after[before[at]] = before[at], after[at]
        for other in (before[at], after[at]):
            if 0 < other < len(arc) - 1:
                areas[other] = max(size, area(other))
                heapq.heappush(heap, (areas[other], other))
    return [point for at, point in enumerate(arc) if at not in gone]


def rounded(arc: Ring, decimals: int) -> Ring:
    """Return the arc on the grid of ``decimals``, without the points that fell on their neighbour."""
    points: Ring = []
    for x, y in arc:
        if (point := (round(x, decimals), round(y, decimals))) not in points[-1:]:
            points.append(point)
    return points


def noded(drawn: list[Ring]) -> list[Ring]:
    """Return the arcs, each passing through the meeting points that lie on its edges."""
    ends = sorted({point for arc in drawn if arc for point in (arc[0], arc[-1])})
    return [_through(arc, ends) for arc in drawn]


def _through(arc: Ring, ends: Ring) -> Ring:
    points = arc[:1]
    for a, b in itertools.pairwise(arc):
        low, high = min(a, b), max(a, b)
        between = ends[bisect_right(ends, low) : bisect_left(ends, high)]
        onto = [point for point in between if not _turn(a, b, point)]
        points.extend(onto if a < b else onto[::-1])
        points.append(b)
    return points


def crossing(drawn: list[Ring]) -> set[int]:
    """Return the numbers of the arcs that cross themselves or another, or fold back on themselves.

    Two arcs may share a whole edge: the sliver between them was thinner than the grid.
    """
    cells: dict[tuple[int, int], list[tuple[int, Edge]]] = defaultdict(list)
    guilty: set[int] = set()
    for number, arc in enumerate(drawn):
        for a, b in itertools.pairwise(arc):
            near = {
                (column, row)
                for column in range(math.floor(min(a[0], b[0]) * 20), math.floor(max(a[0], b[0]) * 20) + 1)
                for row in range(math.floor(min(a[1], b[1]) * 20), math.floor(max(a[1], b[1]) * 20) + 1)
            }
            for cell in near:
                for other, edge in cells[cell]:
                    if _cross((a, b), edge) and (number == other or {a, b} != set(edge)):
                        guilty.update({number, other})
                cells[cell].append((number, (a, b)))
    return guilty


def _cross(one: Edge, two: Edge) -> bool:
    """Say whether two edges share anything but an end of each."""
    (a, b), (c, d) = one, two
    shared = len({a, b} & {c, d})
    if shared == 2:
        return True
    sides = (_turn(a, b, c), _turn(a, b, d), _turn(c, d, a), _turn(c, d, b))
    if shared == 1:
        return not any(sides) and _overlap(one, two)
    if not any(sides):
        return _overlap(one, two)
    return sides[0] * sides[1] <= 0 and sides[2] * sides[3] <= 0


def _turn(a: Point, b: Point, c: Point) -> int:
    cross = round(((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])) * 1e6)
    return (cross > 0) - (cross < 0)


def _overlap(one: Edge, two: Edge) -> bool:
    (a, b), (c, d) = sorted(one), sorted(two)
    return max(a, c) < min(b, d)


def reassembled(own: set[Edge], originals: list[Ring], drawn: list[Ring]) -> list[Polygon]:
    """Return the polygons of one owner, its arcs replaced by the ``drawn`` ones (an empty one is an islet dropped)."""
    starts: dict[Point, list[tuple[Point, Ring]]] = defaultdict(list)
    for original, arc in zip(originals, drawn, strict=True):
        if not arc:
            continue
        if (original[0], original[1]) in own:
            starts[original[0]].append((original[-1], arc))
        elif (original[1], original[0]) in own:
            starts[original[-1]].append((original[0], arc[::-1]))
    return _nested([ring for ring in _closed(starts) if len(ring) >= 4 and signed_area(ring)])


def _closed(starts: dict[Point, list[tuple[Point, Ring]]]) -> list[Ring]:
    """Return the rings that the stretches close; where two touch in a point, two rings rather than an eight."""
    rings: list[Ring] = []
    for origin in sorted(starts):
        while starts[origin]:
            path, stops = [starts[origin].pop()], [origin]
            while path:
                reached = path[-1][0]
                if reached not in stops:
                    stops.append(reached)
                    path.append(starts[reached].pop())
                    continue
                at = stops.index(reached)
                loop, path, stops = path[at:], path[:at], stops[:at]
                rings.append([loop[0][1][0], *(point for _, arc in loop for point in arc[1:])])
                if path:
                    stops.append(reached)
                    path.append(starts[reached].pop())
    return rings


def _nested(rings: list[Ring]) -> list[Polygon]:
    outer = [[ring] for ring in sorted(rings, key=signed_area, reverse=True) if signed_area(ring) > 0]
    for hole in rings:
        if signed_area(hole) < 0:
            around = [polygon for polygon in outer if _inside(_middle(hole), polygon[0])]
            if around:
                around[-1].append(hole)
    return outer


def _middle(ring: Ring) -> Point:
    (ax, ay), (bx, by) = ring[0], ring[1]
    return (ax + bx) / 2, (ay + by) / 2


def _inside(point: Point, ring: Ring) -> bool:
    return any(west < point[0] < east for west, east in _spans([[ring]], point[1]))


@dataclass(frozen=True)
class Box:
    """An inset: what it shows (west, south, east, north), and the corner where it is drawn."""

    code: str
    shown: tuple[float, float, float, float]
    west: float
    south: float


#: Size of a box on the map, in degrees: square on the screen at the latitude of Bordeaux.
BOX_WIDTH, BOX_HEIGHT = 1.5, 1.08
MARGIN = 0.86


def placement(box: Box) -> tuple[float, float, float, float]:
    """Return (a, b, c, d) such that longitude → a + b·longitude and latitude → c + d·latitude fill the box.

    Shapes keep their proportions on a Mercator screen.
    """
    west, south, east, north = box.shown
    real = math.cos(math.radians((south + north) / 2))
    drawn = math.cos(math.radians(box.south + BOX_HEIGHT / 2))
    scale = MARGIN * min(BOX_WIDTH / ((east - west) * real), BOX_HEIGHT / ((north - south) * drawn))
    b, d = scale * real, scale * drawn
    a = box.west + BOX_WIDTH / 2 - b * (east + west) / 2
    c = box.south + BOX_HEIGHT / 2 - d * (north + south) / 2
    return a, b, c, d
