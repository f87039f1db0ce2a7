"""From findings to verdicts: the worst counts, and a pass needs proof that everything was looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from importlib import metadata

from portevoix.auditor.engine.knowledge.base import Knowledge
from portevoix.auditor.engine.rules import consent, personal, sovereignty, transfers, transparency
from portevoix.auditor.engine.rules.reading import Reading
from portevoix.auditor.engine.types import Capture, Criterion, Evidence, Finding, Phase, Report, Status, Verdict, Weight

RULES = {
    Criterion.CONSENT: consent.find,
    Criterion.PERSONAL: personal.find,
    Criterion.TRANSFERS: transfers.find,
    Criterion.SOVEREIGNTY: sovereignty.find,
    Criterion.TRANSPARENCY: transparency.find,
}
#: The lists without which a criterion cannot pass.
NEEDS = {
    Criterion.CONSENT: ("trackers", "companies", "banners"),
    Criterion.PERSONAL: ("trackers", "companies"),
    Criterion.TRANSFERS: ("countries", "networks"),
    Criterion.SOVEREIGNTY: ("networks",),
    Criterion.TRANSPARENCY: (),
}
#: What decides the whole: the law. Sovereignty is told beside it.
LAWFUL = (Criterion.CONSENT, Criterion.PERSONAL, Criterion.TRANSFERS)


def judge(capture: Capture, knowledge: Knowledge, *, is_strict: bool = False, now: datetime | None = None) -> Report:
    """Judge a capture."""
    reading = Reading(capture, knowledge, is_strict=is_strict)
    verdicts = tuple(_verdict(criterion, reading) for criterion in Criterion)
    return Report(
        url=capture.url,
        made_at=(now or datetime.now(UTC)).isoformat(timespec="seconds"),
        engine=f"portevoix {metadata.version('portevoix')}",
        overall=worst(verdict.status for verdict in verdicts if verdict.criterion in LAWFUL),
        verdicts=verdicts,
        receivers=reading.receivers,
        layers=sovereignty.layers(reading),
        lists=knowledge.versions,
        missing_lists=knowledge.missing,
        pages=tuple(page.url for page in reading.pages),
        began_at=capture.began_at,
        browser=capture.browser,
        seconds=capture.seconds,
        owners=knowledge.law.owners_counted,
    )


def worst(statuses: Iterable[Status]) -> Status:
    """Return fail before unknown before pass; nothing at all is unknown."""
    found = set(statuses)
    return next(
        (one for one in (Status.FAIL, Status.UNKNOWN) if one in found), Status.PASS if found else Status.UNKNOWN
    )


def _verdict(criterion: Criterion, reading: Reading) -> Verdict:
    findings = (*RULES[criterion](reading), *_gaps(criterion, reading))
    for status, weight in ((Status.FAIL, Weight.FAIL), (Status.UNKNOWN, Weight.UNKNOWN)):
        decided = tuple(dict.fromkeys(one.rule for one in findings if one.weight is weight))
        if decided:
            return Verdict(criterion, status, decided, findings)
    return Verdict(criterion, Status.PASS, ("nothing-found",), findings)


def _gaps(criterion: Criterion, reading: Reading) -> Iterator[Finding]:
    """What was not looked at: each gap keeps a criterion from passing."""

    def gap(rule: str, subject: str, reason: str) -> Finding:
        seen = Evidence(reading.capture.url, "", reading.capture.url)
        return Finding(rule, criterion, Weight.UNKNOWN, subject, (seen,), reason)

    if reading.blocks:
        yield gap("site-not-seen", reading.capture.url, reading.blocks)
        return
    for name, what in reading.known.missing.items():
        if what in NEEDS[criterion]:
            yield gap("list-missing", name, what)
    for phase in (Phase.NONE, Phase.REFUSE) if criterion in LAWFUL[:2] else (Phase.NONE,):
        if (reason := _unfinished(reading, phase)) is not None:
            yield gap("pass-incomplete", str(phase), reason)
    if criterion in LAWFUL and len(reading.pages) < 2 and _has_more(reading):
        yield gap("one-page-only", reading.capture.url, "")


def _unfinished(reading: Reading, phase: Phase) -> str | None:
    """Return why a pass proves nothing; None when it went to its end."""
    visit = reading.capture.visit(phase)
    if visit is None:
        return "not made"
    if visit.trouble:
        return visit.trouble
    if any(not page.trouble for page in visit.pages):
        return None
    return visit.pages[0].trouble if visit.pages else "no page"


def _has_more(reading: Reading) -> bool:
    """Tell whether the site has other pages that could not be read."""
    return len(reading.none.pages) > 1
