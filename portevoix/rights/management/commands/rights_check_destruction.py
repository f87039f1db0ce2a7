"""``portevoix rights check-destruction FILE``: proves a destruction record by its signature, without the database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation
from django.utils.translation import gettext as _

from portevoix.rights.exceptions import RecordForged
from portevoix.rights.rules import destruction


class Command(BaseCommand):
    help = "Proves that a destruction record is as it was signed; exit code 1 if a single byte is not."
    area = "rights"
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--key", default="", help="The campaign’s public key, noted elsewhere")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(settings.LANGUAGE_CODE):
            try:
                record, key = destruction.check(options["file"].read_bytes(), options["key"])
            except OSError as error:
                raise CommandError(str(error)) from error
            except RecordForged as error:
                raise CommandError(_("This record is not the one that was signed, or not by this key.")) from error
            self.stdout.write("✓ " + _("The record is as it was signed."))
            self.stdout.write(_("Signed by the key %(key)s.") % {"key": key})
            if not options["key"]:
                self.stdout.write(_("Compare it with the key that you noted elsewhere, or give it by --key."))
            self.stdout.write(json.dumps(record, ensure_ascii=False, indent=2))
