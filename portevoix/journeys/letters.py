"""From a step's words to the letter or the text that leaves: written, checked and framed as any other message."""

from __future__ import annotations

import hashlib
from dataclasses import asdict

from portevoix.delivery import selectors as outbox
from portevoix.delivery.exceptions import LetterError, NoTextProvider, NoWords, TooManyParts
from portevoix.delivery.rules.texting import MOST_PARTS
from portevoix.delivery.types import Letter as Leaving
from portevoix.delivery.types import Text
from portevoix.journeys import selectors
from portevoix.journeys.models import Letter, Step, Version
from portevoix.journeys.types import MAIL, TEXT
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
#: What of a version itself a second person reads.
SETTINGS = ("trigger", "said", "only", "goal", "again_days", "quiet_from", "quiet_until")


def as_mailing(letter: Letter) -> Mailing:
    """Return the letter in the form in which messages are written; it is kept nowhere."""
    return Mailing(title=letter.subject, **letter.words())


def compose(step: Step) -> Leaving:
    """Return the letter of a step, merge fields still open; it says that a machine writes. Raises LetterError."""
    if step.words is None:
        raise EmptyLetter
    return letters.compose(as_mailing(step.words), selectors.label_of(step)).automatic


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
    """Return the text message of a step, merge fields still open; of an advertisement, with its label."""
    return Text(words=texts.labelled(str(step.said.get("words", "")), selectors.label_of(step)))


def text_fault(step: Step) -> str:
    """Return what keeps a text message from leaving, in a sentence, or nothing."""
    if not str(step.said.get("words", "")).strip():
        return explain(NoWords())
    if not texts.may_be_sent():
        return explain(NoTextProvider())
    counted = texts.counted(text_of(step).words)
    fault = counted.fault or (TooManyParts(counted.parts) if counted.parts > MOST_PARTS else None)
    return explain(fault) if fault else ""


def digest(version: Version) -> str:
    """Return what names a version as it is: what starts it, its steps, and every word that it writes.

    Raises LetterError for a letter that cannot leave.
    """
    settings = [getattr(version, name) for name in SETTINGS]
    steps = version.steps.select_related("letter", "advert__election", "parent", "version").order_by("key")
    known = [(one.key, one.kind, one.said, one.node.parent, one.branch, one.position, _written(one)) for one in steps]
    return hashlib.sha256(repr((settings, known)).encode()).hexdigest()


def _written(step: Step) -> object:
    if step.kind == MAIL:
        return asdict(compose(step))
    return text_of(step).words if step.kind == TEXT else None
