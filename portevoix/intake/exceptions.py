"""The errors of what comes in."""

from __future__ import annotations

from django.utils.translation import gettext

from portevoix.accounts.exceptions import KeptRefusal
from portevoix.intake.types import Fault
from portevoix.people.exceptions import HIDDEN


class LinkUnusable(Exception):
    """A confirmation link was altered, is too old, or names a submission that is gone."""


class FileRefused(Exception):
    """A file cannot be taken in; the text of the exception is for whoever sent it, in their language."""

    def __init__(self, fault: Fault, **values: object) -> None:
        super().__init__(fault, values)
        self.fault = fault
        self.values = values

    def __str__(self) -> str:
        return self.fault.told(self.values)


class SomebodyElseCameFirst(Exception):
    """An address of a new person was taken by a form in the same second; the same work done again finds it."""


class PersonErased(Exception):
    """An address is somebody's who asked to be erased: they may come back, nobody brings them back."""

    def __str__(self) -> str:
        """Say why, and the way, in the reader's language."""
        return gettext(
            "This address or number is of somebody who asked to be erased: nobody may bring them back but themselves, "
            "by the sign-up form of the site. Nothing was written; destroy the paper or give it back."
        )


class NotOfThisTerritory(Exception):
    """A form on paper is about somebody outside the mandate of whoever copies it out, known already or not."""

    def __str__(self) -> str:
        """Say where the paper goes, in the reader's language, and nothing of whom the campaign knows."""
        return gettext(
            "This form cannot be entered here: it is for another territory, or somebody entered it at this moment. "
            "Hand it to an organiser of the whole campaign."
        )


class KnownElsewhere(NotOfThisTerritory, KeptRefusal):
    """The same, when the person is known already: the words are one, and the journal counts how often it was told."""

    reason = HIDDEN
