"""``portevoix rights rebuild``: makes the consents in use what the ledger says."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portevoix.accounts.types import System
from portevoix.rights import services

FATES = {
    "missing": gettext_lazy("in the ledger, not in use"),
    "different": gettext_lazy("not what the ledger says"),
    "unknown": gettext_lazy("in use, unknown to the ledger: withdrawn"),
    "unproven": gettext_lazy("without the proof that the ledger has the fingerprint of"),
}


class Command(BaseCommand):
    help = "Rebuilds the consents in use from the ledger."
    area = "rights"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Show the differences, change nothing")
        parser.add_argument("--json", action="store_true", help="Print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        found = services.rebuild(dry_run=options["dry_run"], actor=System("rights rebuild"))
        if options["json"]:
            self.stdout.write(json.dumps(asdict(found) | {"total": found.total}, ensure_ascii=False))
            return
        with translation.override(settings.LANGUAGE_CODE):
            if not found.total:
                self.stdout.write("✓ " + _("The consents in use are those of the ledger."))
            for fate, count in found.counts.items():
                self.stdout.write(f"{count:>9}  {FATES[fate]}")
            for one in found.differences:
                fields = f" ({', '.join(one.fields)})" if one.fields else ""
                self.stdout.write(f"{one.ground:>9}  {FATES[one.fate]}{fields}")
