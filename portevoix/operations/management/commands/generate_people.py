"""``portevoix generate people``: a file of people who do not exist, to try imports with."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from portevoix.operations.generation.people import Order, Summary, write
from portevoix.operations.wording import gettext as _


class Command(BaseCommand):
    help = "Writes a file of invented French people, the same for the same seed, as NationBuilder exports them."
    requires_system_checks = []
    area = "people"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--rows", type=_whole, required=True, help="How many people")
        parser.add_argument("--seed", type=int, default=1, help="Another seed, other people (default: 1)")
        parser.add_argument("--format", choices=["nationbuilder"], default="nationbuilder")
        parser.add_argument("--out", type=Path, help="File to write (default: standard output)")
        parser.add_argument("--dirt", type=_share, default=0.02, help="Share of spoilt rows, 0 to 1 (default: 0.02)")
        parser.add_argument("--first", type=_whole, default=1, help="Number of the first person (default: 1)")
        parser.add_argument("--json", action="store_true", help="Sum up as JSON: rows, bytes, sha256, flaws by kind")

    def handle(self, *args: Any, **options: Any) -> None:
        order = Order(options["rows"], options["seed"], first=options["first"], dirt=options["dirt"])
        started = perf_counter()
        try:
            with _opened(options["out"]) as out:
                summary = _watched(write(order, out), order.rows)
        except OSError as error:
            raise CommandError(
                _("%(file)s cannot be written: %(reason)s")
                % {"file": options["out"] or "-", "reason": error.strerror or error}
            ) from error
        self._tell(summary, perf_counter() - started, options)

    def _tell(self, summary: Summary, seconds: float, options: dict[str, Any]) -> None:
        """Sum up: beside the rows, never among them."""
        stream = self.stdout if options["out"] else self.stderr
        if options["json"]:
            facts = {"rows": summary.rows, "bytes": summary.bytes, "sha256": summary.sha256}
            stream.write(json.dumps(facts | {"flaws": dict(summary.flaws), "seconds": round(seconds, 3)}))
            return
        facts = {"rows": summary.rows, "spoilt": summary.flaws.total(), "size": summary.bytes / 1_000_000}
        stream.write(_("%(rows)d people, of whom %(spoilt)d spoilt; %(size).1f MB.") % facts)


def _whole(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(_("a whole number from 1 on, please"))
    return int(text)


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise ArgumentTypeError(_("a number between 0 and 1, please"))
    return share


@contextmanager
def _opened(path: Path | None) -> Iterator[BinaryIO]:
    """Open what to write to; a file gets its name when it is whole."""
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    partial = path.with_name(path.name + ".part")
    try:
        with partial.open("wb") as out:
            yield out
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _watched(steps: Iterator[Summary], rows: int) -> Summary:
    """Run to the end, with a bar on a terminal and nothing elsewhere."""
    summary = Summary()
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task(_("People"), total=rows)
        for summary in steps:
            progress.update(task, completed=summary.rows)
    return summary
