"""``portevoix --help``: what the console can do, by area."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.management import BaseCommand, get_commands, load_command_class
from django.utils.translation import gettext as _

#: Django's own commands that a host needs; the rest stay callable and unlisted.
OF_DJANGO = {"check", "collectstatic", "createsuperuser", "migrate", "shell"}
VERBS = {"import", "export", "generate", "rights"}


class Command(BaseCommand):
    """Print each command with its first line of help, room by room."""

    help = "List every command by area"
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        areas: dict[str, list[tuple[str, str]]] = {}
        for name, owner in sorted(get_commands().items()):
            if (owner.startswith("portevoix.") and name != "overview") or name in OF_DJANGO:
                command = load_command_class(owner, name)
                areas.setdefault(_area(owner), []).append((_spoken(name), command.help.strip().split("\n")[0]))
        width = max(len(name) for rows in areas.values() for name, _help in rows)
        self.stdout.write("portevoix COMMAND [OPTIONS]    portevoix COMMAND --help\n")
        for area, rows in areas.items():
            self.stdout.write(f"\n{area}")
            for name, text in rows:
                self.stdout.write(f"  {name:<{width}}  {text}")


def _area(owner: str) -> str:
    if not owner.startswith("portevoix."):
        return _("Database and server")
    return str(apps.get_app_config(owner.rpartition(".")[2]).verbose_name)


def _spoken(name: str) -> str:
    verb, _underscore, what = name.partition("_")
    return f"{verb} {what.replace('_', '-')}" if verb in VERBS and what else name.replace("_", "-")
