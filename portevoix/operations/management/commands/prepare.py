"""``portevoix prepare``: what an installation or an upgrade needs before it serves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.utils import translation
from wagtail.models import Site

from portevoix.operations.demo import accounts
from portevoix.operations.supervisor import prepared


class Command(BaseCommand):
    help = "Makes the instance ready to serve after an installation or an upgrade: tables, search, static files."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo-content", action="store_true", help="Fill an empty campaign with the demo's")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        call_command("update_index", verbosity=0)  # a new version may read words another way
        call_command("collectstatic", interactive=False, verbosity=0)
        state = prepared.read(settings.DATA_DIR)
        if options["demo_content"]:
            call_command("demo_content")
            accounts.build_accounts(is_demo=settings.INSTANCE.demo)
            state = replace(state, has_content=True, logins=_logins())
        _tell_wagtail_the_address(settings.BASE_URL)
        prepared.write(settings.DATA_DIR, state)


def _logins() -> tuple[prepared.Login, ...]:
    with translation.override(settings.LANGUAGE_CODE):
        return tuple(
            prepared.Login(str(account.role.label), account.user, accounts.PASSWORD) for account in accounts.ACCOUNTS
        )


def _tell_wagtail_the_address(base_url: str) -> None:
    """Keep Wagtail's own record of the site's address equal to the instance's, which is the truth."""
    address = urlsplit(base_url)
    port = address.port or (443 if address.scheme == "https" else 80)
    Site.objects.filter(is_default_site=True).update(hostname=address.hostname, port=port)
    Site.clear_site_root_paths_cache()
