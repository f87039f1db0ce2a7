"""Pages that mean harm: each ends in bounded time, says why it could not be judged, and never passes."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from portevoix.auditor.engine.capture import browser
from portevoix.auditor.engine.capture.browser import Chromium
from portevoix.auditor.engine.capture.site import capture
from portevoix.auditor.engine.knowledge.base import Knowledge
from portevoix.auditor.engine.observatory.run import audit_all
from portevoix.auditor.engine.report import archive, page, plain
from portevoix.auditor.engine.rules.judge import judge
from portevoix.auditor.engine.types import Capture, Criterion, Phase, Status
from tests.auditor.cases.site import Case, document, script, third_parties
from tests.auditor.rehearsal import alone, options_for
from tests.auditor.town import GIF, OVH, Answer, Reply, Town, built

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
LIMITS: dict[str, Any] = {
    "page_limit": 6.0,
    "site_limit": 25.0,
    "patience": 3.0,
    "banner_patience": 0.5,
    "bytes_limit": 20 * 2**20,
}
#: The limit of a pass, and what closing and a loaded machine may add.
SECONDS = 90


def endless(handler: BaseHTTPRequestHandler) -> None:
    """Send a gigabyte, or as much of it as is taken."""
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.end_headers()
    for _number in range(1024):
        handler.wfile.write(b"<p>" + b"x" * 2**20)


def silent(handler: BaseHTTPRequestHandler) -> None:
    """Take the question and never answer: wait until the browser gives up."""
    with contextlib.suppress(OSError):
        handler.connection.recv(1)


def garbled(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(
        b"HTTP/1.1 200 OK\r\nX-\xff\xfe: \x80\r\nSet-Cookie: \xff=\xfe\r\n"
        b"Content-Type: text/html\r\n\r\n<p>\xff\xfe</p>"
    )


FLOOD = "for(let i=0;i<100000;i++)document.cookie='c'+i+'=1'"
PAGES: dict[str, dict[str, Reply]] = {
    "redirects": {"/": Reply(status=302, headers=(("Location", "/"),))},
    "navigates": {"*": Reply(document("x", script("location='/?'+Math.random()")))},
    "gigabyte": {"/": Reply(act=endless)},
    "silent": {"/": Reply(act=silent)},
    "download": {"/": Reply(b"x", "application/zip", headers=(("Content-Disposition", "attachment; filename=x.zip"),))},
    "hangs": {
        "/": Reply(document("x", "<p>x</p>" + script("addEventListener('load',()=>setTimeout(()=>{for(;;);},50))")))
    },
    "image": {"/": Reply(GIF, "image/gif")},
    "refuses": {"/": Reply(document("x", "<p>non</p>"), status=403)},
    "riddle": {"/": Reply(document("Just a moment...", "<p>Checking your browser</p>"))},
    "empty": {"/": Reply("")},
    "into-the-house": {"/": Reply(status=302, headers=(("Location", "http://inside.example/admin"),))},
    "to-the-machine": {"/": Reply(status=302, headers=(("Location", "http://127.0.0.1:22/"),))},
}
LOUD: dict[str, str] = {
    "alerts": "for(let i=0;i<50;i++){alert(i);confirm(i);prompt(i)};onbeforeunload=()=>'stay'",
    "cookies": FLOOD,
    "huge": "let h='';for(let i=0;i<60000;i++)h+='<p>x</p>';document.body.insertAdjacentHTML('beforeend',h)",
    "popups": "for(let i=0;i<20;i++)window.open('/?'+i)",
}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with built(tmp_path_factory.mktemp("town")) as town:
        third_parties(town)
        town.table["inside.example"] = Answer(("10.0.0.7",), (), ("127.0.0.1", town.ports["http"]))
        town.routes["inside.example"] = {"*": Reply(document("Secret", "<p>Secret</p>"))}
        yield town


def audited(town: Town, url: str, **more: Any) -> tuple[Capture, float, list[int]]:
    """Audit one address; return what was seen, how long it took, and the browser's processes left over."""
    options = options_for(town, **{**LIMITS, "allow_private": False, **more})
    tokens: list[str] = []

    async def run() -> Capture:
        async with Chromium(options) as chromium:
            tokens.append(chromium._token)
            return await capture(url, chromium, options)

    began = time.monotonic()
    seen = alone(run())
    return seen, time.monotonic() - began, browser.marked(tokens[0])


@pytest.mark.parametrize("name", PAGES)
def test_a_hostile_page_is_unknown_in_bounded_time(name: str, town: Town, knowledge: Knowledge) -> None:
    town.add(f"{name}.example", PAGES[name])
    seen, seconds, left = audited(town, f"https://{name}.example/")
    report = judge(seen, knowledge)
    for criterion in (Criterion.CONSENT, Criterion.PERSONAL):
        verdict = report.verdict(criterion)
        assert verdict.status is Status.UNKNOWN, (seen.trouble, verdict)
        assert any(finding.reason for finding in verdict.findings)
    assert seconds < SECONDS
    assert left == []


@pytest.mark.parametrize("name", LOUD)
def test_a_loud_page_is_seen_through(name: str, town: Town, knowledge: Knowledge) -> None:
    pixel = 'new Image().src="https://www.google-analytics.com/collect?v=1";'
    case = Case(f"loud-{name}", home=script(pixel) + script(LOUD[name]))
    case.build(town)
    seen, seconds, left = audited(town, case.url, page_limit=25.0, site_limit=50.0)
    assert judge(seen, knowledge).verdict(Criterion.CONSENT).status is Status.FAIL
    assert seconds < SECONDS
    assert left == []


def test_headers_that_are_no_text_stop_nothing(town: Town, knowledge: Knowledge) -> None:
    town.add("garbled.example", {"/": Reply(act=garbled)})
    seen, seconds, left = audited(town, "https://garbled.example/")
    assert judge(seen, knowledge).verdict(Criterion.TRANSPARENCY).status is Status.FAIL
    assert seconds < SECONDS
    assert left == []


def test_an_invalid_certificate_is_a_failure_of_the_way_and_leaves_the_rest_unknown(
    town: Town, knowledge: Knowledge
) -> None:
    town.add("expired.example", {"/": Reply(document("x", "<p>x</p>"))}, door="bad")
    report = judge(audited(town, "https://expired.example/")[0], knowledge)
    assert report.verdict(Criterion.TRANSPARENCY).status is Status.FAIL
    assert report.verdict(Criterion.CONSENT).status is Status.UNKNOWN


def test_a_private_address_is_never_reached_unless_that_is_asked_for(town: Town) -> None:
    home = '<img src="http://inside.example/logo.png" alt="">' + script(
        'fetch("http://inside.example/api",{mode:"no-cors"})'
    )
    case = Case("looks-inside", home=home, headers=(), scheme="http")
    case.build(town)
    town.asked.clear()
    seen, _seconds, _left = audited(town, case.url)
    assert seen.trouble == ""
    assert not [one for one in town.asked if one[0] == "inside.example"]
    assert next(host for host in seen.hosts if host.name == "inside.example").refused == "private"
    audited(town, case.url, allow_private=True)
    assert [one for one in town.asked if one[0] == "inside.example"]


def test_the_reason_names_the_private_address(town: Town) -> None:
    town.add("into-the-house.example", PAGES["into-the-house"])
    assert audited(town, "https://into-the-house.example/")[0].trouble == "private address"


def test_the_places_of_the_town_are_those_of_the_world(town: Town, tmp_path: Path) -> None:
    case = Case("plain-place")
    case.build(town)
    seen, _seconds, _left = audited(town, case.url)
    assert next(host for host in seen.hosts if host.name == f"www.{case.domain}").addresses == (OVH,)
    assert {visit.phase for visit in seen.visits} == set(Phase)


#: Half a character, and the sign that ends strings elsewhere: in names, words, storage, and what scripts ask.
HALVES = """localStorage.setItem("\\ud800","x\\udfff\\0");document.title="\\ud83d";document.body.append("\\ud800 \\0");
const c=document.createElement("canvas");c.width=240;c.height=60;
c.getContext("2d").fillText("\\ud800 Cwm fjord",2,15);c.toDataURL();
const f=document.createElement("form");f.innerHTML="<input name=email type=email>";
f.firstChild.placeholder="😀".repeat(200).slice(1);document.body.append(f);"""


def test_halves_of_characters_are_kept_from_files_and_databases(
    town: Town, knowledge: Knowledge, tmp_path: Path
) -> None:
    case = Case("halves", home=script(HALVES))
    case.build(town)
    seen, _seconds, _left = audited(town, case.url)
    report = judge(seen, knowledge)
    archive.write(seen, tmp_path / "halves.har")
    again = archive.read(tmp_path / "halves.har")
    assert [one.key for one in again.visits[0].stored] == ["\ufffd"]
    for text in (plain.as_json(report), page.html(report, "fr"), (tmp_path / "halves.har").read_text("utf-8")):
        text.encode()
        assert not any(sign in text for sign in ("\0", "\\u0000"))


def test_one_site_that_breaks_the_auditor_costs_the_others_nothing(
    town: Town, knowledge: Knowledge, tmp_path: Path
) -> None:
    names = ("broken", "halves-of-many", "whole")
    for case in (Case("broken"), Case("halves-of-many", home=script(HALVES)), Case("whole")):
        case.build(town)
    (tmp_path / "sites.csv").write_text("url\n" + "\n".join(f"https://www.{name}.example/" for name in names))
    (tmp_path / "out" / "data" / "www-broken-example" / "latest.har").mkdir(parents=True)
    tools = (knowledge, options_for(town, **LIMITS))
    with ThreadPoolExecutor(1) as pool:
        statuses = pool.submit(
            audit_all, tmp_path / "sites.csv", tmp_path / "out", {"workers": 1, "strict": False}, tools
        ).result()
    assert [statuses[0], statuses[2]] == [Status.UNKNOWN, Status.PASS]
    told = json.loads((tmp_path / "out" / "observatory.json").read_text("utf-8"))
    assert "the auditor failed: IsADirectoryError" in json.dumps(told[0])
    assert len(told) == 3
