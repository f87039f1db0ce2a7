"""The town, audited once by a real Chromium: each trick is found where it was planted, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from portevoix.auditor.engine.knowledge.base import Knowledge
from portevoix.auditor.engine.rules.judge import judge
from portevoix.auditor.engine.types import Capture, Criterion, Phase, Report, Status
from tests.auditor import cases, rehearsal
from tests.auditor.cases.site import Case
from tests.auditor.town import Town, built

pytestmark = pytest.mark.browser


#: The cases on which the tests that are no case's own look.
PRESSED = ("obedient-banner", "shadow-banner", "framed-banner", "late-banner", "tarteaucitron")
LOOKED_AT = {*PRESSED, "in-a-frame", "cookie-by-answer", "ga-script", "plain", "form-by-fetch", "form-sent-much-later"}


def _wanted(items: list[pytest.Item]) -> list[Case]:
    """Return the cases that the chosen tests look at: with « -k », those alone are audited."""
    names: set[str] = set()
    for item in items:
        given = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
        own = given["case"].name if "case" in given else given.get("name")
        if item.path == Path(__file__):
            names |= {own} if own else LOOKED_AT
    return [case for case in cases.ALL if case.name in names]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with built(tmp_path_factory.mktemp("town")) as town:
        yield town


@pytest.fixture(scope="module")
def seen(request: pytest.FixtureRequest, town: Town) -> dict[str, Capture]:
    """Audit the town: one browser, several sites at once."""
    return rehearsal.captures(_wanted(request.session.items), town, rehearsal.options_for(town))


@pytest.fixture(scope="module")
def reports(seen: dict[str, Capture], knowledge: Knowledge) -> dict[str, Report]:
    return rehearsal.judged([case for case in cases.ALL if case.name in seen], seen, knowledge)


def test_the_town_is_large_and_its_names_differ() -> None:
    assert len({case.name for case in cases.ALL}) == len(cases.ALL) >= 60
    assert sum(not case.expects for case in cases.ALL) >= 20


@pytest.mark.timeout(900)
@pytest.mark.parametrize("case", cases.ALL, ids=lambda case: case.name)
def test_what_was_planted_is_found_and_nothing_else(case: Case, reports: dict[str, Report]) -> None:
    assert rehearsal.found(case, reports[case.name]) == case.expects


@pytest.mark.timeout(900)
def test_an_honest_site_passes_and_its_refusal_was_really_pressed(
    seen: dict[str, Capture], reports: dict[str, Report]
) -> None:
    for name in PRESSED:
        refused = seen[name].visit(Phase.REFUSE)
        assert refused is not None
        assert refused.clicked, name
        assert reports[name].verdict(Criterion.CONSENT).status is Status.PASS, name


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("worker-honest", "travail 42 true calculateur /js/outil.js"),
        ("worker-shared-honest", "travail ok"),
        ("worker-blob-honest", "travail 42"),
    ],
)
def test_a_worker_that_is_watched_works_as_its_author_meant(seen: dict[str, Capture], name: str, said: str) -> None:
    home = seen[name].visits[0].pages[0]
    assert said in home.text
    assert home.title == "Élan commun"


@pytest.mark.timeout(900)
def test_accepting_brings_what_refusing_keeps_away(reports: dict[str, Report]) -> None:
    receivers = {one.host: one.phases for one in reports["obedient-banner"].receivers}
    assert receivers["www.google-analytics.com"] == ("accept",)


@pytest.mark.timeout(900)
def test_a_form_that_is_tried_reaches_nobody(seen: dict[str, Capture], town: Town) -> None:
    assert [form for form in seen["form-by-fetch"].visits[0].forms if form.sent]
    for name in ("form-by-fetch", "form-sent-much-later"):
        host = f"www.{name}.example"
        assert not [one for one in town.asked if one[0] == host and "kestrel" in f"{one[1]}{one[2]}"], name
    assert not [one for one in town.asked if one[1].startswith("/f") and "kestrel" in f"{one[1]}{one[2]}"]


@pytest.mark.timeout(900)
def test_evidence_says_who_asked(reports: dict[str, Report]) -> None:
    found = next(
        one for one in reports["in-a-frame"].verdict(Criterion.CONSENT).findings if one.rule == "tracker-before-choice"
    )
    assert found.evidence[0].source.startswith("https://www.in-a-frame.example/cadre")
    cookie = next(
        one for one in reports["cookie-by-answer"].verdict(Criterion.CONSENT).findings if one.subject == "_fbp"
    )
    assert cookie.evidence[0].source == "https://www.cookie-by-answer.example/x.gif"


@pytest.mark.timeout(900)
def test_a_verdict_is_the_same_from_the_stored_capture(
    seen: dict[str, Capture], reports: dict[str, Report], knowledge: Knowledge
) -> None:
    for name in ("ga-script", "plain"):
        assert judge(seen[name], knowledge).verdicts == reports[name].verdicts
