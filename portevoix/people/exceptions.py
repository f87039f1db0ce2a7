"""The people room's errors."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext

from portevoix.accounts.exceptions import KeptRefusal
from portevoix.people.types import Conflict, Protected

#: By what the journal knows a refusal that told somebody that an address is known, though not to them.
HIDDEN = "hidden_address"


class OutOfSight(Exception):
    """The person is gone, or is not of the actor's territory: to the actor, both are the same."""


class ChangedMeanwhile(Exception):
    """Somebody else changed the same things since they were read; nothing was written."""

    def __init__(self, conflicts: Sequence[Conflict]) -> None:
        super().__init__([conflict.field for conflict in conflicts])
        self.conflicts = list(conflicts)


class Impossible(Exception):
    """What was asked cannot be; the message, in the reader's language, says why."""


class AddressElsewhere(Impossible, KeptRefusal):
    """An address is on a record that the actor may not see: being in the file says something of somebody (art. 9)."""

    reason = HIDDEN

    def __str__(self) -> str:
        """Say where to go, in the reader's language, and nothing of whom the campaign knows."""
        return gettext("This address cannot be added here: ask the person in charge of data.")


class AskedTooOften(Impossible, KeptRefusal):
    """Too many addresses of others were refused to the actor today: the next answer would be one more guess told."""

    reason = "asked_too_often"

    def __str__(self) -> str:
        """Say where to go, in the reader's language."""
        return gettext("Too many addresses were refused to you today: hand the rest to the person in charge of data.")


class SomebodyIsAtIt(Exception):
    """Another process holds the work: the queue asks again."""


class Restricted(Impossible):
    """The person's data is kept and not used (RGPD art. 18): only those who answer for it may change it."""

    def __str__(self) -> str:
        """Say why, in the reader's language."""
        return gettext(
            "This person’s data is restricted (GDPR art. 18): only the data-protection officer and the campaign "
            "director may change it."
        )


class RefusedByThem(Impossible):
    """The person refused to be reached there: a program leaves that as it is."""

    def __str__(self) -> str:
        """Say why, in the reader's language."""
        return gettext(
            "The person refused to be reached by this address or number: no program changes that, a member of staff "
            "to whom they said otherwise does, on their record."
        )


class ProtectedName(Impossible):
    """The name of a field or of a tag says what the law protects: it would be kept beside the person's ground."""

    def __init__(self, name: str, what: Protected) -> None:
        super().__init__(name, what)
        self.name, self.what = name, what

    def __str__(self) -> str:
        """Say why, in the reader's language, and the way that there is."""
        told = {"name": self.name, "what": self.what.label}
        if self.what is Protected.OPINION:
            return gettext(
                "“%(name)s” would keep a political opinion (GDPR art. 9) without the person’s agreement. Support, "
                "issues and voting intention have their place on the person’s record, under “Political opinions”: "
                "their agreement is asked for there."
            ) % {"name": self.name}
        return gettext("“%(name)s” would keep what the law protects: %(what)s. It is kept nowhere here.") % told
