"""The errors of the way out."""

from __future__ import annotations

from django.utils.translation import gettext


class NotYours(Exception):
    """A disclosure granted to one actor, or an export that one asked for, is used by another."""


class UnknownField(ValueError):
    """A field that no file about people has; the text names it."""


class NotDescribed(LookupError):
    """No room tells what is to be handed over: the page is gone."""


class NoFile(Exception):
    """The export has no file: not yet, or not any more."""


class Narrowed(NoFile):
    """Who asked for an export sees less than when they asked: the file holds what they may not know any more."""


class AlreadyShown(Exception):
    """A password is shown once."""


class SomebodyIsAtIt(Exception):
    """Another process writes this export."""


class Overtaken(Exception):
    """What is being written is no longer wanted as it is: cancelled, or a person of it was recalled meanwhile."""


class Unreadable(Exception):
    """A leaked file that cannot be looked into: encrypted, or too big once unpacked."""


class LinkUnusable(Exception):
    """A link to a copy of one's data was altered, is too old, or has served."""


class NotReached(Exception):
    """An address outside was not told: not allowed, not there, or it refused. ``code`` is its answer, 0 without one."""

    def __init__(self, reason: str, code: int = 0) -> None:
        super().__init__(reason)
        self.code = code


class Withheld(Exception):
    """The person's data is kept and not used (RGPD art. 18): it is told to no program."""

    def __str__(self) -> str:
        """Say why, in the reader's language."""
        return gettext("This person’s data is restricted (GDPR art. 18): it is told to no program.")
