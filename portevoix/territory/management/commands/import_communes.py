"""``portevoix import communes``: the official list of communes, from the package into the database."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from portevoix.accounts.types import System
from portevoix.territory import services


class Command(BaseCommand):
    help = "Loads the official list of communes; run again after an upgrade, it changes only what changed."
    area = "people"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="Print the counts as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        loaded = services.import_communes(actor=System("import communes"))
        if options["json"]:
            self.stdout.write(json.dumps(asdict(loaded)))
            return
        self.stdout.write(
            _("%(communes)d communes, %(postcodes)d names by postcode; %(changed)d changes.") % asdict(loaded)
        )
