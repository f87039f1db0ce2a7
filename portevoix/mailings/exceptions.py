"""What can be wrong with a mailing."""

from __future__ import annotations

from portevoix.delivery.exceptions import LetterError


class HostileLink(LetterError):
    """A link that is neither a web address, nor a mail address, nor a telephone number."""

    def __init__(self, address: str) -> None:
        super().__init__(f"link not allowed: {address}")
        self.address = address


class DeadLink(LetterError):
    """A link whose page is no more."""

    def __init__(self, words: str) -> None:
        super().__init__(f"link to nothing: {words}")
        self.words = words


class CrossedCondition(LetterError):
    """A condition that begins in one paragraph, list item, bold or link, and ends in another."""

    def __init__(self, mark: str) -> None:
        super().__init__(f"condition across parts of the text: {mark}")
        self.mark = mark


class MissingPicture(LetterError):
    """A picture that is no more, or that mail programs do not show."""


class EmptyLetter(LetterError):
    """A letter without subject or without a word."""


class TooHeavy(LetterError):
    """A page that mail programs would cut (Gmail does at 102 kB)."""

    def __init__(self, size: int) -> None:
        super().__init__(f"page of {size} bytes")
        self.size = size


class NoSenderIdentity(LetterError):
    """The instance does not say who publishes: no mailing may leave (CPCE, art. L. 34-5)."""


class MailingError(Exception):
    """The act does not fit the state of the mailing."""


class NotADraft(MailingError):
    """It has been sent already: it can no longer be changed, nor sent again."""


class NotBeingSent(MailingError):
    """There is nothing to stop, to pause or to resume."""


class NotScheduled(MailingError):
    """It waits for no hour."""


class HourPassed(MailingError):
    """The hour it should leave at is over, or passed while nothing worked."""


class NoSuchHour(MailingError):
    """The clocks of France skip this hour that day."""


class SenderGone(MailingError):
    """Whoever planned it may not send any more."""


class NotATrial(MailingError):
    """There are no versions to choose from."""


class IsAVersion(MailingError):
    """It is one version of another message, and leaves with that."""


class NotATrialYet(MailingError):
    """A trial needs two versions at least."""


class TooManyVersions(MailingError):
    """A trial has four versions at most."""


class TooFewReaders(MailingError):
    """A version would have too few readers to tell anything."""


class AlreadyDecided(MailingError):
    """A version was chosen already."""


class TrialPaused(MailingError):
    """A version is paused or stopped: nothing is chosen meanwhile."""


class NotSentYet(MailingError):
    """What has not left cannot be sent again."""


class NobodyChosen(MailingError):
    """Nobody was chosen to whom it is sent again."""


class NoSegment(MailingError):
    """Nobody was chosen to receive it."""


class UnreadableSegment(MailingError):
    """The segment asks about something that is no longer known."""


class SegmentOfOpinions(MailingError):
    """The segment asks about political opinions, by which nobody is written to (regulation 2024/900, art. 18)."""


class NobodyToReach(MailingError):
    """None of the chosen people may lawfully be written to."""


class ChangedMeanwhile(MailingError):
    """The letter or its audience is no longer what was confirmed."""


class NoAddressForTests(MailingError):
    """The member of staff has no address that may be written to."""


class OpensNotAllowed(MailingError):
    """The instance is configured to count no openings."""


class NoSuchNotice(MailingError):
    """There is no notice of this number to correct."""


class NotAMobile(MailingError):
    """The number for tests is no mobile number."""


class NotApproved(MailingError):
    """The campaign asks that a second person approve each letter, and nobody has approved this one as it is."""


class NothingAsked(MailingError):
    """Nobody waits for an answer about this letter, or it was given already."""


class OwnApproval(MailingError):
    """Whoever asks for approval cannot give it."""


class AskedAlready(MailingError):
    """This very letter waits for approval, or has it."""


class NoApprovalAsked(MailingError):
    """The campaign does not ask for a second person: there is nothing to wait for."""


class NoWords(MailingError):
    """A refusal without a word helps nobody."""


class NameTaken(MailingError):
    """A saved template has this name."""


class NobodyToTest(MailingError):
    """A test to nobody."""
