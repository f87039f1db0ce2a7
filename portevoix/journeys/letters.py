"""From a step's blocks to the letter that leaves: written, checked and framed as any other message."""

from __future__ import annotations

from portevoix.delivery import selectors as outbox
from portevoix.delivery.exceptions import LetterError
from portevoix.delivery.types import Letter as Leaving
from portevoix.journeys.models import Letter, Step
from portevoix.mailings import letters
from portevoix.mailings import selectors as mailings
from portevoix.mailings.exceptions import EmptyLetter
from portevoix.mailings.models import Mailing
from portevoix.mailings.wording import explain
from portevoix.rights.purposes import Channel, Purpose

#: News of the campaign, to whoever agreed to it: what a person’s own request needs is not for an automation to say.
PURPOSE, CHANNEL = Purpose.NEWSLETTER, Channel.EMAIL


def as_mailing(letter: Letter) -> Mailing:
    """Return the letter in the form in which messages are written; it is kept nowhere."""
    return Mailing(title=letter.subject, **letter.words())


def compose(step: Step) -> Leaving:
    """Return the letter of a step, merge fields still open. Raises LetterError."""
    if step.words is None:
        raise EmptyLetter
    return letters.compose(as_mailing(step.words))


def subject_of(step: Step) -> str:
    """Return the subject of a step's letter as an invented reader sees it, or as it is written where it is wrong."""
    words = step.words.subject if step.words else ""
    try:
        return mailings.sampled(words)
    except LetterError:
        return words


def fault(step: Step) -> str:
    """Return what keeps a letter from leaving, in a sentence, or nothing."""
    try:
        outbox.sample(compose(step))
    except LetterError as error:
        return explain(error)
    return ""
