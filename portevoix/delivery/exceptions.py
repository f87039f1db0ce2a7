"""What can be wrong with a letter or with the way out."""

from __future__ import annotations


class LetterError(ValueError):
    """The letter cannot be sent as it is written; the message says which words to change."""


class UnknownMergeField(LetterError):
    """A `{{ field }}` that no room has registered."""

    def __init__(self, name: str) -> None:
        super().__init__(f"unknown merge field: {name}")
        self.name = name


class MalformedMergeField(LetterError):
    """A `{{` that does not open a merge field."""

    def __init__(self, near: str) -> None:
        super().__init__(f"malformed merge field near: {near}")
        self.near = near


class UnclosedCondition(LetterError):
    """A condition that was opened and never closed."""

    def __init__(self, mark: str) -> None:
        super().__init__(f"condition without end: {mark}")
        self.mark = mark


class StrayMark(LetterError):
    """An `else` or an `end` without the condition that it goes on with."""

    def __init__(self, mark: str) -> None:
        super().__init__(f"without a condition: {mark}")
        self.mark = mark


class TooManyConditions(LetterError):
    """Conditions within conditions, or more of them than anybody can check."""

    def __init__(self, mark: str) -> None:
        super().__init__(f"too many conditions at: {mark}")
        self.mark = mark


class UnsafeHeader(LetterError):
    """A header that would break out of its line."""

    def __init__(self, name: str) -> None:
        super().__init__(f"unsafe header: {name}")
        self.name = name


class NoWayOut(LetterError):
    """A letter to a list that does not let its reader leave."""

    def __init__(self) -> None:
        super().__init__("a letter to a list needs {{ unsubscribe_url }} in each of its parts")


class UnreadablePage(LetterError):
    """The page of a letter is not MJML."""


class BatchStopped(Exception):
    """The batch was stopped, or is paused: nothing may be added to it, nor a stopped one taken up again."""


class ElectoralSilence(Exception):
    """Nobody is called, visited or written to where electoral silence holds (code électoral, art. L. 49)."""


class LinkUnusable(Exception):
    """A signed link was altered, or names a message that is no more."""


class ServerUnavailable(Exception):
    """No session with the mail server: whatever has no result yet has not been tried."""


class ReaderUnavailable(Exception):
    """The mailbox of bounces cannot be opened, or was lost: what was not settled is read again."""


class CreditExhausted(ServerUnavailable):
    """The provider of text messages wants to be paid first: nothing more leaves until then."""


class KeysRefused(ServerUnavailable):
    """The provider does not know our keys, or does not let them do this."""


class TooManyParts(LetterError):
    """A text that makes more parts than operators take."""

    def __init__(self, parts: int) -> None:
        super().__init__(f"a text of {parts} parts")
        self.parts = parts


class NoWords(LetterError):
    """A text without a word."""


class NoTextProvider(LetterError):
    """The configuration names no provider of text messages, or only half of it."""


class NotReachable(Exception):
    """The person may not be contacted by this channel now: no ground, restricted, or no way to reach them."""


class ContactInTheFuture(Exception):
    """A call, a letter or a visit cannot be told before it was made."""
