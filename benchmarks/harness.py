"""Measures ours and a reference by turns in one run, and keeps the medians in `results.json`."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar, Literal

from django.core.management import call_command
from django.db import connection, connections

RESULTS = Path(__file__).with_name("results.json")
TEMPLATE = "portevoix"
#: Databases of this run that several benchmarks share.
_kept: set[str] = set()


class Benchmark:
    """One comparison. Subclass it, decorate with `@register`, return from `ours` and `reference` a figure in `unit`.

    `set_up` finds an empty, migrated database that is this benchmark's own; both sides use it, with the same
    settings. Whatever must not count (making data, cleaning) goes in `set_up` and `between`. Benchmarks that only read
    and have one name in `shares` have one database in a run, filled by the `fill` of the first.
    """

    name: ClassVar[str]
    #: How many things one measure handles.
    n: ClassVar[int]
    unit: ClassVar[str]
    #: Limit of ours / reference …
    goal: ClassVar[float]
    #: … and the side of it on which ours must be: rates at least, times at most.
    side: ClassVar[Literal["at least", "at most"]]
    rounds: ClassVar[int] = 5
    #: MiB that our side may take, if the issue sets a limit.
    memory_limit: ClassVar[float | None] = None
    #: Whether the memory of the database's own process for us counts too, where it does the work.
    counts_database: ClassVar[bool] = False
    #: The most that our side may be by itself, in `unit`, if the issue sets a limit.
    most: ClassVar[float | None] = None
    shares: ClassVar[str] = ""
    #: Whether it is left out wherever a lighter one is meant too.
    on_request: ClassVar[bool] = False

    def fill(self) -> None:
        """Make what all that share the database need."""

    def set_up(self) -> None:
        """Make what both sides need."""

    def between(self) -> None:
        """Bring things back to where each measure begins; called before each."""

    def ours(self) -> float:
        raise NotImplementedError

    def reference(self) -> float:
        raise NotImplementedError

    def tear_down(self) -> None:
        """Stop what `set_up` started."""


BENCHMARKS: dict[str, type[Benchmark]] = {}


def register(benchmark: type[Benchmark]) -> type[Benchmark]:
    """Make a benchmark known to `make bench`."""
    BENCHMARKS[benchmark.name] = benchmark
    return benchmark


@dataclass(frozen=True)
class Row:
    """One line of `results.json`."""

    name: str
    n: int
    unit: str
    ours: float
    reference: float
    ratio: float
    goal: str
    peak_mib: float
    at: str

    @property
    def shown(self) -> str:
        return (
            f"{self.name:<22} {self.n:>9} {self.ours:>12,.1f} {self.reference:>12,.1f} {self.unit:<12}"
            f" {self.ratio:>7.3f} ({self.goal})  {self.peak_mib:>6.0f} MiB"
        )


def measure(kind: type[Benchmark], say: Callable[[str], None]) -> tuple[Row, bool]:
    """Run one benchmark; return its row and whether it reached its goal."""
    ours: list[float] = []
    reference: list[float] = []
    peak = 0.0
    with own_database(kind.shares or kind.name, keeps=bool(kind.shares)) as is_new:
        benchmark = kind()
        try:
            if is_new:
                benchmark.fill()
            benchmark.set_up()
            for number in range(kind.rounds):
                # Neither side is always the one that finds the caches warm.
                for is_ours in (number % 2 == 0, number % 2 != 0):
                    benchmark.between()
                    if is_ours:
                        processes = ["self", *([str(backend())] if kind.counts_database else [])]
                        forget_peak(processes)
                        ours.append(benchmark.ours())
                        peak = max(peak, peak_mib(processes))
                    else:
                        reference.append(benchmark.reference())
                say(f"  {number + 1}/{kind.rounds}: {ours[-1]:,.1f} against {reference[-1]:,.1f} {kind.unit}")
        finally:
            benchmark.tear_down()
    ratio = statistics.median(ours) / statistics.median(reference)
    row = Row(
        name=kind.name,
        n=kind.n,
        unit=kind.unit,
        ours=round(statistics.median(ours), 2),
        reference=round(statistics.median(reference), 2),
        ratio=round(ratio, 3),
        goal=f"{'>=' if kind.side == 'at least' else '<='} {kind.goal}"
        + ("" if kind.most is None else f" and <= {kind.most:,.0f} {kind.unit}"),
        peak_mib=round(peak, 1),
        at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    is_reached = ratio >= kind.goal if kind.side == "at least" else ratio <= kind.goal
    is_reached = is_reached and (kind.most is None or row.ours <= kind.most)
    return row, is_reached and (kind.memory_limit is None or peak <= kind.memory_limit)


def keep(row: Row) -> None:
    """Write a row over the former one of its name."""
    rows = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else []
    rows = [other for other in rows if other["name"] != row.name] + [vars(row)]
    rows.sort(key=lambda other: other["name"])
    RESULTS.write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n", "utf-8")


@contextmanager
def timed() -> Iterator[Callable[[], float]]:
    """Give a function that tells the seconds since the block began, or that it took once it has ended."""
    began = time.perf_counter()
    ended: float | None = None
    yield lambda: (ended or time.perf_counter()) - began
    ended = time.perf_counter()


@contextmanager
def own_database(name: str, *, keeps: bool = False) -> Iterator[bool]:
    """Run the block on a fresh copy of the migrated database; `keeps` it for the next that asks.

    Gives whether the copy is fresh. What is kept goes with the cluster, at the end of the run.
    """
    copy = "bench_" + "".join(sign if sign.isalnum() else "_" for sign in name)
    is_new = copy not in _kept
    _use("postgres")
    if is_new:
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{copy}" WITH (FORCE)')
            cursor.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{TEMPLATE}"')
    _use(copy)
    try:
        yield is_new
        if keeps:
            _kept.add(copy)
    finally:
        _use("postgres")
        if copy not in _kept:
            with connection.cursor() as cursor:
                cursor.execute(f'DROP DATABASE "{copy}" WITH (FORCE)')


def make_template() -> None:
    """Migrate the database that all others are copied from."""
    call_command("migrate", verbosity=0)


def _use(name: str) -> None:
    default = connections["default"]
    default.close()
    default.close_pool()  # type: ignore[attr-defined]
    default.settings_dict["NAME"] = name


def backend() -> int:
    """Return the process of the database that answers this connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def forget_peak(processes: Sequence[str]) -> None:
    """Begin again to watch the memory of processes (Linux, proc(5))."""
    for process in processes:
        Path(f"/proc/{process}/clear_refs").write_text("5", "ascii")


def peak_mib(processes: Sequence[str]) -> float:
    """Return the most memory that processes held since `forget_peak`, all together at the worst."""
    told = [line for process in processes for line in Path(f"/proc/{process}/status").read_text("ascii").splitlines()]
    return sum(int(line.split()[1]) for line in told if line.startswith("VmHWM:")) / 1024
