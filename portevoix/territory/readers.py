"""The territory as the package ships it; where it comes from is in ``data/SOURCES.md``."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any, NamedTuple

_PACKAGE = files("portevoix.territory")


class ListedCommune(NamedTuple):
    """A row of the official list; ``parent`` is the commune of a municipal arrondissement, else empty."""

    code: str
    name: str
    sort_key: str
    departement: str
    parent: str
    population: int
    latitude: float
    longitude: float
    h3_5: str
    postcodes: tuple[str, ...]


def table(name: str) -> bytes:
    """Return a table as comma-separated values, header line first; no field needs quotes."""
    packed = _PACKAGE / "data" / f"{name}.csv.gz"
    return (
        gzip.decompress(packed.read_bytes()) if packed.is_file() else (_PACKAGE / "data" / f"{name}.csv").read_bytes()
    )


def rows(name: str) -> Iterator[list[str]]:
    """Yield the fields of each line of a table, without its header."""
    for line in table(name).decode().splitlines()[1:]:
        yield line.split(",")


def communes() -> Iterator[ListedCommune]:
    """Yield the official list, in the order of the codes."""
    for code, name, key, departement, parent, population, latitude, longitude, cell, postcodes in rows("communes"):
        yield ListedCommune(
            code=code,
            name=name,
            sort_key=key,
            departement=departement,
            parent=parent,
            population=int(population),
            latitude=float(latitude),
            longitude=float(longitude),
            h3_5=cell,
            postcodes=tuple(postcodes.split()),
        )


def contours(name: str) -> dict[str, Any]:
    """Return a shipped GeoJSON: "departements", "regions" or "insets"."""
    content = (_PACKAGE / "static/territory/contours" / f"{name}.geojson").read_bytes()
    collection: dict[str, Any] = json.loads(content)
    return collection
