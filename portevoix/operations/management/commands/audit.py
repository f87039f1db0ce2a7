"""``portevoix audit``, as a management command: listed with the others, run by ``light``."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from portevoix.operations.management import light


class Command(BaseCommand):
    help = light.audit.__doc__ or ""
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        light.audit_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        sys.exit(light.audit(options, check=lambda: None))
