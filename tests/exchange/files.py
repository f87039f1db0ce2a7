"""Files that come in, as campaigns send them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from portevoix.accounts.types import System
from portevoix.exchange import services, tasks
from portevoix.exchange.models import ImportRun

ACTOR = System("tests")


def text(*rows: dict[str, str]) -> bytes:
    """Return rows as CSV, titles first; every row names the same columns, or leaves some out."""
    titles = list(dict.fromkeys(name for row in rows for name in row))
    lines = [titles, *([row.get(title, "") for title in titles] for row in rows)]
    return "".join(",".join(f'"{cell}"' if "," in cell else cell for cell in line) + "\n" for line in lines).encode()


def person(number: int = 1, **known: str) -> dict[str, str]:
    """Return the row of somebody with an address; ``known`` says more."""
    row = {"nationbuilder_id": str(number), "first_name": "Maëlle", "last_name": f"Le Goff{number}"}
    return row | {"email": f"maelle{number}@mail.example"} | known


def read(content: bytes, name: str = "people.csv") -> ImportRun:
    """Send a file and have it read: the run waits for a decision, or refuses the file."""
    run = services.receive_file(name, [content], by_worker=False, actor=ACTOR)
    return advance(run)


def imported(
    *rows: dict[str, str], consents: bool = True, opinions: bool = False, name: str = "people.csv"
) -> ImportRun:
    """Let rows in, from the sending of their file to the end."""
    return imported_file(text(*rows), consents=consents, opinions=opinions, name=name)


def imported_file(
    content: bytes, *, consents: bool = True, opinions: bool = False, name: str = "people.csv"
) -> ImportRun:
    run = read(content, name)
    assert run.state == "ready", run.explanation
    services.start_import(run.pk, declares_grounds=consents, declares_opinions=opinions, by_worker=False, actor=ACTOR)
    return advance(run)


def advance(run: ImportRun) -> ImportRun:
    for _step in tasks.steps(run.pk):
        continue
    return ImportRun.objects.select_related("arrival").get(pk=run.pk)


def problems(run: ImportRun) -> list[tuple[int, list[Any]]]:
    """Return the rows left aside with their reasons."""
    rows: Iterable[Any] = run.arrival.left_aside.order_by("row_number")
    return [(row.row_number, [(str(reason), column) for reason, column in row.reasons]) for row in rows]
