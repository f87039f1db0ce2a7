"""The engine in a process of its own: it ends in time, leaves nothing, reaches our own site and no other inside."""

from __future__ import annotations

import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from portevoix.audience import counter
from portevoix.audience.models import DailyCount
from portevoix.auditor import connectors, selectors, tasks
from portevoix.auditor.engine.capture.browser import LEASH, marked
from portevoix.auditor.engine.types import Criterion
from portevoix.auditor.models import Audit, AuditedSite
from portevoix.auditor.types import Fault
from tests.auditor.factories import browse_with, lives, mute_browser

#: Port 9 is closed on every machine: nothing is asked of anybody.
NOWHERE = "http://127.0.0.1:9/"


def until(is_so: Callable[[], bool], seconds: float = 30) -> bool:
    """Look until something is so."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if is_so():
            return True
        time.sleep(0.05)
    return False


def test_an_audit_that_lasts_too_long_is_ended_with_its_browser(settings: Settings, tmp_path: Path) -> None:
    program, note = mute_browser(tmp_path)
    browse_with(settings, program)
    began = time.monotonic()
    assert connectors.audited(NOWHERE, is_own=False, seconds=6) == connectors.Answer(fault=Fault.TOO_LONG)
    assert time.monotonic() - began < 6 + connectors.GRACE_SECONDS + 10
    assert note.exists(), "the browser was not even started"
    assert until(lambda: not lives(note))


def test_a_browser_that_cannot_start_is_no_verdict(settings: Settings, tmp_path: Path) -> None:
    program = tmp_path / "browser"
    program.write_text("#!/bin/sh\nexit 7\n")
    program.chmod(0o755)
    browse_with(settings, program)
    answer = connectors.audited(NOWHERE, is_own=False)
    assert answer.report is not None
    assert {verdict.status for verdict in answer.report.verdicts} == {"unknown"}


def test_the_audit_of_a_worker_that_dies_ends_with_it(tmp_path: Path) -> None:
    program, note = mute_browser(tmp_path)
    mark = uuid.uuid4().hex
    words = [sys.executable, "-m", "portevoix", "audit", NOWHERE, "--browser", str(program), "--leash", mark]
    child = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert child.stdin is not None
    assert until(note.exists)
    child.stdin.close()
    assert child.wait(20) == 4
    assert until(lambda: not lives(note))
    assert marked(mark, LEASH) == []


@pytest.fixture
def own_site(live_server: LiveServer, settings: Settings, transactional_db: None) -> LiveServer:
    """Our own site, served by a thread of this process, at an address inside."""
    settings.BASE_URL = live_server.url
    return live_server


@pytest.mark.browser
@pytest.mark.timeout(400)
@pytest.mark.usefixtures("own_site")
def test_our_own_site_is_audited_where_it_stands_and_counts_no_visit(settings: Settings) -> None:
    from tests.website.factories import HomePageFactory

    HomePageFactory()
    settings.COUNT_VISITS = True
    reader = Client(HTTP_USER_AGENT="Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0")
    assert reader.get("/").status_code == 200
    tasks.audit_site(None, "publication")
    counter.flush()
    audit = Audit.objects.get()
    assert audit.fault == ""
    assert audit.site == AuditedSite.objects.get(is_own=True)
    found = selectors.report_of(audit)
    assert f"{settings.BASE_URL}/" in found.pages
    assert all(finding.rule != "site-not-seen" for verdict in found.verdicts for finding in verdict.findings)
    # A site of one page is never enough to pass: nothing was found, and that is said.
    assert found.verdict(Criterion.CONSENT).decided_by == ("one-page-only",), found.verdict(Criterion.CONSENT)
    assert audit.pictures.filter(page__startswith=settings.BASE_URL).exists()
    assert sum(DailyCount.objects.values_list("views", flat=True)) == 1, "the reader's, and no other"


@pytest.mark.browser
@pytest.mark.timeout(400)
def test_another_site_inside_is_refused(own_site: LiveServer) -> None:
    answer = connectors.audited(own_site.url, is_own=False)
    assert answer.report is not None
    told = [finding for verdict in answer.report.verdicts for finding in verdict.findings]
    assert {(finding.rule, finding.reason) for finding in told} == {("site-not-seen", "private address")}
