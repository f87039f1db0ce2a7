"""What can be wrong with a data folder, each with one sentence that says what to do."""

from __future__ import annotations

import re
from enum import Enum
from pathlib import Path

from portevoix.operations.wording import gettext as _


class Fault(Enum):
    """Kinds of refusal, so that callers and tests need not read the sentence."""

    DAMAGED = "damaged"
    VERSION = "version"
    LOCKED = "locked"
    PERMISSION = "permission"
    SPACE = "space"
    IDENTITY = "identity"
    MISSING = "missing"


class Unusable(Exception):
    """The database cannot run here; the text is for the host, one sentence."""

    def __init__(self, fault: Fault, sentence: str) -> None:
        super().__init__(sentence)
        self.fault = fault


def damaged(folder: Path, log: Path) -> Unusable:
    return Unusable(
        Fault.DAMAGED,
        _(
            "The database in {folder} is damaged: move this folder away to start afresh, "
            "or restore a backup (details in {log})."
        ).format(folder=folder, log=log),
    )


def other_version(folder: Path, found: str, needed: str) -> Unusable:
    return Unusable(
        Fault.VERSION,
        _(
            "The database in {folder} was made by PostgreSQL {found} and this is PostgreSQL {needed}: "
            "move this folder away to start afresh."
        ).format(folder=folder, found=found, needed=needed),
    )


def locked(folder: Path) -> Unusable:
    return Unusable(
        Fault.LOCKED,
        _(
            "Another Portevoix already runs on {folder}: stop it, or choose another folder with PORTEVOIX_DATA_DIR."
        ).format(folder=folder),
    )


def not_writable(folder: Path) -> Unusable:
    return Unusable(
        Fault.PERMISSION,
        _(
            "The folder {folder} cannot be written by this user: "
            "give the right to write, or choose another folder with PORTEVOIX_DATA_DIR."
        ).format(folder=folder),
    )


def disk_full(folder: Path) -> Unusable:
    return Unusable(
        Fault.SPACE,
        _("There is no space left for the database on the disk of {folder}: free at least 300 MB.").format(
            folder=folder
        ),
    )


def no_identity() -> Unusable:
    return Unusable(
        Fault.IDENTITY,
        _(
            "PostgreSQL refuses to run as root and this machine lets root become nobody else: "
            "start Portevoix as an ordinary user."
        ),
    )


def binaries_missing() -> Unusable:
    return Unusable(
        Fault.MISSING,
        _("The programs of PostgreSQL are not installed in this Python environment: run “make demo” again."),
    )


#: The server's own words, in English whatever the host's language, since clusters are made with C messages.
SIGNS = (
    (Fault.SPACE, re.compile(r"No space left on device|Disk quota exceeded")),
    (Fault.IDENTITY, re.compile(r"portevoix-launch: identity")),
    (Fault.LOCKED, re.compile(r'lock file "[^"]+" already exists|is another postmaster')),
    (Fault.VERSION, re.compile(r"database files are incompatible with server")),
    (Fault.PERMISSION, re.compile(r"Permission denied|Read-only file system|has wrong ownership")),
)


def read_signs(text: str) -> Fault:
    """Tell from what initdb or the server wrote why it gave up; what is not recognised is damage."""
    return next((fault for fault, sign in SIGNS if sign.search(text)), Fault.DAMAGED)
