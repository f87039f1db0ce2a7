"""``portevoix mail-in``: reads the bounces and complaints that came back, or takes them from a mail server by LMTP."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portevoix.delivery import tasks
from portevoix.delivery.exceptions import ReaderUnavailable
from portevoix.delivery.readers.lmtp import LmtpServer

KINDS = {
    "hard": gettext_lazy("addresses that do not exist"),
    "soft": gettext_lazy("not delivered for now"),
    "policy": gettext_lazy("not wanted by the server"),
    "complaint": gettext_lazy("complaints"),
    "unproven": gettext_lazy("without proof: nothing was changed"),
    "refused": gettext_lazy("reports that could not be written down, left in the mailbox"),
    "other": gettext_lazy("anything else, left in the mailbox"),
}


class Command(BaseCommand):
    help = "Reads bounces and complaints from the mailbox of the configuration; with --lmtp, takes them as they come."
    area = "delivery"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--lmtp", metavar="PORT", type=int, help="Listen for a mail server on this port of 127.0.0.1"
        )
        parser.add_argument("--json", action="store_true", help="Print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(settings.LANGUAGE_CODE):
            if options["lmtp"] is not None:
                self._listen(options["lmtp"])
                return
            try:
                counts = tasks.take_in_returns()
            except ReaderUnavailable as error:
                raise CommandError(_("The mailbox of bounces cannot be read: %s") % error) from error
            if options["json"]:
                self.stdout.write(json.dumps(counts))
                return
            for kind, label in KINDS.items():
                self.stdout.write(f"{counts[kind]:>9}  {label}")

    def _listen(self, port: int) -> None:
        returns, address = settings.INSTANCE.returns, settings.INSTANCE.mail.return_address
        if not returns.maildir or not address:
            raise CommandError(_("Set returns.maildir and mail.return_address first."))
        server = LmtpServer(Path(returns.maildir), address, hostname="127.0.0.1", port=port)
        server.start()
        self.stdout.write(_("Listening on 127.0.0.1:%d, until Ctrl-C.") % port)
        signal.sigwait({signal.SIGINT, signal.SIGTERM})
        server.stop()
