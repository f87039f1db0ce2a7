"""``portevoix doctor``: what is wrong with this instance, and what to do about it."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from portevoix.operations.management.health import Finding, Level, examine

#: Programs read the keys, people the words.
ABOUT = {
    "address": _("address"),
    "auditor": _("auditor"),
    "checks": _("checks"),
    "database": _("database"),
    "disk": _("disk"),
    "jobs": _("jobs"),
    "ledger": _("ledger"),
    "protected": _("protected data"),
    "erased": _("erased people"),
    "mail": _("mail"),
    "migrations": _("migrations"),
    "schedule": _("schedule"),
    "sending": _("sending"),
    "texts": _("text messages"),
    "worker": _("worker"),
}
SIGNS = {Level.GOOD: "✓", Level.WARNING: "!", Level.FAULT: "✗"}


class Command(BaseCommand):
    help = "Looks at the instance and says what is wrong; exit code 1 where something keeps it from working."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="One JSON list, for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(settings.LANGUAGE_CODE):
            findings = list(examine())
            if options["json"]:
                self.stdout.write(json.dumps([_as_dict(finding) for finding in findings], ensure_ascii=False))
            else:
                for finding in findings:
                    self.stdout.write(f"{SIGNS[finding.level]} {ABOUT[finding.about]!s:<16} {finding.text}")
        if any(finding.level is Level.FAULT for finding in findings):
            sys.exit(1)


def _as_dict(finding: Finding) -> dict[str, str]:
    return {"about": finding.about, "level": finding.level.value, "text": finding.text}
