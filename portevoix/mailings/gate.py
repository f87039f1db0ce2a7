"""What is asked of a message when it is planned, and again when it leaves: rooms and rules add their checks here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from portevoix.accounts.types import Actor
from portevoix.delivery.types import Letter
from portevoix.mailings import letters, rules, selectors
from portevoix.mailings.exceptions import ChangedMeanwhile, IsAVersion, NobodyToReach
from portevoix.mailings.models import Mailing, ShortMessage
from portevoix.mailings.selectors import texts
from portevoix.mailings.types import Confirmation
from portevoix.rights.gate import Audience


@dataclass(frozen=True)
class Leaving:
    """A mailing about to leave, or to be planned: what the checks look at."""

    mailing: Mailing
    letter: Letter
    #: Everybody it goes to, all versions together.
    audience: Audience
    count: int
    confirmed: Confirmation
    #: When it leaves.
    at: datetime
    actor: Actor


def as_confirmed(leaving: Leaving) -> None:
    """Raise ChangedMeanwhile when the letter, or the size of its audience, is no longer what was confirmed."""
    digest = letters.digest(leaving.letter, leaving.mailing)
    if digest != leaving.confirmed.digest or rules.has_grown(leaving.confirmed.count, leaving.count):
        raise ChangedMeanwhile


def approved(leaving: Leaving) -> None:
    """Raise NotApproved where the campaign asks for a second person, and none approved this very letter."""
    selectors.require_approval(selectors.approvals_of(leaving.mailing), leaving.confirmed.digest)


def to_somebody(leaving: Leaving) -> None:
    """Raise NobodyToReach when the gate admits nobody."""
    if not leaving.count:
        raise NobodyToReach


def by_itself(leaving: Leaving) -> None:
    """Raise IsAVersion for a letter that leaves with another, as one of its versions."""
    trial = selectors.trial_of(leaving.mailing)
    if trial is not None and trial.mailing_id != leaving.mailing.pk:
        raise IsAVersion


#: What is asked of each mailing when it is planned, and again when it leaves, in this order; each raises MailingError.
CHECKS: list[Callable[[Leaving], None]] = [by_itself, as_confirmed, approved, to_somebody]


def check(mailing: Mailing, confirmed: Confirmation, *, at: datetime, actor: Actor) -> Leaving:
    """Compose a locked mailing and ask everything that is asked before one leaves.

    Raises NoSegment, NobodyToReach, IsAVersion, NotApproved, LetterError; ChangedMeanwhile when the letter, or the
    size of its audience, is no longer what the sender confirmed.
    """
    letter = letters.compose(mailing)
    people = selectors.people_of(mailing, actor)
    audience = selectors.audience_of(mailing, people)
    leaving = Leaving(mailing, letter, audience, audience.count(), confirmed, at, actor)
    for asked in CHECKS:
        asked(leaving)
    return leaving


@dataclass(frozen=True)
class TextLeaving:
    """A text message about to leave, or to be planned."""

    text: ShortMessage
    #: Everybody it goes to, all versions together.
    audience: Audience
    count: int
    actor: Actor


def check_text(text: ShortMessage, confirmed: Confirmation, *, actor: Actor) -> TextLeaving:
    """Ask of a locked text message everything that is asked before one leaves.

    Raises NoSegment, NobodyToReach, IsAVersion, NotApproved, LetterError; ChangedMeanwhile when the words, those of its
    other versions or the size of its audience are no longer what the sender confirmed.
    """
    trial = selectors.trial_of(text)
    if trial is not None and trial.mailing_id != text.pk:
        raise IsAVersion
    audience = selectors.audience_of(text, selectors.people_of(text, actor))
    count = audience.count()
    if texts.digest(text) != confirmed.digest or rules.has_grown(confirmed.count, count):
        raise ChangedMeanwhile
    selectors.require_approval(selectors.approvals_of(text), confirmed.digest)
    if not count:
        raise NobodyToReach
    return TextLeaving(text, audience, count, actor)
