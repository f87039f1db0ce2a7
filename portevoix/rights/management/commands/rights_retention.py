"""``portevoix rights retention``: what is kept too long, and, without ``--dry-run``, its destruction tonight."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import translation
from django.utils.translation import gettext as _

from portevoix.accounts.types import System
from portevoix.rights.models.retention import RunState
from portevoix.rights.purposes import RULE_CHOICES, Status
from portevoix.rights.selectors import retention as selectors
from portevoix.rights.services import retention

ACTOR = System("rights retention")


class Command(BaseCommand):
    help = (
        "Ends what is kept too long, as every night does; exit code 1 when somebody must confirm on the screen first."
    )
    area = "rights"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Count what is over, change nothing")
        parser.add_argument("--json", action="store_true", help="Print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(settings.LANGUAGE_CODE):
            if options["dry_run"]:
                self._tell(selectors.forecast().counts, as_json=options["json"])
                return
            run = retention.begin_retention(actor=ACTOR)
            while retention.advance_retention(run.pk, actor=ACTOR):
                continue
            run.refresh_from_db()
            if run.state == RunState.BRAKED:
                text = _(
                    "%(count)d people out of %(all)d would go: a director or the officer must confirm on the screen."
                )
                self.stderr.write(text % {"count": run.foreseen, "all": run.people})
                sys.exit(1)
            self._tell(run.counts, as_json=options["json"])

    def _tell(self, counts: dict[str, int], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(counts))
            return
        if not counts:
            self.stdout.write("✓ " + _("Nothing is kept too long."))
        labels = {**dict(RULE_CHOICES), **dict(Status.choices)}
        for name, count in sorted(counts.items()):
            self.stdout.write(f"{count:>9}  {labels[name.partition('.')[2]]}")
