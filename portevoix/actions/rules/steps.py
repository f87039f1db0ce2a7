"""Which pages of a form with several are asked of whom: pure, so that it can be tried by tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from portevoix.actions.rules import is_asked, kept
from portevoix.actions.types import Question


def may_be_asked(questions: Sequence[Question], answers: Mapping[str, Any], *, at: int) -> list[Question]:
    """Return the questions that are not ruled out by what was answered on the pages before ``at``.

    What hangs on a page that is still to come may be asked: a count of pages then only ever goes down.
    """
    given = kept([question for question in questions if question.step < at], answers)
    steps = {question.key: question.step for question in questions}
    possible: dict[str, bool] = {}
    for question in questions:
        after = question.only_if[0] if question.only_if else ""
        is_decided = not after or steps.get(after, 0) < at
        possible[question.key] = is_asked(question, given) if is_decided else possible.get(after, True)
    return [question for question in questions if possible[question.key]]


def asked_steps(questions: Sequence[Question], answers: Mapping[str, Any], *, at: int, last: int) -> list[int]:
    """Return the pages that are not ruled out, in order; the last, which asks the address, never is."""
    return sorted({question.step for question in may_be_asked(questions, answers, at=at)} | {last})
