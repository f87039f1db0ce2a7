"""Audits of the town: many at once, in a loop of their own beside the tests' thread."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from portevoix.auditor.engine.capture.browser import Chromium
from portevoix.auditor.engine.capture.options import Options
from portevoix.auditor.engine.capture.site import capture
from portevoix.auditor.engine.knowledge.base import Knowledge
from portevoix.auditor.engine.knowledge.lists import Lists, default_folder
from portevoix.auditor.engine.rules.judge import judge
from portevoix.auditor.engine.types import Capture, Report, Weight
from tests.auditor.cases.site import Case, third_parties
from tests.auditor.town import Town

AT_ONCE = 4


def options_for(town: Town, **more: Any) -> Options:
    """Return how the town is audited: it is quick, so it is not waited for long."""
    chosen: dict[str, Any] = {
        "resolver": town.resolver,
        "trusted_keys": (town.key,),
        "allow_private": True,
        "autoconsent": Lists(default_folder()).npm("@duckduckgo/autoconsent"),
        "quiet": 0.3,
        "patience": 5.0,
        "banner_patience": 1.0,
        "pages": 4,
        "stay": 0.6,
        "stay_inside": 0.3,
        "pictures": False,
        **more,
    }
    return Options(**chosen)


def alone(work: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine in a thread with its own loop: the tests' thread may have one already."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def captures(cases: Iterable[Case], town: Town, options: Options, *, at_once: int = AT_ONCE) -> dict[str, Capture]:
    """Build the cases in the town and capture each."""
    third_parties(town)
    queue = list(cases)
    for case in queue:
        case.build(town)
    options = replace(options, resolver=town.resolver)
    seen: dict[str, Capture] = {}

    async def work(chromium: Chromium) -> None:
        while queue:
            case = queue.pop(0)
            seen[case.name] = await capture(case.url, chromium, _for(case, options))

    async def every() -> None:
        async with Chromium(options) as chromium:
            await asyncio.gather(*(work(chromium) for _number in range(at_once)))

    alone(every())
    return seen


def _for(case: Case, options: Options) -> Options:
    """Wait for no banner where there is none to come, and visit no page that a case says nothing of."""
    quick = {"banner_patience": 0.0, "autoconsent": None} if case.is_quick else {}
    return replace(options, pages=min(options.pages, case.sample), **quick)


def knowledge() -> Knowledge:
    return Knowledge(Lists(default_folder()))


def found(case: Case, report: Report) -> set[str]:
    """Return the rules that found something in the criteria that a case watches; notes are not counted."""
    return {
        finding.rule
        for verdict in report.verdicts
        if verdict.criterion in case.watched
        for finding in verdict.findings
        if finding.weight is not Weight.NOTE
    }


def judged(cases: Iterable[Case], seen: dict[str, Capture], known: Knowledge) -> dict[str, Report]:
    return {case.name: judge(seen[case.name], known) for case in cases}
