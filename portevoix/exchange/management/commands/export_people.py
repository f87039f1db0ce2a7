"""``portevoix export people``: a file about people, for a stated reason, in NationBuilder's columns."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from portevoix.accounts.types import System
from portevoix.disclosure.exceptions import UnknownField
from portevoix.disclosure.selectors import ALL_FIELDS
from portevoix.disclosure.services import export_people
from portevoix.people.models import Person
from portevoix.rights import gate
from portevoix.segments import selectors as segments
from portevoix.segments.models import Segment

ACTOR = System("export people")


class Command(BaseCommand):
    help = "Writes people to a CSV file in NationBuilder’s columns, for a stated reason."
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
        try:
            disclosure = gate.reveal(
                people, actor=ACTOR, purpose=options["reason"], fields=options["fields"].split(",")
            )
            with export_people(disclosure, actor=ACTOR) as file, options["file"].open("wb") as kept:
                shutil.copyfileobj(file, kept)
        except UnknownField as error:
            raise CommandError(_("No column is called %(name)s.") % {"name": error}) from error
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from error
        size = options["file"].stat().st_size
        said = {"file": str(options["file"]), "bytes": size}
        self.stdout.write(json.dumps(said) if options["json"] else _("%(file)s: %(bytes)d bytes.") % said)
