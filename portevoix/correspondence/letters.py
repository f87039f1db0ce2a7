"""From words and facts to the letter that leaves. What the law asks for is added here, and taken away by nobody."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.utils import translation

from portevoix.correspondence import rules, selectors
from portevoix.correspondence.types import STANDARDS, Facts, Words
from portevoix.delivery import letters
from portevoix.delivery.exceptions import LetterError
from portevoix.delivery.types import MERGE_FIELDS, Letter

logger = logging.getLogger(__name__)


def write(key: str, values: Mapping[str, str], facts: Facts, *, language: str) -> Letter:
    """Return a standard letter in somebody's language: in the campaign's words, else in the product's.

    Words that cannot be filled in any more are left for the product's: whoever waits for a link gets it.
    """
    own = selectors.own_words(key, language)
    if own is not None:
        try:
            return compose(own.words, values, facts, language=language)
        except LetterError:
            logger.exception("the campaign's words for the letter %s cannot be used", key)
    return compose(selectors.default_words(key, language), values, facts, language=language)


def sample(key: str, words: Words, *, language: str) -> Letter:
    """Return a letter as an example, each blank filled in. Raises LetterError."""
    with translation.override(language):
        standard = STANDARDS[key]
        values = {name: str(blank.sample) for name, blank in standard.blanks.items()}
        facts = standard.sample()
    return compose(words, values | _always(), facts, language=language)


def blanks(key: str) -> dict[str, str]:
    """Return what may stand in the words of a letter: the product's blanks and readers' own fields, with labels."""
    known = {name: str(blank.label) for name, blank in STANDARDS[key].blanks.items()}
    personal = ("first_name", "last_name", "full_name")
    return known | {name: str(MERGE_FIELDS[name].label) for name in personal}


def _always() -> dict[str, str]:
    return {"site": settings.INSTANCE.site.name}


def compose(words: Words, values: Mapping[str, str], facts: Facts, *, language: str) -> Letter:
    """Return the letter that words and facts make. Raises LetterError for a field that nobody knows."""
    known = {**_always(), **values}
    with translation.override(selectors.spoken(language)):
        said = {name: rules.filled(text, known, known=MERGE_FIELDS) for name, text in asdict(words).items()}
        filled = letters.frame(**_parts(said, facts))
        return Letter(
            subject=" ".join(said["subject"].split()),
            text=letters.text("correspondence/letter.txt", filled),
            html=letters.page("correspondence/letter.mjml", filled),
            sender_name=settings.INSTANCE.site.name,
            sender_address=settings.INSTANCE.mail.sender,
            list_name=settings.INSTANCE.site.name if facts.is_news else "",
        )


def _parts(said: Mapping[str, str], facts: Facts) -> dict[str, Any]:
    return {
        "subject": said["subject"],
        "title": said["title"],
        "opening": [part.splitlines() for part in rules.paragraphs(said["opening"])],
        "before": _said(facts.before),
        "url": facts.url,
        "button": said["button"],
        "quote": rules.as_written(facts.quote).splitlines(),
        "after": _said(facts.after),
        "closing": [part.splitlines() for part in rules.paragraphs(said["closing"])],
        "reason": rules.as_written(facts.reason),
        "unsubscribe_url": "{{ unsubscribe_url }}" if facts.is_news else "",
        "preferences_url": "{{ preferences_url }}",
        "site": settings.INSTANCE.site.name,
    }


def _said(lines: Iterable[str]) -> list[str]:
    """Return lines of facts as they are said: they hold people's words, in which nothing is filled in."""
    return [rules.as_written(line) for line in lines]
