"""The house as the tests see it: its rooms in order, read from the contracts, and its files."""

from __future__ import annotations

import configparser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "portevoix"


def floors() -> dict[str, int]:
    """Return the floor of each room, 0 at the bottom, from the contract that orders the apps."""
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter")
    lines = contracts["importlinter:contract:apps"]["layers"].split("\n")
    rows = [[name.strip(" ()") for name in line.split("|")] for line in lines if line.strip()]
    return {name: floor for floor, row in enumerate(reversed(rows)) for name in row}


def rooms() -> list[Path]:
    """Return the folders of the rooms that exist."""
    return sorted(folder for folder in PACKAGE.iterdir() if (folder / "__init__.py").exists())


def sources(pattern: str = "*.py") -> list[Path]:
    """Return the product's files that match, migrations apart."""
    return sorted(path for path in PACKAGE.rglob(pattern) if "migrations" not in path.parts)
