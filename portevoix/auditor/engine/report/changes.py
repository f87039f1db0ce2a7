"""What is different between two reports of one site: statuses, then what appeared and what is gone."""

from __future__ import annotations

from dataclasses import dataclass

from portevoix.auditor.engine import words
from portevoix.auditor.engine.types import Criterion, Finding, Report, Status, Weight


@dataclass(frozen=True, slots=True)
class Changes:
    """What two reports do not have in common; notes and warnings are left out."""

    statuses: tuple[tuple[Criterion, Status, Status], ...]
    appeared: tuple[Finding, ...]
    gone: tuple[Finding, ...]

    def __bool__(self) -> bool:
        return bool(self.statuses or self.appeared or self.gone)


def between(before: Report, after: Report) -> Changes:
    """Compare two reports."""
    statuses, appeared, gone = [], [], []
    for criterion in Criterion:
        old, new = before.verdict(criterion), after.verdict(criterion)
        if old.status is not new.status:
            statuses.append((criterion, old.status, new.status))
        appeared += _only_in(new.findings, old.findings)
        gone += _only_in(old.findings, new.findings)
    return Changes(tuple(statuses), tuple(appeared), tuple(gone))


def _only_in(these: tuple[Finding, ...], those: tuple[Finding, ...]) -> list[Finding]:
    known = {(one.rule, one.subject) for one in those}
    grave = (one for one in these if one.weight in {Weight.FAIL, Weight.UNKNOWN})
    return [one for one in grave if (one.rule, one.subject) not in known]


def told(changes: Changes, language: str) -> list[str]:
    """Return changes in words, a line each."""
    said = words.words(language)
    lines = [f"{said[criterion]}{said['colon']} {said[old]} → {said[new]}" for criterion, old, new in changes.statuses]
    for sign, findings in (("+", changes.appeared), ("−", changes.gone)):
        lines += [
            f"{sign} {words.said(one, language).title}{said['colon']} {words.subject(one, language)}"
            for one in findings
        ]
    return lines
