"""Decisions on forms, without a database: which questions are asked, and what a form said."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from portevoix.actions.types import Question


def is_asked(question: Question, answers: Mapping[str, Any]) -> bool:
    """Tell whether a question is asked of whoever gave these answers to the earlier ones."""
    if question.only_if is None:
        return True
    key, wanted = question.only_if
    given = answers.get(key)
    return wanted in given if isinstance(given, list) else spoken(given) == wanted


def spoken(answer: Any) -> str:
    """Return an answer as the editor writes it in a condition."""
    return {True: "yes", False: "no", None: ""}.get(answer, str(answer)) if not isinstance(answer, list) else ""


def kept(questions: Sequence[Question], answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept of the answers: those of questions that were asked, and that say something.

    A question left out by an answer leaves out those that hang on it.
    """
    found: dict[str, Any] = {}
    for question in questions:
        answer = answers.get(question.key)
        if is_asked(question, found) and answer not in (None, "", []):
            found[question.key] = answer
    return found


def digest(content: Mapping[str, Any]) -> str:
    """Return what names a version of a form: the same words give the same digest."""
    written = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()


def as_json(questions: Iterable[Question]) -> list[dict[str, Any]]:
    """Return questions as a version of a form keeps them."""
    return [question.as_json() for question in questions]


def host_of(address: str) -> str:
    """Return the site of an address, without what leads to one page of it: that could name the reader."""
    try:
        return (urlsplit(address).hostname or "")[:253]
    except ValueError:
        return ""


#: Below, nobody consents alone (loi n° 78-17, art. 45; checked on 2026-11-30).
CONSENTS_ALONE_FROM = 15


def age_on(born: date, day: date) -> int:
    """Return how old somebody born on a day is on another."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


#: Zeros, in bits, with which the digest of a piece of work begins: 65,536 tries on average, about a second of a
#: telephone's time (Hashcash, A. Back, 2002).
BITS = 16


def is_work(challenge: str, answer: str) -> bool:
    """Tell whether an answer was worked for: SHA-256 of the challenge and it begins with enough zeros."""
    if not challenge or not answer or len(answer) > 20:
        return False
    found = hashlib.sha256(f"{challenge}:{answer}".encode()).digest()
    return int.from_bytes(found[:4], "big") >> (32 - BITS) == 0
