"""Collect the texts to translate into each room's French catalogue (needs gettext): ``make translations``."""

from __future__ import annotations

import os
from pathlib import Path

import django
from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent / "portevoix"


def main() -> None:
    """Run Django's own extraction in every room that has a catalogue."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portevoix.conf.settings.test")
    django.setup()
    for room in sorted(path.parent for path in ROOT.glob("*/locale")):
        os.chdir(room)
        call_command(
            "makemessages",
            locale=["fr"],
            extensions=["py", "html", "txt", "mjml"],
            verbosity=0,
            no_obsolete=True,
            add_location="file",
            no_wrap=True,
        )


if __name__ == "__main__":
    main()
