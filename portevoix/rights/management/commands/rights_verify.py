"""``portevoix rights verify``: proves that the ledger of consents is whole, or tells the first broken entry."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from portevoix.accounts.types import System
from portevoix.rights import services
from portevoix.rights.exceptions import ReceiptUnreadable
from portevoix.rights.rules import Receipt
from portevoix.rights.types import Verification


class Command(BaseCommand):
    help = "Proves that no consent was altered, removed or added behind the ledger’s back; exit code 1 if one was."
    area = "rights"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--receipt", help="A receipt of a former verification, which must still be true")
        parser.add_argument("--since", help="The same, and only what came after it is read")
        parser.add_argument("--json", action="store_true", help="Print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(settings.LANGUAGE_CODE):
            found = self._verify(_read(options["since"]), _read(options["receipt"]), shows=not options["json"])
            if options["json"]:
                broken = asdict(found.broken) | {"text": str(found.broken)} if found.broken else None
                self.stdout.write(json.dumps(asdict(found) | {"broken": broken}, ensure_ascii=False))
            elif found.broken:
                self.stderr.write(f"✗ {found.broken}")
            else:
                self.stdout.write("✓ " + _("The ledger is whole: %(count)d entries.") % {"count": found.entries})
                self.stdout.write(_("Receipt, to be kept elsewhere: %(receipt)s") % {"receipt": found.receipt})
        if found.broken:
            sys.exit(1)

    def _verify(self, since: Receipt | None, kept: Receipt | None, *, shows: bool) -> Verification:
        console = Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console, disable=not (shows and console.is_terminal)) as bar:
            line = bar.add_task(_("Entries"), total=None)
            return services.verify(
                since=since,
                kept=kept,
                progress=lambda done, total: bar.update(line, completed=done, total=total),
                actor=System("rights verify"),
            )


def _read(text: str | None) -> Receipt | None:
    try:
        return Receipt.read(text) if text else None
    except ReceiptUnreadable as error:
        raise CommandError(_("“%(text)s” is not a receipt.") % {"text": text}) from error
