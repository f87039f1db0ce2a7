"""Build the territory that Portevoix ships: communes, postcodes, départements, régions and their contours.

    .venv/bin/python scripts/build_territory.py [--packages FOLDER]

The same packages always give the same bytes. What is built is committed; ``portevoix/territory/data/SOURCES.md``
says where each column comes from and under which licence.
"""

from __future__ import annotations

import argparse
import gzip
import io
import itertools
import json
import math
from collections import defaultdict
from pathlib import Path
from typing import Any

import h3
import territory_sources as sources
from territory_contours import (
    BOX_HEIGHT,
    BOX_WIDTH,
    Box,
    arcs,
    centroid,
    crossing,
    dissolve,
    holes,
    noded,
    placement,
    reassembled,
    rounded,
    signed_area,
    simplified,
    square_kilometres,
)
from territory_sources import Outline, Point, Polygon, Ring

from portevoix.kernel.normalise import sort_key
from portevoix.territory.rules import city_key

ROOT = Path(__file__).resolve().parent.parent / "portevoix/territory"
#: Nobody lives there all year: no mayor, no voter, no postcode.
UNINHABITED = {"984", "989"}
#: New communes of 2025 whose outline is still inside that of the commune they left.
STILL_INSIDE = {"15031": "15141", "15035": "15141", "15047": "15141", "15171": "15141"}
LLIVIA = (1.956615928518631, 42.45797822496762)
#: How fine the contours are: the triangle that one dropped point may take away, in km² at the scale of the map.
TOLERANCE = 1.1
DENSE = {"75", "92", "93", "94"}
#: Islands of fewer km² are left out.
ISLET = 5.0
DROPPED = math.inf
DECIMALS = 3
RESOLUTION = 5

#: Overseas, in the order of reading: what each box shows, and where. Wallis stands for Wallis-et-Futuna, the
#: Society Islands for French Polynesia: on a telephone the whole ocean would be a handful of specks.
CROPS = {"986": (-176.35, -13.45, -176.0, -13.1), "987": (-152.0, -17.95, -149.0, -16.2)}
GRID = {
    "971": (-5.3, 45.3), "972": (-3.8, 45.3), "973": (-5.3, 44.1), "974": (-3.8, 44.1), "976": (-5.3, 42.9),
    "975": (-3.8, 42.9), "977": (-5.3, 41.1), "978": (-3.8, 41.1), "986": (-2.3, 41.1), "987": (-0.8, 41.1),
    "988": (0.7, 41.1),
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packages", type=Path, default=Path.home() / ".cache/portevoix/territory")
    folder = parser.parse_args().packages
    official = sources.official_list(folder)
    shapes = _completed(list(sources.outlines(folder)))
    communes = _communes(official["communes"], _positions(folder, official["communes"], shapes))
    _table("communes.csv.gz", communes)
    _table("postcodes.csv.gz", _postcodes(official["communes"], communes))
    inhabited = [row for row in official["departements"] if row["code"] not in UNINHABITED]
    _table("departements.csv", [_named(row) | {"region": row["region"]} for row in inhabited])
    _table("regions.csv", [_named(row) for row in official["regions"] if row["code"] not in UNINHABITED])
    _draw(inhabited, official["regions"], shapes, sources.collectivites(folder))


def _named(row: dict[str, Any]) -> dict[str, Any]:
    return {"code": row["code"], "name": row["nom"]}


def _current(row: dict[str, Any]) -> bool:
    kept = row["type"] in {"commune-actuelle", "arrondissement-municipal"}
    return kept and row["departement"] not in UNINHABITED


def _completed(shapes: list[Outline]) -> list[Outline]:
    """Give each commune its whole outline: mergers are listed before they are drawn.

    A commune without outline is the sum of its former communes; one that has only its old outline gains the gap
    that the commune it absorbed has left beside it. A gap whose merger is not told counts for the département
    only. Llívia is Spain.
    """
    communes = {shape.code: shape for shape in shapes if shape.kind == "COM"}
    without = {code for code, shape in communes.items() if not shape.polygons}
    absorbing = set()
    for shape in shapes:
        whole = communes.get(shape.parent or "")
        if shape.kind == "COMD" and whole is not None:
            if not shape.polygons:
                absorbing.add(whole.code)
            elif whole.code in without:
                whole.polygons.extend(shape.polygons)
    edges = dissolve((shape.code, polygon) for shape in communes.values() for polygon in shape.polygons)
    for gap in holes(edges):
        border = set(itertools.pairwise(gap))
        shared = {code: len(border & {(b, a) for a, b in own}) for code, own in edges.items()}
        merged = {code: shared[code] for code in absorbing if shared[code]}
        around = max(sorted(merged or shared), key=lambda code: shared[code])
        if around in merged:
            communes[around].polygons.append([gap])
        elif gap[0] != LLIVIA:
            shapes.append(Outline(around, "GAP", None, [[gap]]))
    return shapes


def _positions(folder: Path, listed: list[dict[str, Any]], shapes: list[Outline]) -> dict[str, Point]:
    """Return (latitude, longitude) of every commune."""
    polygons = {shape.code: shape.polygons for shape in shapes if shape.kind in {"COM", "ARM"}}
    for commune, whole in STILL_INSIDE.items():
        polygons[commune] = polygons[whole]
    found = {code: centroid(outline) for code, outline in polygons.items()}
    elsewhere = {row["code"]: row["nom"] for row in listed if _current(row) and row["code"] not in found}
    return found | sources.overseas_positions(folder, elsewhere)


def _communes(listed: list[dict[str, Any]], positions: dict[str, Point]) -> list[dict[str, Any]]:
    rows = []
    for row in listed:
        if not _current(row):
            continue
        latitude, longitude = (round(number, 5) for number in positions[row["code"]])
        rows.append(
            _named(row)
            | {
                "sort_key": sort_key(row["nom"]),
                "departement": row["departement"],
                "parent": row.get("commune", ""),
                "population": row.get("population", 0),
                "latitude": latitude,
                "longitude": longitude,
                "h3_5": h3.latlng_to_cell(latitude, longitude, RESOLUTION),
                "postcodes": " ".join(row["codesPostaux"]),
            }
        )
    return sorted(rows, key=lambda row: row["code"])


def _postcodes(listed: list[dict[str, Any]], communes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what an envelope may say: postcode and key of the town, with the one commune meant.

    Old names of merged communes lead to the new commune; a postcode of a single commune leads there whatever the
    town is called (empty key); « Paris » with 75011 leads to the arrondissement.
    """
    by_code = {row["code"]: row for row in communes}
    divided = {row["parent"] for row in communes}
    names: dict[tuple[str, str], str] = {}
    sharing: dict[str, set[str]] = defaultdict(set)
    for row in (row for row in communes if row["code"] not in divided):
        town = by_code[row["parent"]]["name"] if row["parent"] else row["name"]
        for code in row["postcodes"].split():
            sharing[code].add(row["code"])
            names[code, city_key(row["name"])] = names[code, city_key(town)] = row["code"]
    former = {"commune-deleguee", "commune-associee"}
    for row in (row for row in listed if row["type"] in former and row["chefLieu"] in by_code):
        for code in by_code[row["chefLieu"]]["postcodes"].split():
            names.setdefault((code, city_key(row["nom"])), row["chefLieu"])
    names |= {(code, ""): min(owners) for code, owners in sharing.items() if len(owners) == 1}
    return [{"postcode": code, "city_key": key, "commune": owner} for (code, key), owner in sorted(names.items())]


def _draw(
    departements: list[dict[str, Any]],
    regions: list[dict[str, Any]],
    shapes: list[Outline],
    overseas: dict[str, list[Polygon]],
) -> None:
    names = {"departements": {row["code"]: row["nom"] for row in departements}}
    names["regions"] = {row["code"]: row["nom"] for row in regions}
    region_of = {row["code"]: row["region"] for row in departements}
    parts = [
        (shape.code[:3] if shape.code.startswith("97") else shape.code[:2], polygon)
        for shape in shapes
        if shape.kind in {"COM", "GAP"}
        for polygon in shape.polygons
    ]
    parts += [(code, polygon) for code, outline in overseas.items() for polygon in outline if _shown(code, polygon)]
    boxes = [Box(code, _frame(code, parts), *corner) for code, corner in GRID.items()]
    placements = {box.code: placement(box) for box in boxes}
    parts = [(code, _placed(polygon, placements.get(code))) for code, polygon in parts]

    by_departement = dissolve(parts)
    originals = arcs(by_departement)
    drawn = _drawn(originals, by_departement)
    by_region = dissolve((region_of[code], polygon) for code, polygon in parts)
    _collection("departements", names["departements"], by_departement, originals, drawn)
    _collection("regions", names["regions"], by_region, originals, drawn)
    _write_json("insets.geojson", [_box_feature(box, names["departements"][box.code]) for box in boxes])


def _shown(code: str, polygon: Polygon) -> bool:
    west, south, east, north = CROPS.get(code, (-180, -90, 180, 90))
    return all(west <= x <= east and south <= y <= north for x, y in polygon[0])


def _frame(code: str, parts: list[tuple[str, Polygon]]) -> tuple[float, float, float, float]:
    points = [point for owner, polygon in parts if owner == code for point in polygon[0]]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def _placed(polygon: Polygon, by: tuple[float, float, float, float] | None) -> Polygon:
    if by is None:
        return polygon
    a, b, c, d = by
    return [[(a + b * x, c + d * y) for x, y in ring] for ring in polygon]


def _drawn(originals: list[Ring], owners: dict[str, set[Any]]) -> list[Ring]:
    """Return the arcs as the map shows them; those that simplification made to cross are drawn again.

    Finer at first; where the grid itself makes a channel close, coarser, until the channel is gone.
    """
    fineness = [_fineness(arc, owners) for arc in originals]
    drawn = [_line(arc, tolerance) for arc, tolerance in zip(originals, fineness, strict=True)]
    drawn = noded(drawn)
    for factor in (1 / 2, 1 / 4, 1 / 8, 1 / 16, 2, 4, 8, 16, 32):
        again = crossing(drawn)
        if not again:
            return drawn
        for number in again:
            drawn[number] = _line(originals[number], fineness[number] * factor)
        drawn = noded(drawn)
    raise SystemExit(f"still crossing: {[(len(originals[n]), drawn[n]) for n in sorted(again)]}")


def _line(arc: Ring, tolerance: float) -> Ring:
    line = rounded(simplified(arc, tolerance), DECIMALS)
    too_small = arc[0] == arc[-1] and (len(line) < 4 or not signed_area(line))
    return [] if too_small or tolerance == DROPPED else line


def _fineness(arc: Ring, owners: dict[str, set[Any]]) -> float:
    """Return how coarsely an arc may be drawn: Paris and its neighbours are small, an islet may go."""
    there, back = (arc[0], arc[1]), (arc[1], arc[0])
    who = [code for code, own in owners.items() if there in own or back in own]
    if arc[0] == arc[-1] and len(who) == 1 and square_kilometres(arc) < (ISLET / 20 if who[0] in GRID else ISLET):
        return DROPPED
    return TOLERANCE / 4 if who[0] in GRID else TOLERANCE / 10 if DENSE.intersection(who) else TOLERANCE


def _collection(
    name: str, names: dict[str, str], owners: dict[str, set[Any]], originals: list[Ring], drawn: list[Ring]
) -> None:
    features = []
    for code in sorted(owners):
        polygons = reassembled(owners[code], originals, drawn)
        geometry = {"type": "MultiPolygon", "coordinates": polygons}
        features.append({"type": "Feature", "properties": {"code": code, "name": names[code]}, "geometry": geometry})
    _write_json(f"{name}.geojson", features)


def _box_feature(box: Box, name: str) -> dict[str, Any]:
    a, b, c, d = placement(box)
    west, south, east, north = box.west, box.south, box.west + BOX_WIDTH, box.south + BOX_HEIGHT
    ring = [[x, y] for x, y in ((west, south), (east, south), (east, north), (west, north), (west, south))]
    return {
        "type": "Feature",
        "properties": {"code": box.code, "name": name, "placement": [round(number, 6) for number in (a, b, c, d)]},
        "geometry": {
            "type": "Polygon",
            "coordinates": [[[round(x, 3), round(y, 3)] for x, y in ring]],
        },
    }


def _write_json(name: str, features: list[dict[str, Any]]) -> None:
    path = ROOT / "static/territory/contours" / name
    content = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, separators=(",", ":"))
    path.write_text(content + "\n", encoding="utf-8")
    print(f"{path.name}: {len(features)} features, {len(content.encode()) // 1024} kB")


def _table(name: str, rows: list[dict[str, Any]]) -> None:
    """Write a table whose fields need no quotes: readers may split on commas."""
    lines = [",".join(rows[0]), *(",".join(str(value) for value in row.values()) for row in rows)]
    assert all(line.count(",") == lines[0].count(",") and '"' not in line for line in lines), name
    content = ("\n".join(lines) + "\n").encode()
    path = ROOT / "data" / name
    if path.suffix == ".gz":
        packed = io.BytesIO()
        with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=9, mtime=0, filename="") as archive:
            archive.write(content)
        content = packed.getvalue()
    path.write_bytes(content)
    print(f"{name}: {len(rows)} rows, {len(content) // 1024} kB")


if __name__ == "__main__":
    main()
