"""Personal-data handlers: what each table that leads to a person owes to that person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from portevoix.kernel.registry import Registry

#: Held while a chunk of a file is merged, and while a person is erased: a database's advisory lock. Two files that
#: hold the same person see each other, and nobody slips back in between the question and the answer.
ENTRANCE_LOCK = 7_305_001


@dataclass(frozen=True)
class Handler:
    """How one table is exported, erased and merged (RGPD art. 15, 17, 20).

    ``path`` leads from the table to the person's id. ``exported`` names the fields given to the person.
    ``erasure`` says whether a row goes ("delete") or loses its ``blanked`` fields ("blank") because the law or the
    counts need the rest. ``merging`` says what becomes of rows of the absorbed person: moved, or dropped when the
    kept person has the same by ``same``.
    """

    model: type[models.Model]
    exported: Sequence[str]
    path: str = "person_id"
    erasure: Literal["delete", "blank"] = "delete"
    blanked: Sequence[tuple[str, Any]] = ()
    same: Sequence[str] = ()

    def rows(self, person_id: int) -> models.QuerySet[models.Model]:
        """Return the rows of one person."""
        return self.model._default_manager.filter(**{self.path: person_id})

    def export(self, person_id: int) -> list[dict[str, Any]]:
        """Return the person's rows, in order, with the exported fields."""
        return list(self.rows(person_id).order_by("pk").values(*self.exported))

    def erase(self, person_id: int) -> int:
        """Erase the person from this table; return the number of rows touched."""
        if self.erasure == "blank":
            return self.rows(person_id).update(**dict(self.blanked))
        self._erase_files(person_id)
        return self.rows(person_id).delete()[0]

    def _erase_files(self, person_id: int) -> None:
        """Remove the files that the rows name, once it is certain that the rows go."""
        for field in self.model._meta.concrete_fields:
            if isinstance(field, models.FileField):
                for name in self.rows(person_id).exclude(**{field.name: ""}).values_list(field.name, flat=True):
                    transaction.on_commit(partial(field.storage.delete, name))

    def merge(self, kept_id: int, absorbed_id: int) -> None:
        """Give the rows of the absorbed person to the kept one, dropping what the latter has already."""
        rows = self.rows(absorbed_id)
        if self.same:
            twin = self.rows(kept_id).filter(**{name: models.OuterRef(name) for name in self.same})
            rows.filter(models.Exists(twin)).delete()
        self.rows(absorbed_id).update(**{self.path: kept_id})


class Standing(models.TextChoices):
    """Whether a person may be reached for a purpose by a channel, or why not: the law first, then the address."""

    ADMITTED = "admitted", _("can be reached")
    NO_GROUND = "no_ground", _("never agreed")
    WITHDRAWN = "withdrawn", _("withdrew their consent")
    NO_POINT = "no_point", _("agreed, but no address or number is known")
    BOUNCING = "bouncing", _("agreed, but the address or number does not work")
    REFUSED = "refused", _("agreed, but refused this address or number")


@dataclass(frozen=True)
class Views:
    """What a person said of their political opinions: support from 1 (against) to 5 (firm), issues, intention."""

    support_level: int | None = None
    issues: tuple[str, ...] = ()
    vote_intention: str = ""


#: One handler a table; filled by each app's ``personal_data`` module from ``AppConfig.ready()``.
HANDLERS: Registry[Handler] = Registry("personal data")


def register(handler: Handler) -> Handler:
    """Declare how a table treats the persons in it."""
    return HANDLERS.add(handler.model._meta.label_lower, handler)


class Fault(models.TextChoices):
    """What is wrong with the ledger at an entry."""

    MISSING = "missing", _("the entry is missing")
    ALTERED = "altered", _("the entry is not the one that was written here")
    CUT = "cut", _("the entries from here on were removed")
    STRAY = "stray", _("the entry was added by another hand than the database’s")
    HEADLESS = "headless", _("the end of the ledger is missing")
    OTHER_RECEIPT = "other_receipt", _("the entry is not the one that the receipt was given for")


@dataclass(frozen=True)
class Break:
    """The first entry that is not as it was written, and why it cannot be."""

    number: int
    fault: Fault

    def __str__(self) -> str:
        return _("Entry %(number)d: %(fault)s.") % {"number": self.number, "fault": Fault(self.fault).label}


@dataclass(frozen=True)
class Verification:
    """What a walk through the ledger found; ``receipt`` is for the host to keep elsewhere."""

    entries: int
    receipt: str
    broken: Break | None


@dataclass(frozen=True)
class Difference:
    """A ground that is not what the ledger says, and which of its fields."""

    ground: int
    fate: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rebuilding:
    """What a rebuilding changed, or would change, and the first of the differences."""

    counts: dict[str, int]
    differences: tuple[Difference, ...]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True)
class PreferenceLink:
    """What else a person can do from their preference page; rooms above add theirs by ``construct_preferences``."""

    label: str
    url: str
    #: What it does, in a sentence.
    help: str
