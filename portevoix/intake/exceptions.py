"""The errors of what comes in."""

from __future__ import annotations

from portevoix.intake.types import Fault


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
