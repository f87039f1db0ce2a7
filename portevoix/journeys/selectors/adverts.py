"""What an automation writes as a political advertisement (regulation (EU) 2024/900): whether its readers are chosen.

Whatever starts an automation but a day for everybody is known of the person: what happened to them, a tag, a segment.
So its advertisements are targeted, and go only to people who agreed to that and are old enough.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from portevoix.delivery.selectors.figures import sent_about
from portevoix.journeys.models import Step, Version
from portevoix.journeys.selectors.checking import in_words, start_in_words
from portevoix.journeys.selectors.people import question_of
from portevoix.journeys.types import CONDITION, TEXT, Trigger
from portevoix.mailings import selectors as mailings
from portevoix.mailings.types import Label, Told
from portevoix.rights.purposes import Advertising, Purpose
from portevoix.segments import selectors as segments
from portevoix.segments.exceptions import InvalidTree


def advertising_of(step: Step) -> Advertising:
    """Tell whether what a step writes is an advertisement, and whether its readers are chosen by what is known."""
    if step.declared is None:
        return Advertising.NONE
    return Advertising.TARGETED if is_targeted(step) else Advertising.GENERAL


def is_targeted(step: Step) -> bool:
    """Tell whether anything but a day, language, territory and the subscription leads to a step or chooses its words.

    A question that cannot be read is taken for targeted.
    """
    version = step.version
    if version.trigger != Trigger.DAY or mailings.are_chosen(*_sources(step)):
        return True
    purpose = Purpose.TEXTS if step.kind == TEXT else Purpose.NEWSLETTER
    try:
        return any(mailings.picks(segments.resolved(question_of(one)).criteria(), purpose) for one in _asked(version))
    except InvalidTree:
        return True


def _sources(step: Step) -> list[Any]:
    """Return the words of a step, and the blocks of its letter."""
    letter = step.words
    return [step.said, *((letter.subject, letter.preheader, letter.body.get_prep_value()) if letter else ())]


def _asked(version: Version) -> list[Mapping[str, Any]]:
    """Return every question of a version: whom it is for, its goal, its conditions."""
    conditions = [one.said.get("tree") for one in version.steps.filter(kind=CONDITION)]
    return [one for one in (version.only, version.goal, *conditions) if one]


def label_of(step: Step) -> Label | None:
    """Return what a letter or a text of a step says of itself; nothing where it is no advertisement."""
    return mailings.label(step.declared, is_targeted=is_targeted(step)) if step.declared is not None else None


def logic_of(step: Step) -> str:
    """Say in plain words how the readers are chosen: as the campaign says it, or as the automation does."""
    if step.declared is not None and step.declared.logic.strip():
        return step.declared.logic.strip()
    version = step.version
    said = [start_in_words(version)]
    if version.only:
        said.append(gettext("Only for: %(only)s") % {"only": in_words(version.only)})
    conditions = version.steps.filter(kind=CONDITION).order_by("rank", "key")
    said += [gettext("Condition: %(question)s") % {"question": in_words(one.said.get("tree"))} for one in conditions]
    return ". ".join(said)


def told_of(step: Step) -> Told:
    """Return what the notice of a step's advertisement says of the message itself."""
    with translation.override(settings.LANGUAGE_CODE):
        logic = logic_of(step)
    words = step.words.subject if step.words else str(step.said.get("words", ""))
    channel = "sms" if step.kind == TEXT else "email"
    return Told(mailings.shortened(words), channel, is_targeted(step), logic, sent_about(step) or None)
