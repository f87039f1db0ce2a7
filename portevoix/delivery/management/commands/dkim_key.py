"""``portevoix dkim-key``: makes the keys that messages are signed with, and says what the DNS must publish."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation
from django.utils.translation import gettext as _

from portevoix.delivery import dispatch


class Command(BaseCommand):
    help = "Makes the DKIM keys of this instance (RSA and Ed25519) and prints the DNS records to publish."
    area = "delivery"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("selector", nargs="?", help="Name of the keys; by default mail.dkim_selector")

    def handle(self, *args: Any, **options: Any) -> None:
        selector = options["selector"] or settings.INSTANCE.mail.dkim_selector
        with translation.override(settings.LANGUAGE_CODE):
            if not selector:
                raise CommandError(_("Give the keys a name, such as “portevoix1”, or set mail.dkim_selector."))
            for record in dispatch.make_keys(selector):
                self.stdout.write(f"{record.name}. TXT {_strings(record.value)}")
            self.stdout.write(
                _("Publish these records, wait for them to be seen, then set mail.dkim_selector to “%s”.") % selector
            )


def _strings(value: str) -> str:
    """A string of a TXT record has 255 signs at most (RFC 1035, 3.3)."""
    return " ".join(f'"{value[at : at + 255]}"' for at in range(0, len(value), 255))
