"""``portevoix import people``: a people file, read, then let in. Killed and run again, it goes on where it was."""

from __future__ import annotations

import hashlib
import json
import shutil
from argparse import BooleanOptionalAction
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from portevoix.accounts.types import System
from portevoix.disclosure.services.answering import export_rows
from portevoix.exchange import selectors, services, tasks
from portevoix.exchange.models import ImportRun
from portevoix.exchange.types import State
from portevoix.intake.exceptions import FileRefused

ACTOR = System("import people")
BLOCK = 1024 * 1024


class Command(BaseCommand):
    help = "Imports a people file in NationBuilder’s columns; the same file again changes nothing."
    area = "people"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="CSV file, or a zip with one CSV file")
        parser.add_argument("--dry-run", action="store_true", help="Say what the file would bring, write nothing")
        parser.add_argument(
            "--consents",
            action=BooleanOptionalAction,
            default=False,
            help="Take the consents of the file over; without, people are to be asked again",
        )
        parser.add_argument("--left-aside", type=Path, help="File to write the rows left aside to, with the reasons")
        parser.add_argument("--json", action="store_true", help="Print the report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            run = self._unfinished(path)
            if run is None:
                run = services.receive_file(path.name, _blocks(path), by_worker=False, actor=ACTOR)
        except (OSError, FileRefused) as error:
            raise CommandError(str(error)) from error
        if options["dry_run"] and run.state == State.MERGING:
            raise CommandError(_("This file is being imported already: without --dry-run, the import goes on."))
        run = self._advance(run, options)
        if run.state in {State.READY, State.STOPPED}:
            if options["dry_run"]:
                services.give_up_import(run.pk, actor=ACTOR)
            else:
                services.start_import(run.pk, declares_grounds=options["consents"], by_worker=False, actor=ACTOR)
                run = self._advance(run, options)
        if run.state in {State.REFUSED, State.STOPPED}:
            raise CommandError(run.explanation)
        self._tell(run, options)

    def _unfinished(self, path: Path) -> ImportRun | None:
        """Find the import of the same file that a former process left halfway."""
        digest = hashlib.sha256()
        for block in _blocks(path):
            digest.update(block)
        return ImportRun.objects.unfinished().filter(arrival__sha256=digest.hexdigest()).first()

    def _advance(self, run: ImportRun, options: dict[str, Any]) -> ImportRun:
        console = Console(stderr=True)
        shows = console.is_terminal and not options["json"]
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
        with Progress(*columns, TimeElapsedColumn(), console=console, disable=not shows) as bar:
            line = bar.add_task(str(run), total=100)
            for step in tasks.steps(run.pk):
                bar.update(line, completed=step.progress, description=f"{step}: {step.get_state_display()}")
        return ImportRun.objects.select_related("arrival").get(pk=run.pk)

    def _tell(self, run: ImportRun, options: dict[str, Any]) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(selectors.as_json(run), ensure_ascii=False))
        else:
            for label, count in (*selectors.figures(run), *selectors.consents(run)):
                self.stdout.write(f"{count:>9}  {label}")
            for label, count, _is_whole in selectors.reasons(run):
                self.stdout.write(f"{count:>9}  {label}")
        if options["left_aside"] is not None:
            header, rows = selectors.left_aside_table(run)
            with (
                export_rows(header, rows, purpose=_("rows left aside"), about=run, actor=ACTOR) as file,
                options["left_aside"].open("wb") as kept,
            ):
                shutil.copyfileobj(file, kept)


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block
