"""``portevoix worker``: runs the background and periodic jobs."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from portevoix.kernel import jobs

#: Where the machine is short of processor, visitors are answered before letters are written (nice(2)).
NICENESS = 10


class Command(BaseCommand):
    help = "Runs the background and periodic jobs, until told to stop."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="Stop when no job is left")
        parser.add_argument("--concurrency", type=int, help="Jobs at once")

    def handle(self, *args: Any, **options: Any) -> None:
        os.nice(NICENESS)
        # Servers that hang may hold all dispatchers, those of letters and that of texts, and an audit of a site takes
        # minutes: one slot more, and nothing waits for any of them.
        concurrency = options["concurrency"] or settings.INSTANCE.mail.workers + 3
        jobs.run_worker(wait=not options["once"], concurrency=concurrency)
