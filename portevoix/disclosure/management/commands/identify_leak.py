"""``portevoix identify-leak FILE|ADDRESS``: name the export that a file found outside comes from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from portevoix.accounts.types import System
from portevoix.disclosure.exceptions import Unreadable
from portevoix.disclosure.services.leaks import identify_leak
from portevoix.disclosure.types import Traces

ACTOR = System("identify leak")


class Command(BaseCommand):
    help = "Names the export that a file found outside, or an address, comes from."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("found", help="A file (text, CSV, spreadsheet, ZIP), or an address")
        parser.add_argument("--json", action="store_true", help="Print the findings as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["found"])
        try:
            if path.is_file():
                with path.open("rb") as file:
                    traces = identify_leak(file=file, actor=ACTOR)
            else:
                traces = identify_leak(text=options["found"], actor=ACTOR)
        except (OSError, Unreadable) as error:
            raise CommandError(
                _("%(file)s cannot be looked into: encrypted, damaged or too big.") % {"file": path}
            ) from error
        self.stdout.write(json.dumps(_as_json(traces)) if options["json"] else _as_text(traces))


def _as_json(traces: Traces) -> dict[str, Any]:
    return {
        "seen": traces.seen,
        "exports": [
            {
                "export": one.export.pk,
                "asked_by": one.export.asker,
                "asked_at": one.export.created_at.isoformat(),
                "reason": one.export.purpose,
                "downloads": one.export.downloads,
                "canaries_found": one.found,
                "canaries": one.hidden,
            }
            for one in traces.findings
        ],
        "known_people": traces.known,
        "same_people": [{"export": export.pk, "people": number} for export, number in traces.shared],
    }


def _as_text(traces: Traces) -> str:
    lines = [
        _("Export %(pk)d, asked by %(who)s on %(when)s for “%(why)s”: %(found)d of %(hidden)d invented contacts found.")
        % {
            "pk": one.export.pk,
            "who": one.export.asker,
            "when": date_format(localtime(one.export.created_at), "DATETIME_FORMAT"),
            "why": one.export.purpose,
            "found": one.found,
            "hidden": one.hidden,
        }
        for one in traces.findings
    ] or [_("No invented contact in it: its source cannot be named for sure.")]
    for export, number in traces.shared:
        lines.append(
            _("A hint, no proof: export %(pk)d (“%(why)s”) held %(number)d of the %(known)d people recognised.")
            % {"pk": export.pk, "why": export.purpose, "number": number, "known": traces.known}
        )
    return "\n".join(lines)
