"""``portevoix textcatcher``, as a management command: listed with the others, run by ``light``."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from portevoix.operations.management import light


class Command(BaseCommand):
    help = light.textcatcher.__doc__ or ""
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        light.textcatcher_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        sys.exit(light.textcatcher(options, check=lambda: None))
