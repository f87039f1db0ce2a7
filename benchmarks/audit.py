"""The auditor: how right it is on a town where every trick is planted, and what it costs beside bare page loads."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import time
from collections import Counter
from functools import cache
from pathlib import Path

from benchmarks.harness import Benchmark, register
from portevoix.auditor.engine.capture.browser import Chromium
from portevoix.auditor.engine.capture.names import TableResolver
from portevoix.auditor.engine.capture.options import Options
from portevoix.auditor.engine.capture.site import capture
from portevoix.auditor.engine.capture.wire import Wire
from portevoix.auditor.engine.observatory.run import audit_all
from tests.auditor import cases, rehearsal
from tests.auditor.cases.site import Case, banner, third_parties
from tests.auditor.town import built
from tests.auditor.watching import Watch


@cache
def counts() -> tuple[Counter[str], Counter[str], Counter[str]]:
    """Audit the town once; return by technique what was rightly found, wrongly found, and missed."""
    with tempfile.TemporaryDirectory() as folder, built(Path(folder)) as town:
        seen = rehearsal.captures(cases.ALL, town, rehearsal.options_for(town))
    reports = rehearsal.judged(cases.ALL, seen, rehearsal.knowledge())
    right, wrong, missed = Counter[str](), Counter[str](), Counter[str]()
    for case in cases.ALL:
        found = rehearsal.found(case, reports[case.name])
        right.update(found & case.expects)
        wrong.update(found - case.expects)
        missed.update(case.expects - found)
    for rule in sorted({*right, *wrong, *missed}):
        told = right[rule], right[rule] + wrong[rule], right[rule] + missed[rule]
        print(f"    {rule:<34} precision {_share(told[0], told[1])}  recall {_share(told[0], told[2])}  of {told[2]}")
    return right, wrong, missed


def _share(part: int, whole: int) -> str:
    return f"{part / whole:5.3f}" if whole else "  —  "


class _Right(Benchmark):
    """A share of a hundred, against every label right."""

    n = len(cases.ALL)
    unit = "percent"
    goal = 0.98
    side = "at least"
    rounds = 1

    def reference(self) -> float:
        return 100.0


@register
class Precision(_Right):
    """Of what is found, how much was planted."""

    name = "audit.precision"

    def ours(self) -> float:
        right, wrong, _missed = counts()
        return 100 * right.total() / (right.total() + wrong.total())


@register
class Recall(_Right):
    """Of what was planted, how much is found."""

    name = "audit.recall"

    def ours(self) -> float:
        right, _wrong, missed = counts()
        return 100 * right.total() / (right.total() + missed.total())


@register
class OnePage(Benchmark):
    """A page with a banner in three passes as the product makes them, against three bare loads that wait as long.

    Both stay on the page for the product's own time, and both do the three at once, in one browser.
    """

    name = "audit.page"
    n = 3
    unit = "s"
    goal = 2.0
    side = "at most"
    rounds = 5

    def set_up(self) -> None:
        self.stack = contextlib.ExitStack()
        folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        town = self.stack.enter_context(built(Path(folder)))
        third_parties(town)
        case = Case("bench", home=banner(), notice=None, policy=None)
        case.build(town)
        self.url = case.url
        given = rehearsal.options_for(town)
        self.options = Options(
            resolver=given.resolver,
            trusted_keys=given.trusted_keys,
            allow_private=True,
            autoconsent=given.autoconsent,
            pages=1,
        )
        self.resolver: TableResolver = town.resolver

    def ours(self) -> float:
        return float(rehearsal.alone(self._ours()))

    async def _ours(self) -> float:
        async with Chromium(self.options) as chromium:
            await self._warm(chromium)
            began = time.perf_counter()
            seen = await capture(self.url, chromium, self.options)
            took = time.perf_counter() - began
        assert all(visit.clicked for visit in seen.visits[1:]), seen
        return took

    async def _warm(self, chromium: Chromium) -> None:
        async with Wire(self.resolver, allow_private=True) as wire:
            await chromium.close(await chromium.context(wire.address))

    def reference(self) -> float:
        return float(rehearsal.alone(self._reference()))

    async def _reference(self) -> float:
        async with Chromium(self.options) as chromium:
            await self._warm(chromium)
            began = time.perf_counter()
            await asyncio.gather(*(self._bare(chromium) for _number in range(3)))
            return time.perf_counter() - began

    async def _bare(self, chromium: Chromium) -> None:
        async with Wire(self.resolver, allow_private=True) as wire:
            context = await chromium.context(wire.address)
            page = await context.new_page()
            await page.goto(self.url, wait_until="networkidle")
            await page.wait_for_timeout(1000 * self.options.stay)
            await context.close()

    def tear_down(self) -> None:
        self.stack.close()


@register
class Observatory(Benchmark):
    """Fifty sites, four at once: the memory of all that it starts, at its worst, against three GiB; nothing is left."""

    name = "audit.observatory"
    n = 50
    unit = "MiB"
    goal = 1.0
    side = "at most"
    rounds = 1

    def set_up(self) -> None:
        self.stack = contextlib.ExitStack()
        self.folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        town = self.stack.enter_context(built(self.folder))
        third_parties(town)
        for case in cases.ALL[: self.n]:
            case.build(town)
        lines = [f"{case.url},{case.name}" for case in cases.ALL[: self.n]]
        (self.folder / "sites.csv").write_text("\n".join(["url,name", *lines]), "utf-8")
        self.options = rehearsal.options_for(town, pictures=True)

    def ours(self) -> float:
        began, tools = time.perf_counter(), (rehearsal.knowledge(), self.options)
        with Watch() as watch:
            statuses = audit_all(self.folder / "sites.csv", self.folder / "out", {"workers": 4, "strict": False}, tools)
        took = time.perf_counter() - began
        left = watch.left
        print(f"    {len(statuses)} sites in {took:.0f} s, {len(watch.browsers)} browsers' processes, {len(left)} left")
        assert len(statuses) == self.n
        assert watch.browsers
        assert not left
        return watch.peak_mib

    def reference(self) -> float:
        return 3 * 1024.0

    def tear_down(self) -> None:
        self.stack.close()
