"""``portevoix nginx``: the server block of this instance, for the host's nginx."""

from __future__ import annotations

import re
import zlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template import Context, Engine

from portevoix.audience.readers import visits_log
from portevoix.audience.rules import CODE, ROBOTS, WORDS
from portevoix.website.rules.caching import IGNORED_PARAMETERS
from portevoix.website.views.files import INERT
from portevoix.website.views.ranges import GIVEN, front_word

TEMPLATE = Path(__file__).parents[2] / "templates" / "operations" / "nginx.conf"


class Command(BaseCommand):
    help = "Write the nginx configuration of this instance (docs/howto/nginx.md)"
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="Port that « portevoix serve » listens on")
        parser.add_argument("--listen", action="append", help="What nginx listens on; 80 unless said")
        parser.add_argument("--cache", type=Path, help="Where nginx keeps pages for a second")

    def handle(self, *args: Any, **options: Any) -> None:
        hosts = [host for host in settings.ALLOWED_HOSTS if host != "*"]
        if not hosts:
            raise CommandError("site.allowed_hosts names no host: nginx has to know which ones are this instance's.")
        name = _short(hosts[0])
        # nginx, which begins as root, would make it root's; the worker empties it.
        visits_log().parent.mkdir(parents=True, exist_ok=True)
        visits_log().touch()
        visits_log().chmod(0o664)  # whatever the umask: once nginx owns it, the group still empties it
        context = {
            "base_url": settings.BASE_URL,
            "name": name,
            "hosts": hosts,
            "port": options["port"],
            "listen": options["listen"] or ["80", "[::]:80"],
            "cache": options["cache"] or Path("/var/cache") / name,
            "data_dir": settings.DATA_DIR,
            "session_cookie": re.escape(settings.SESSION_COOKIE_NAME),
            "marks": "|".join(sorted(IGNORED_PARAMETERS)),
            "robots": ROBOTS,
            "code": CODE,
            "words": WORDS,
            "inert": INERT,
            "given": GIVEN,
            "front": front_word(),
        }
        written = Engine(autoescape=False).from_string(TEMPLATE.read_text("utf-8"))
        self.stdout.write(written.render(Context(context, autoescape=False, use_l10n=False)))


def _short(host: str) -> str:
    """Return a name of a campaign's own: nginx has one set of names for all that it serves, and none may be long."""
    return f"pv_{re.sub(r'[^a-z0-9]', '_', host.lower().strip('.'))[:14]}_{zlib.crc32(host.encode()):08x}"
