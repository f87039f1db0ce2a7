"""The errors of the door for programs; their texts are for whoever runs the program, in their language."""

from __future__ import annotations

from django.utils.translation import gettext


class KeyRefused(Exception):
    """Whoever asks holds no key that is good."""

    def __str__(self) -> str:
        return gettext("This address is opened by a key of the campaign, in the header “Authorization: Bearer …”.")


class KeyExpired(KeyRefused):
    """The key was good until its day."""

    def __str__(self) -> str:
        return gettext("This key has expired: a new one is made in the back office.")


class KeyEnded(KeyRefused):
    """The key was ended: by hand, or with the rights of whoever made it."""

    def __str__(self) -> str:
        return gettext("This key was ended: a new one is made in the back office.")


class ScopeMissing(Exception):
    """A good key was not made for this act, or whoever made it may no longer do it."""

    def __init__(self, scope: str) -> None:
        super().__init__(scope)
        self.scope = scope

    def __str__(self) -> str:
        return gettext("This key may not do “%(scope)s”.") % {"scope": self.scope}


class TooOften(Exception):
    """A key asks more often than it may; ``wait`` is how many seconds are left of the minute."""

    def __init__(self, wait: int) -> None:
        super().__init__(wait)
        self.wait = wait

    def __str__(self) -> str:
        return gettext("This key asks too often: ask again in %(seconds)d seconds.") % {"seconds": self.wait}


class VersionPassed(Exception):
    """The record is no longer the one that was read."""

    def __str__(self) -> str:
        return gettext("Somebody changed this meanwhile: read it again, then say what to change.")


class HiddenFact(Exception):
    """A program asks by, or writes, what the role of whoever made its key has no need to know."""

    def __init__(self, fact: str) -> None:
        super().__init__(fact)
        self.fact = fact

    def __str__(self) -> str:
        return gettext("This is hidden from the role of whoever made the key: %(fact)s.") % {"fact": self.fact}


class Unfit(Exception):
    """What was sent does not fit: ``faults`` says what is wrong, by the place in what was sent."""

    def __init__(self, faults: dict[str, list[str]]) -> None:
        super().__init__(sorted(faults))
        self.faults = faults

    def __str__(self) -> str:
        return gettext("What was sent cannot be taken: nothing was written.")


class TakenBack(Exception):
    """The person took back, since, what they are said to have agreed to: their last word counts."""

    def __str__(self) -> str:
        return gettext("The person took this back since that day: their last word counts, and nothing was written.")


class NotToBeMade(Exception):
    """A key cannot be made so; the message says why."""
