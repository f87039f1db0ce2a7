"""Words of the way out: where an export is, and why it ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.files.storage import Storage
from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from portevoix.disclosure.models import Export


class State(models.TextChoices):
    """Where an export is. Only a ready one has a file."""

    WAITING = "waiting", _("waiting")
    WRITING = "writing", _("being written")
    READY = "ready", _("ready")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")
    DESTROYED = "destroyed", _("destroyed")


#: States in which a process writes the file, or should.
AT_WORK = (State.WAITING, State.WRITING)
#: States in which the password can still be made, since it is still of use.
ALIVE = (*AT_WORK, State.READY)


class End(models.TextChoices):
    """Why an export has no file any more, or never had one."""

    EXPIRED = "expired", _("its time was over")
    BY_HAND = "by_hand", _("somebody of the team asked for it")
    ERASURE = "erasure", _("a person in it was erased")
    RESTRICTED = "restricted", _("a person in it had their data restricted")
    OBJECTED = "objected", _("a person in it objected to being solicited")
    NO_ROOM = "no_room", _("the disk is full: the host must make room; then ask for the export again")
    NO_RIGHT = "no_right", _("who asked for it may no longer export people")
    NARROWED = "narrowed", _("who asked for it may see less than when they asked: ask for it again")
    READDRESSED = "readdress", _("the addressee was changed before it was written: ask for it again")
    TOO_MOVING = (
        "too_moving",
        _("people were erased, restricted or objected each time it was written: ask for it again later"),
    )
    UNFORESEEN = "unforeseen", _("the platform failed: ask for it again, and tell the host if it fails again")


@dataclass(frozen=True)
class Finding:
    """An export whose canaries were found: proof of which file it is, not of who let it out."""

    export: Export
    found: int
    hidden: int

    @property
    def share(self) -> int:
        """How many hundredths of its canaries were found."""
        return 100 * self.found // max(self.hidden, 1)


@dataclass(frozen=True)
class Traces:
    """What a file found outside says of where it comes from.

    ``shared`` counts, by export, how many of the ``known`` people recognised in it were in that export: a hint for
    files without canaries, no proof.
    """

    findings: list[Finding]
    shared: list[tuple[Export, int]]
    known: int
    seen: int


@dataclass(frozen=True)
class Section:
    """One table of what is held on a person, as it is read."""

    title: str
    headings: list[str]
    rows: list[list[str]]

    @property
    def labelled(self) -> list[list[tuple[str, str]]]:
        """The rows with the heading of each cell, which a narrow screen says again."""
        return [list(zip(self.headings, row, strict=True)) for row in self.rows]


@dataclass(frozen=True)
class Enclosed:
    """A file that is held on a person, and its name in the archive that they are given."""

    name: str
    storage: Storage
    stored: str


@dataclass(frozen=True)
class Copy:
    """All that is held on one person: the facts for machines, the same in words, and the files of their record."""

    facts: dict[str, Any]
    name: str
    identity: list[tuple[str, str]]
    sections: list[Section]
    files: list[Enclosed]


@dataclass(frozen=True)
class Totals:
    """A table of numbers about nobody in particular: the first column names each row."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


@dataclass(frozen=True)
class Destination:
    """An address outside that is told something, and the secret by which it knows who tells."""

    url: str
    secret: bytes


@dataclass(frozen=True)
class Delivery:
    """What a room above hands to somebody outside, with the people's agreement: told by ``describe_delivery``.

    ``rows`` gives the lines of some people, by their numbers and for the columns of the file; it asks once more
    whether each agrees, for ``recipient`` as it is now. ``columns`` are the headings of the printed list, by the names
    of the fields.
    """

    title: str
    recipient: str
    lead: tuple[str, ...]
    language: str
    columns: Mapping[str, str]
    rows: Callable[[Sequence[int], Sequence[str]], Iterator[list[str]]]
    read: Callable[[Sequence[str], Sequence[str]], list[str]]
