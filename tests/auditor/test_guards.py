"""What keeps one hostile site, one odd record or one absent list from telling more, or less, than was seen."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from pathlib import Path
from typing import Any

import dns.rdata
import pytest

from portevoix.auditor.engine.capture import browser, names, site
from portevoix.auditor.engine.capture.limits import given_up_after
from portevoix.auditor.engine.knowledge.base import Knowledge
from portevoix.auditor.engine.report import archive
from portevoix.auditor.engine.rules.judge import judge, judge_or_say_why
from portevoix.auditor.engine.types import Capture, Cookie, Criterion, Phase, Request, Sent, Status
from tests.auditor.cases.site import Case, script, third_parties
from tests.auditor.rehearsal import alone, captures, options_for
from tests.auditor.seen import SITE, capture
from tests.auditor.test_command import audit
from tests.auditor.town import built


def test_the_strings_of_a_text_record_are_one_text() -> None:
    record = dns.rdata.from_text("IN", "TXT", '"v=spf1 include:_spf.goog" "le.com -all"')
    assert names._plain(record) == "v=spf1 include:_spf.google.com -all"
    assert names._plain(dns.rdata.from_text("IN", "NS", "dns10.ovh.net.")) == "dns10.ovh.net"


@pytest.mark.parametrize(
    ("record", "senders"),
    [
        ("v=spf1 include:a.example -all", ["a.example"]),
        ("v=spf1 +include:a.example ~include:b.example -include:c.example ?a:d.example/24 mx ~all", "abd"),
        ("v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all", ["192.0.2.0/24", "2001:db8::/32"]),
        ("v=spf1 redirect=e.example", ["e.example"]),
        ("google-site-verification=x", []),
    ],
)
def test_whom_the_domain_lets_write_in_its_name(record: str, senders: list[str] | str) -> None:
    wanted = [f"{letter}.example" for letter in senders] if isinstance(senders, str) else senders
    assert site._senders((record,)) == wanted


def test_the_browser_is_told_nothing_of_our_environment_but_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "secret")
    monkeypatch.setenv("PORTEVOIX_SECRET_KEY", "secret")
    monkeypatch.setenv("PORTEVOIX_AUDIT_LEASH", "mark")
    told = browser._environment()
    assert "secret" not in told.values()
    assert told["PORTEVOIX_AUDIT_LEASH"] == "mark"
    assert told["PATH"]


def test_a_capture_that_breaks_the_judge_is_unknown_and_stops_nothing(knowledge: Knowledge) -> None:
    odd: Any = 5  # as a page might make it
    broken = Cookie(odd, odd, odd)
    report = judge_or_say_why(capture(none={"cookies": (broken,)}), knowledge)
    assert report.overall is Status.UNKNOWN
    reasons = {one.reason for one in report.verdict(Criterion.CONSENT).findings}
    assert any(one.startswith("the auditor failed: ") for one in reasons)


def test_the_archive_tells_statuses_and_where_a_redirect_leads() -> None:
    asked = (
        Request(f"{SITE}go", status=302),
        Request("https://www.google-analytics.com/collect?v=1", status=200, hop_of=f"{SITE}go"),
    )
    entries = archive.har(capture(none={"requests": asked}))["log"]["entries"]
    assert [(one["response"]["status"], one["response"]["redirectURL"]) for one in entries] == [
        (302, asked[1].url),
        (200, ""),
    ]


def test_gaps_and_wires_are_kept_in_the_archive(tmp_path: Path) -> None:
    seen = capture(none={"gaps": ("more storage than is noted",), "dialled": {"www.elan.example": 0.5}})
    archive.write(seen, tmp_path / "x.har")
    assert archive.read(tmp_path / "x.har") == seen


def test_a_socket_opened_after_a_refusal_counts_and_one_before_it_does_not(knowledge: Knowledge) -> None:
    def rules(at: float) -> set[str]:
        told = {"sent": (Sent("wss://ws.hotjar.com/x", "", SITE, at),), "clicked": "Non", "clicked_at": 2.0}
        return {one.rule for one in judge(capture(refuse=told), knowledge).verdict(Criterion.CONSENT).findings}

    assert "tracker-after-refusal" in rules(3.0)
    assert "tracker-after-refusal" not in rules(1.0)


def test_without_lists_the_command_says_how_to_bring_them(tmp_path: Path) -> None:
    archive.write(capture(), tmp_path / "x.har")
    done = audit("--replay", "x.har", "--lists", "none", folder=tmp_path)
    assert done.returncode == 3
    assert "portevoix audit --update-lists --lists none" in done.stderr


@pytest.mark.parametrize(("known", "code"), [(("pass", "unknown"), 3), (("unknown", "fail"), 1), (("pass", "pass"), 0)])
def test_many_sites_end_with_the_worst_of_them(tmp_path: Path, known: tuple[str, str], code: int) -> None:
    (tmp_path / "sites.csv").write_text("url\nhttps://a.example\nhttps://b.example\n")
    (tmp_path / "out").mkdir()
    done = {f"{name}-example": status for name, status in zip("ab", known, strict=True)}
    (tmp_path / "out" / "round.json").write_text(json.dumps({"began_at": "2027-01-01T000000Z", "done": done}))
    assert audit("--sites", "sites.csv", "--out", "out", folder=tmp_path).returncode == code


def test_work_that_will_not_end_is_left() -> None:
    async def stubborn() -> None:
        ends = time.monotonic() + 60
        while time.monotonic() < ends:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.Event().wait()

    async def run() -> bool:
        cut = await given_up_after(stubborn(), 0.05, grace=0.05)
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            coroutine: Any = task.get_coro()
            coroutine.close()  # nothing else ends it
        return cut

    began = time.monotonic()
    assert alone(run())
    assert time.monotonic() - began < 5


# ---- with a browser


FLOODS = {
    "messages": (
        "more messages than are noted",
        'const w=new WebSocket("wss://ID/");w.onopen=()=>{for(let i=0;i<2500;i++)w.send("x")}',
    ),
    "words": ("a longer message than is noted", 'fetch("/x",{method:"POST",body:"x".repeat(50000)})'),
    "keys": ("more storage than is noted", 'for(let i=0;i<1200;i++)localStorage.setItem("k"+i,"1")'),
    "value": ("more storage than is noted", 'localStorage.setItem("k","x".repeat(5000))'),
    "acts": ("more acts of scripts than are noted", 'for(let i=0;i<500;i++)document.cookie="k"+i+"=1"'),
    "forms": ("more forms than are noted", 'document.body.insertAdjacentHTML("beforeend","<form></form>".repeat(120))'),
}


@pytest.mark.browser
@pytest.mark.timeout(600)
def test_more_than_is_noted_is_unknown_and_says_what(tmp_path: Path, knowledge: Knowledge) -> None:
    cases = [
        Case(
            f"flood-{name}",
            home=script(f'addEventListener("load",()=>{{{code.replace("ID", f"www.flood-{name}.example")}}})'),
        )
        for name, (_reason, code) in FLOODS.items()
    ]
    with built(tmp_path) as town:
        third_parties(town)
        seen = captures(cases, town, options_for(town))
    for name, (reason, _code) in FLOODS.items():
        found: Capture = seen[f"flood-{name}"]
        none = found.visit(Phase.NONE)
        assert none is not None
        assert reason in none.gaps, (name, none.gaps, none.trouble)
        assert judge(found, knowledge).verdict(Criterion.CONSENT).status is Status.UNKNOWN, name
    first = seen["flood-words"].visit(Phase.NONE)
    assert first is not None
    assert first.requests[0].status == 200
