"""From a step's words to the letter or the text that leaves: written, checked and framed as any other message."""

from __future__ import annotations

from portevoix.delivery import selectors as outbox
from portevoix.delivery.exceptions import LetterError, NoTextProvider, NoWords, TooManyParts
from portevoix.delivery.rules.texting import MOST_PARTS
from portevoix.delivery.types import Letter as Leaving
from portevoix.delivery.types import Text
from portevoix.journeys.models import Letter, Step
from portevoix.mailings import letters
from portevoix.mailings import selectors as mailings
from portevoix.mailings.exceptions import EmptyLetter
from portevoix.mailings.models import Mailing
from portevoix.mailings.selectors import texts
from portevoix.mailings.wording import explain
from portevoix.rights.purposes import Channel, Purpose

#: News of the campaign, to whoever agreed to it: what a person’s own request needs is not for an automation to say.
PURPOSE, CHANNEL = Purpose.NEWSLETTER, Channel.EMAIL
#: Signs that are kept of a text message; its parts are counted apart.
LONGEST_TEXT = 1600


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


def text_of(step: Step) -> Text:
    """Return the text message of a step, merge fields still open."""
    return Text(words=str(step.said.get("words", "")).strip())


def text_fault(step: Step) -> str:
    """Return what keeps a text message from leaving, in a sentence, or nothing."""
    words = text_of(step).words
    if not words:
        return explain(NoWords())
    if not texts.may_be_sent():
        return explain(NoTextProvider())
    counted = texts.counted(words)
    fault = counted.fault or (TooManyParts(counted.parts) if counted.parts > MOST_PARTS else None)
    return explain(fault) if fault else ""
