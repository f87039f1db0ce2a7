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
#: The passes on which a criterion rests: receivers are everybody's, also of those who accept.
PASSES = {
    Criterion.CONSENT: (Phase.NONE, Phase.REFUSE),
    Criterion.PERSONAL: (Phase.NONE, Phase.REFUSE),
    Criterion.TRANSFERS: (Phase.NONE, Phase.REFUSE, Phase.ACCEPT),
    Criterion.SOVEREIGNTY: (Phase.NONE, Phase.REFUSE, Phase.ACCEPT),
    Criterion.TRANSPARENCY: (Phase.NONE,),
}
#: Of what a pass could not note, what may hide a receiver.
HIDES_RECEIVERS = {"more requests than are noted"}
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
        framework=knowledge.law.framework,
    )


def judge_or_say_why(capture: Capture, knowledge: Knowledge, *, is_strict: bool = False) -> Report:
    """Judge a capture; one that cannot be judged is unknown, with the reason, and stops nothing else."""
    try:
        return judge(capture, knowledge, is_strict=is_strict)
    except Exception as error:  # noqa: BLE001 - one site of many, made by strangers
        trouble = f"the auditor failed: {type(error).__name__}"
        return judge(Capture(capture.url, capture.began_at, trouble=trouble), knowledge, is_strict=is_strict)


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
    seen = Evidence(reading.capture.url, "", reading.capture.url)
    if reading.blocks:
        told: Iterable[tuple[str, str, str]] = [("site-not-seen", reading.capture.url, reading.blocks)]
    else:
        told = (*_lacks(criterion, reading), *_cuts(criterion, reading), *_doubts(criterion, reading))
    for rule, subject, reason in told:
        yield Finding(rule, criterion, Weight.UNKNOWN, subject, (seen,), reason)


def _lacks(criterion: Criterion, reading: Reading) -> Iterator[tuple[str, str, str]]:
    for name, what in reading.known.missing.items():
        if what in NEEDS[criterion]:
            yield "list-missing", name, what


def _cuts(criterion: Criterion, reading: Reading) -> Iterator[tuple[str, str, str]]:
    """Return the passes that were not made, not ended, not driven, or not wholly noted."""
    for phase in PASSES[criterion]:
        if (reason := _unfinished(reading, phase)) is not None:
            yield "pass-incomplete", str(phase), reason
        for reason in _unnoted(criterion, reading, phase):
            yield "not-all-noted", str(phase), reason
    if Phase.ACCEPT in PASSES[criterion] and reading.banner.is_there and not reading.was_driven(Phase.ACCEPT):
        yield "acceptance-not-driven", "banner", "no button was recognised"
    if criterion is Criterion.PERSONAL and reading.banner.is_there and not reading.was_driven(Phase.REFUSE):
        yield "refusal-not-driven", "banner", "no button was recognised"


def _doubts(criterion: Criterion, reading: Reading) -> Iterator[tuple[str, str, str]]:
    if criterion not in LAWFUL:
        return
    if len(reading.pages) < 2:
        yield "one-page-only", reading.capture.url, _why_one(reading)
    if (script := reading.machine_sought) is not None:
        yield "automation-sought", script, "navigator.webdriver"


def _unfinished(reading: Reading, phase: Phase) -> str | None:
    """Return why a pass proves nothing; None when it went to its end."""
    visit = reading.capture.visit(phase)
    if visit is None:
        return "not made"
    if visit.trouble:
        return visit.trouble
    read = {page.asked for page in visit.pages if not page.trouble}
    if not read:
        return visit.pages[0].trouble if visit.pages else "no page"
    return None if {page.asked for page in reading.pages} <= read else "fewer pages than without a choice"


def _unnoted(criterion: Criterion, reading: Reading, phase: Phase) -> Iterator[str]:
    visit = reading.capture.visit(phase)
    for reason in visit.gaps if visit else ():
        if criterion in LAWFUL[:2] or (criterion is not Criterion.TRANSPARENCY and reason in HIDES_RECEIVERS):
            yield reason


def _why_one(reading: Reading) -> str:
    """Say why one page is all that was read: others failed, none was found, or none was asked for."""
    if len(reading.none.pages) > 1:
        return "the other pages could not be read"
    return "no other page was visited" if reading.home and reading.home.links else "the page leads to no other"
