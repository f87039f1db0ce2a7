"""``portevoix canary-mail ADDRESS``: what the mail server runs for each message to the canaries' domain."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from portevoix.accounts.types import System
from portevoix.disclosure.services.leaks import raise_alarm


class Command(BaseCommand):
    help = "Raises the alarm when a message reaches an invented address of an export; for the mail server to run."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", help="Whom the message was for (Postfix: ${recipient})")

    def handle(self, *args: Any, **options: Any) -> None:
        raise_alarm(options["address"], actor=System("canary mail"))
