"""What answers add up to, so that no figure singles anybody out (RGPD art. 9: answers reveal opinions)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portevoix.actions.rules import spoken
from portevoix.actions.types import AnswerKind, Question

#: From so many answers on, results are shown.
LEAST_ANSWERS = 10
#: The site's figures move by so many answers at a time: one more does not say what somebody answered.
STEP = 5
#: A smaller number of people is not said.
LEAST_CELL = 5


@dataclass(frozen=True)
class Line:
    """How many gave an answer: None where they are too few to be counted in front of others."""

    answer: str
    count: int | None
    share: int | None

    @property
    def is_hidden(self) -> bool:
        return self.count is None


@dataclass(frozen=True)
class Tally:
    """What one question adds up to. Without ``lines``, too few answered it."""

    question: Question
    answered: int
    lines: tuple[Line, ...]

    @property
    def hides_some(self) -> bool:
        return any(line.is_hidden for line in self.lines)


@dataclass(frozen=True)
class Cross:
    """One question by département: a row has its name and a cell for each answer."""

    answers: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int | None, ...]], ...]


def shown_number(count: int) -> int:
    """Return of how many answers the site shows results: none below ten, then by steps of five."""
    return count - count % STEP if count >= LEAST_ANSWERS else 0


def possible(question: Question) -> tuple[str, ...]:
    """Return what can be answered, as it is kept."""
    fixed = {AnswerKind.YES_NO: ("yes", "no"), AnswerKind.SCALE: ("1", "2", "3", "4", "5")}
    return fixed.get(question.kind, question.choices)


def tallies(questions: Iterable[Question], answers: Sequence[Mapping[str, Any]]) -> list[Tally]:
    """Return what each question that can be counted adds up to."""
    return [_tally(question, answers) for question in questions if question.is_answer and question.kind.is_counted]


def hidden(counts: Sequence[int], *, adds_up: bool) -> list[bool]:
    """Tell which of the counts may not be said.

    Where they add up to a number that is said, subtraction finds what the hidden ones sum to: one alone, or two that
    sum to two, would be found. The next smallest hides with them until two at least sum to what may be said.
    """
    found = [0 < count < LEAST_CELL for count in counts]
    others = sorted((count, place) for place, count in enumerate(counts) if count >= LEAST_CELL)
    while adds_up and any(found) and others and _is_found(counts, found):
        found[others.pop(0)[1]] = True
    return found


def _is_found(counts: Sequence[int], found: Sequence[bool]) -> bool:
    sought = [count for count, is_hidden in zip(counts, found, strict=True) if is_hidden]
    return len(sought) < 2 or sum(sought) < LEAST_CELL


def crossed(question: Question, answers: Iterable[tuple[str, Any]]) -> Cross:
    """Return how a question was answered in each place; ``answers`` are pairs of a place and an answer."""
    counts: dict[str, Counter[str]] = {}
    for place, answer in answers:
        counts.setdefault(place, Counter()).update(_parts(answer))
    choices = possible(question)
    rows = []
    for place in sorted(counts):
        numbers = [counts[place][answer] for answer in choices]
        is_hidden = [0 < number < LEAST_CELL for number in numbers]
        rows.append((place, tuple(None if no else number for number, no in zip(numbers, is_hidden, strict=True))))
    return Cross(choices, tuple(rows))


def _tally(question: Question, answers: Sequence[Mapping[str, Any]]) -> Tally:
    given = [answer for one in answers if (answer := one.get(question.key)) not in (None, "", [])]
    if len(given) < LEAST_ANSWERS:
        return Tally(question, 0, ())
    counted = Counter(part for answer in given for part in _parts(answer))
    # Words that are no longer offered were answers too.
    choices = [*possible(question), *sorted(set(counted) - set(possible(question)))]
    counts = [counted[answer] for answer in choices]
    silent = hidden(counts, adds_up=question.kind != AnswerKind.CHOICES)
    lines = (
        Line(answer, None if no else count, None if no else round(100 * count / len(given)))
        for answer, count, no in zip(choices, counts, silent, strict=True)
    )
    return Tally(question, len(given), tuple(lines))


def _parts(answer: Any) -> list[str]:
    return [str(part) for part in answer] if isinstance(answer, list) else [spoken(answer)] if answer else []
