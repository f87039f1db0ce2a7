"""The console: ``portevoix`` is Django's command line with the settings chosen and errors made readable.

``portevoix import people FILE`` runs the management command ``import_people``: a verb and its object.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from portevoix.conf.place import InvalidConfiguration, config_path, data_dir, port
from portevoix.operations.management import light

#: Commands that make or need no instance.
WITHOUT_INSTANCE = {
    "help",
    "generate_people",
    "makemessages",
    "compilemessages",
    "makemigrations",
    "rights_check_destruction",
}
TWO_WORDS = {"import", "export", "generate", "rights"}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command; a fault in the configuration is told in one line a fault, exit code 1."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portevoix.conf.settings.base")
    argv = ["portevoix", *_joined(list(sys.argv[1:] if arguments is None else arguments))]
    command = argv[1] if len(argv) > 1 else "help"
    try:
        if command in light.COMMANDS:
            raise SystemExit(_run_light(command, argv[2:]))
        _check(command)
    except InvalidConfiguration as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(1) from None
    if len(argv) == 1 or (argv[1] in {"help", "--help", "-h"} and len(argv) == 2):
        argv = ["portevoix", "overview"]
    from django.core.management import execute_from_command_line

    execute_from_command_line(argv)


def _joined(words: list[str]) -> list[str]:
    if len(words) >= 2 and words[0] in TWO_WORDS and not words[1].startswith("-"):
        return [f"{words[0]}_{words[1].replace('-', '_')}", *words[2:]]
    if words and not words[0].startswith("-"):
        return [words[0].replace("-", "_"), *words[1:]]
    return words


def _run_light(command: str, words: list[str]) -> int:
    """Run without Django, handing over what the environment says; what the host types comes after and wins."""
    defaults = {"demo": [f"--port={port()}", f"--data-dir={data_dir()}"], "serve": [f"--port={port()}"]}
    return light.run(command, [*defaults.get(command, []), *words], check=lambda: _check(command))


def _check(command: str) -> None:
    from portevoix.conf.instance import load  # slow to import: what can start before it does

    instance = load()
    if command in WITHOUT_INSTANCE or command.startswith("-"):
        return
    if missing := instance.missing():
        raise InvalidConfiguration(
            f"{config_path()}: {', '.join(missing)}: missing. "
            "Start a demo with « portevoix demo », or write the file (docs/reference/configuration.md)."
        )


if __name__ == "__main__":
    main()
