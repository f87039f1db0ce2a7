"""The errors of the doors' keeper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext

if TYPE_CHECKING:
    from portevoix.people.models import Person


class NotFromTheGate(TypeError):
    """An audience or a disclosure was made by hand; only ``rights.gate`` makes them."""


class LinkUnusable(Exception):
    """A signed link was altered, has expired, or names nobody any more."""


class LinkExpired(LinkUnusable):
    """A signed link is whole and too old: its owner, and nobody else, may be sent a fresh one."""

    def __init__(self, person: Person) -> None:
        super().__init__()
        self.person = person


class ReceiptUnreadable(ValueError):
    """A receipt of the ledger is not one: a number, a dash and 64 hexadecimal digits."""


class Masked(PermissionDenied):
    """A field holds what the actor has no need to know; the text names it."""


class AlreadyMerged(Exception):
    """One of two records is gone: somebody else merged or erased it first."""


class MailUnderWay(Exception):
    """A message is leaving this very second on a ground that a merge would end: try again in a minute."""


class NotUndoable(Exception):
    """A merge was undone already, is older than thirty days, or a later one has to be undone first."""


class NoGroundForOpinion(Exception):
    """A political opinion may be kept only on the person's own ground (RGPD art. 9)."""

    def __str__(self) -> str:
        """Say why, in the reader's language."""
        return gettext(
            "This person has not agreed that their political opinions are recorded (GDPR art. 9): nothing is kept."
        )


class RecordForged(ValueError):
    """A destruction record is not the one that was signed, or was signed with another key."""


class TermRefused(ValueError):
    """A retention rule is longer than the law allows, or says no reason; the text says which."""


class ChangedSince(Exception):
    """What somebody agreed to is no longer what would happen: they must look again."""


class NotTheOther(PermissionDenied):
    """Who decided first cannot also be the second, nor decide alone where there is a second."""


class NotNow(Exception):
    """A request is not where this could be done: answered meanwhile, too late, or without what it takes."""

    def __str__(self) -> str:
        """Say so, in the reader's language."""
        return self.args[0] if self.args else gettext("This request is not where that could be done: look at it again.")


class TooMany(Exception):
    """So many have written to the public page in the last minutes that no more is taken in, whoever they are."""
