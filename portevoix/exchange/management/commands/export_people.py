"""``portevoix export people``: an encrypted file about people, for a stated reason, in NationBuilder's columns."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from portevoix.accounts.types import System
from portevoix.disclosure import tasks
from portevoix.disclosure.exceptions import NoFile, UnknownField
from portevoix.disclosure.models import Export
from portevoix.disclosure.selectors import ALL_FIELDS
from portevoix.disclosure.services import exporting
from portevoix.people.models import Person
from portevoix.rights import gate
from portevoix.segments import selectors as segments
from portevoix.segments.exceptions import InvalidTree
from portevoix.segments.models import Segment

ACTOR = System("export people")


class Command(BaseCommand):
    help = "Writes people to an encrypted archive in NationBuilder’s columns, for a stated reason."
    area = "people"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="File to write")
        parser.add_argument("--reason", required=True, help="What the file is for: kept in the journal")
        parser.add_argument("--segment", help="Name of a segment; without, everybody")
        parser.add_argument("--fields", default=",".join(ALL_FIELDS), help="Columns, separated by commas")
        parser.add_argument("--json", action="store_true", help="Print the figures as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        people = Person.objects.all()
        if options["segment"]:
            try:
                people = segments.people_of(Segment.objects.get(name=options["segment"]), ACTOR)
            except Segment.DoesNotExist as error:
                raise CommandError(_("No segment is called “%(name)s”.") % {"name": options["segment"]}) from error
            except InvalidTree as error:
                raise CommandError(str(error)) from error
        try:
            disclosure = gate.reveal(
                people, actor=ACTOR, purpose=options["reason"], fields=options["fields"].split(",")
            )
            export = exporting.order_export(disclosure, by_worker=False, actor=ACTOR)
        except UnknownField as error:
            raise CommandError(_("No column is called %(name)s.") % {"name": error}) from error
        except ValueError as error:
            raise CommandError(str(error)) from error
        said = self._taken(export.pk, options["file"])
        self.stdout.write(
            json.dumps(said)
            if options["json"]
            else _("%(file)s: %(bytes)d bytes, %(people)d people. Password, said this once: %(password)s") % said
        )

    def _taken(self, pk: int, path: Path) -> dict[str, Any]:
        """Write the export, put it where it was wanted, and keep no second copy."""
        password = exporting.show_password(pk, actor=ACTOR)
        tasks.write(pk)
        try:
            export, file = exporting.download_export(pk, actor=ACTOR)
        except NoFile:
            ended = Export.objects.get(pk=pk)
            raise CommandError(ended.get_end_display()) from None
        try:
            with file, path.open("wb") as kept:
                shutil.copyfileobj(file, kept)
        except OSError as error:
            path.unlink(missing_ok=True)
            raise CommandError(str(error)) from error
        finally:
            exporting.destroy_export(pk, actor=ACTOR)
        return {"export": pk, "file": str(path), "bytes": export.size, "people": export.people, "password": password}
