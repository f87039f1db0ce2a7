from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from typing import Any

import h3
import pytest

from portevoix.kernel.normalise import sort_key
from portevoix.territory import readers
from portevoix.territory.rules import departement_of, placed

#: Overseas, west, south, east, north: no map of communes there is precise enough to be the judge.
FAR = {"975": (-57, 46, -56, 48), "977": (-63, 17, -62, 18), "978": (-64, 18, -62, 19)}
PACIFIC = {"986": (-179, -15, -176, -13), "987": (-155, -28, -134, -7), "988": (163, -23, 169, -19)}


@pytest.fixture(scope="module")
def communes() -> list[readers.ListedCommune]:
    return list(readers.communes())


@pytest.fixture(scope="module")
def departements() -> dict[str, str]:
    return {code: region for code, _, region in readers.rows("departements")}


def _polygons(name: str) -> dict[str, list[Any]]:
    return {f["properties"]["code"]: f["geometry"]["coordinates"] for f in readers.contours(name)["features"]}


def _placements() -> dict[str, tuple[float, float, float, float]]:
    return {
        f["properties"]["code"]: tuple(f["properties"]["placement"]) for f in readers.contours("insets")["features"]
    }


def _bounds(polygons: list[Any]) -> tuple[float, float, float, float]:
    points = [point for polygon in polygons for point in polygon[0]]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def test_the_list_is_the_official_one_with_the_arrondissements(communes: list[readers.ListedCommune]) -> None:
    parents = Counter(commune.parent for commune in communes)
    assert (parents["75056"], parents["69123"], parents["13055"]) == (20, 9, 16)
    assert 34_900 < parents[""] < 35_100
    assert len({commune.code for commune in communes}) == len(communes)


def test_every_departement_has_communes_and_a_region(
    communes: list[readers.ListedCommune], departements: dict[str, str]
) -> None:
    assert {commune.departement for commune in communes} == departements.keys()
    assert set(departements.values()) == {code for code, _ in readers.rows("regions")}


def test_keys_and_postcodes_say_what_the_rules_say(communes: list[readers.ListedCommune]) -> None:
    assert all(sort_key(commune.name) == commune.sort_key for commune in communes)
    served_from_next_door = [c for c in communes if departement_of(c.postcodes[0]) != c.departement]
    assert len(served_from_next_door) < 60


def test_every_commune_has_a_postcode_and_an_outline_on_the_map_of_hexagons(
    communes: list[readers.ListedCommune],
) -> None:
    assert all(commune.postcodes for commune in communes)
    assert all(len(code) == 5 and code.isdigit() for commune in communes for code in commune.postcodes)
    assert [c.code for c in communes if h3.latlng_to_cell(c.latitude, c.longitude, 5) != c.h3_5] == []


def test_every_centre_is_within_the_bounds_of_its_departement(communes: list[readers.ListedCommune]) -> None:
    bounds = {code: _bounds(polygons) for code, polygons in _polygons("departements").items()}
    placements = _placements()
    outside = []
    for commune in communes:
        x, y = placed(commune.longitude, commune.latitude, placements.get(commune.departement))
        west, south, east, north = bounds[commune.departement]
        if commune.departement in PACIFIC | FAR:
            x, y = commune.longitude, commune.latitude
            west, south, east, north = (PACIFIC | FAR)[commune.departement]
        if not (west - 0.05 <= x <= east + 0.05 and south - 0.05 <= y <= north + 0.05):
            outside.append((commune.name, x, y))
    assert outside == []


def test_the_contours_draw_every_departement_and_every_region(departements: dict[str, str]) -> None:
    assert _polygons("departements").keys() == departements.keys()
    assert _polygons("regions").keys() == set(departements.values())
    overseas = {code for code in departements if len(code) == 3}
    assert _placements().keys() == overseas


@pytest.mark.parametrize("name", ["departements", "regions"])
def test_neighbours_share_their_border_without_gap_or_overlap(name: str) -> None:
    walked: dict[tuple[tuple[float, float], tuple[float, float]], set[str]] = defaultdict(set)
    for code, polygons in _polygons(name).items():
        for ring in (ring for polygon in polygons for ring in polygon):
            assert ring[0] == ring[-1], code
            assert len(ring) >= 4, code
            for a, b in itertools.pairwise(ring):
                walked[tuple(a), tuple(b)].add(code)
    assert all(len(owners) == 1 for owners in walked.values()), "two owners on one side of an edge"
    shared = {frozenset((a, b)) for a, b in walked if (b, a) in walked}
    assert len(shared) > 1_000


def test_overseas_is_drawn_in_its_box_with_its_proportions() -> None:
    shapes, boxes = _polygons("departements"), _polygons_of_boxes()
    for code, box in boxes.items():
        west, south, east, north = _bounds([[box]])
        inner = _bounds(shapes[code])
        assert west < inner[0] < inner[2] < east, code
        assert south < inner[1] < inner[3] < north, code
    coast = [point for code, polygons in shapes.items() if len(code) == 2 for p in polygons for point in p[0]]
    assert [code for code, box in boxes.items() if any(_holds(_bounds([[box]]), point) for point in coast)] == []


def _polygons_of_boxes() -> dict[str, list[list[float]]]:
    return {f["properties"]["code"]: f["geometry"]["coordinates"][0] for f in readers.contours("insets")["features"]}


def _holds(bounds: tuple[float, float, float, float], point: list[float]) -> bool:
    return bounds[0] < point[0] < bounds[2] and bounds[1] < point[1] < bounds[3]


def test_the_contours_are_light_enough_for_a_telephone() -> None:
    sizes = {name: len(readers._PACKAGE.joinpath(f"static/territory/contours/{name}.geojson").read_bytes())
             for name in ("departements", "regions", "insets")}  # fmt: skip
    assert all(size <= 300_000 for size in sizes.values()), sizes
