"""How long a visitor stays, with the product's own times: what waits for a clock or for a reader is seen."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from portevoix.auditor.engine.capture.options import Options, Step
from portevoix.auditor.engine.knowledge.base import Knowledge
from portevoix.auditor.engine.types import Phase
from tests.auditor import rehearsal
from tests.auditor.cases.consent import PIXEL, TRACKED
from tests.auditor.cases.site import bad, banner, document, script
from tests.auditor.town import Reply, built

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
WATCHES = f"""new IntersectionObserver((seen,one)=>{{if(seen[0].isIntersecting){{one.disconnect();{PIXEL}}}}})
.observe(document.getElementById("foot"))"""
FOOT = f'<div style="height:9000px"></div><p id="foot">Fin</p>{script(WATCHES)}'
CASES = (
    bad("timer-with-banner", *TRACKED, home=banner() + script(f"setTimeout(()=>{{{PIXEL}}},3000)")),
    bad(
        "at-the-foot-of-another-page",
        *TRACKED,
        home='<a href="/programme">Programme</a>',
        pages={"/programme": Reply(document("Programme", FOOT))},
    ),
    bad(
        "timer-after-refusal",
        "tracker-after-refusal",
        "address-to-tracker",
        home=banner(on_refuse=f"setTimeout(()=>{{{PIXEL}}},6000)"),
    ),
)


def test_what_waits_is_seen_in_the_products_own_time(tmp_path: Path, knowledge: Knowledge) -> None:
    steps: list[Step] = []
    with built(tmp_path) as town:
        given = rehearsal.options_for(town)
        options = Options(
            resolver=given.resolver,
            trusted_keys=given.trusted_keys,
            allow_private=True,
            autoconsent=given.autoconsent,
            pictures=False,
            tell=steps.append,
        )
        seen = rehearsal.captures(CASES, town, options)
    for phase in Phase:
        told = Counter(one.kind for one in steps if one.phase is phase)
        assert told["home"] == told["legal"] == told["privacy"] == told["done"] == len(CASES), "a step was not told"
    reports = rehearsal.judged(CASES, seen, knowledge)
    assert {one.name: rehearsal.found(one, reports[one.name]) for one in CASES} == {
        one.name: one.expects for one in CASES
    }
