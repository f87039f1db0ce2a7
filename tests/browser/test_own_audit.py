"""The product's auditor reads the product's own site, as it would read anybody's: it finds nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer
from wagtail.models import Page

from portevoix.auditor.engine.capture.browser import Chromium
from portevoix.auditor.engine.capture.options import Options
from portevoix.auditor.engine.capture.site import capture
from portevoix.auditor.engine.knowledge.lists import Lists, default_folder
from portevoix.auditor.engine.rules.judge import judge
from portevoix.auditor.engine.types import Criterion, Phase, Report, Weight
from tests.auditor import rehearsal

#: What depends on where a site stands, not on what it does: this machine has no public address, name or certificate.
OF_THE_HOST: set[str] = set()


def audit(url: str, **more: Any) -> Report:
    known = rehearsal.knowledge()
    assert known.missing == {}, "run scripts/install_test_tools.sh"
    options = replace(
        Options(allow_private=True, pages=12, pictures=False, quiet=0.3, banner_patience=1.0),
        autoconsent=Lists(default_folder()).npm("@duckduckgo/autoconsent"),
        **more,
    )

    async def work() -> Any:
        async with Chromium(options) as chromium:
            return await capture(url, chromium, options)

    seen = rehearsal.alone(work())
    assert not seen.trouble
    assert len(seen.visit(Phase.NONE).pages) > 8
    return judge(seen, known)


def found(report: Report) -> list[str]:
    return [
        f"{finding.rule} ({finding.weight}): {finding.subject} {finding.reason}"
        for verdict in report.verdicts
        for finding in verdict.findings
        if finding.weight is not Weight.NOTE and finding.rule not in OF_THE_HOST
    ]


def test_the_auditor_finds_nothing_on_the_demos_own_site(live_instance: LiveServer) -> None:
    report = audit(live_instance.url)
    assert len(report.verdicts) == len(Criterion)
    assert found(report) == []
    assert report.receivers == () or {one.is_own for one in report.receivers} == {True}


@pytest.mark.timeout(900)
def test_nor_where_pages_show_other_sites_that_nobody_accepted(live_instance: LiveServer) -> None:
    draft = Page.objects.get(slug="en-images").specific
    draft.get_latest_revision().publish()
    assert found(audit(f"{live_instance.url}/en-images/")) == []
