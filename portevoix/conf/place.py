"""Where an instance is: its folder, its file, its port. Apart from the rest because it is asked before all else."""

from __future__ import annotations

import os
from pathlib import Path

DEFAULT_DATA_DIR = Path("var/demo")
CONFIG_NAME = "portevoix.toml"


class InvalidConfiguration(Exception):
    """The instance's configuration cannot be used; the text is for the host, one line a fault."""


def data_dir() -> Path:
    """Return the folder that ``PORTEVOIX_DATA_DIR`` names, or the default one."""
    return Path(os.environ.get("PORTEVOIX_DATA_DIR") or DEFAULT_DATA_DIR).absolute()


def port() -> int:
    """Return the port that ``PORTEVOIX_PORT`` names, or 8000."""
    value = os.environ.get("PORTEVOIX_PORT") or "8000"
    if not (value.isdecimal() and 1 <= int(value) <= 65535):
        raise InvalidConfiguration(f"PORTEVOIX_PORT = {value!r}: expected a number from 1 to 65535.")
    return int(value)


def config_path() -> Path:
    """Return the TOML file of the instance, whether or not it exists."""
    return Path(os.environ.get("PORTEVOIX_CONFIG") or data_dir() / CONFIG_NAME).absolute()
