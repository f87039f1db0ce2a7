"""Reports: JSON by its schema, a page that needs nothing else, a PDF, an archive that gives the same verdict."""

from __future__ import annotations

import ast
import io
import itertools
import json
import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from pypdf import PdfReader

from portevoix.auditor.engine import words
from portevoix.auditor.engine.knowledge.base import Knowledge
from portevoix.auditor.engine.report import archive, page, plain
from portevoix.auditor.engine.report import print as paper
from portevoix.auditor.engine.rules import sovereignty
from portevoix.auditor.engine.rules.judge import judge
from portevoix.auditor.engine.types import (
    Cookie,
    Criterion,
    Finding,
    Host,
    Layer,
    Report,
    Request,
    Sent,
    Status,
    Weight,
)
from tests.auditor.seen import SITE, capture

ENGINE = Path(words.__file__).parents[1]
NO_BREAK = "\N{NO-BREAK SPACE}"
EVIL = '<script>alert("x")</script>#{panic()} $x$'


@pytest.fixture(scope="module")
def report(knowledge: Knowledge) -> Report:
    """Return a report with something in each part."""
    none = {
        "cookies": (Cookie("_ga", "x", "www.elan.example", days=400.0), Cookie(EVIL, "y", "tiers.example")),
        "requests": (Request("https://www.google-analytics.com/collect?v=1", "image", page=SITE, initiator=SITE),),
        "sent": (Sent("wss://tiers.example/ws", "pvx7kestrel", SITE),),
    }
    hosts = (Host("www.elan.example", (), ("13.36.1.1",)), Host("www.google-analytics.com", (), ("142.250.75.238",)))
    return judge(capture(none=none, hosts=hosts), knowledge)


def test_the_json_is_read_back_as_it_was(report: Report) -> None:
    assert plain.read(plain.as_json(report)) == report


@pytest.mark.parametrize(
    ("language", "unknown", "source"),
    [
        ("fr", f"inconnue{NO_BREAK}: liste officielle non lue", f"source inconnue{NO_BREAK}: notoriété, non vérifiée"),
        ("en", "unknown: the official list was not read", "source unknown: general knowledge, not checked"),
    ],
)
def test_what_nobody_checked_is_plainly_said_unknown(report: Report, language: str, unknown: str, source: str) -> None:
    soup = BeautifulSoup(page.html(report, language), "html.parser")
    received = soup.select('section[aria-labelledby="receivers"] tr')
    google = next(row for row in received if "www.google-analytics.com" in row.get_text())
    assert unknown in google.get_text()
    assert "10-K" in google.get_text()
    amazon = next(row for row in soup.select("tr") if "Amazon" in row.get_text())
    assert source in amazon.get_text()
    assert str(report.owners["companies"]) in soup.get_text()
    paged = PdfReader(io.BytesIO(paper.pdf(report, language))).pages
    # Narrow columns divide words.
    letters = re.compile(r"[^\w]+")
    assert letters.sub("", unknown) in letters.sub("", "".join(one.extract_text() for one in paged))


def test_a_certification_that_was_looked_up_has_its_day(report: Report) -> None:
    dated = tuple(replace(one, certification="dpf:2027-01-10") for one in report.receivers)
    assert "certifiée (liste officielle lue le 10 janvier 2027)" in page.html(replace(report, receivers=dated), "fr")
    absent = tuple(replace(one, certification="no dpf:2027-01-10") for one in report.receivers)
    assert "absente de la liste officielle, lue le 10 janvier 2027" in page.html(
        replace(report, receivers=absent), "fr"
    )


def test_what_a_company_says_of_itself_is_told_and_proves_nothing(report: Report) -> None:
    google = next(one for one in report.receivers if one.host == "www.google-analytics.com")
    assert (google.certification, google.adequacy) == ("dpf:not checked", "unknown")
    assert google.claim.startswith("https://")
    shown = page.html(report, "fr")
    assert "l’entreprise dit l’être, selon " in shown
    assert google.claim in shown
    assert f"inconnue{NO_BREAK}: liste officielle non lue" in shown


@pytest.mark.parametrize(
    ("language", "words_said"),
    [
        ("fr", ("en vigueur depuis le 10 juillet 2023", "3 septembre 2025", "juin 2026", "ni qu’elle y est")),
        ("en", ("in force since 10 July 2023", "3 September 2025", "June 2026", "neither that it is on it")),
    ],
)
def test_the_state_of_the_framework_stands_beside_companies_of_the_united_states(
    report: Report, language: str, words_said: tuple[str, ...]
) -> None:
    soup = BeautifulSoup(page.html(report, language), "html.parser")
    section = soup.select_one('section[aria-labelledby="receivers"]')
    assert section is not None
    for said in words_said:
        assert said in section.get_text(), said
    paged = "".join(one.extract_text() for one in PdfReader(io.BytesIO(paper.pdf(report, language))).pages)
    assert "T55323" in re.sub(r"\W", "", paged)


def test_a_framework_that_fell_is_said_so(report: Report) -> None:
    fallen = replace(report, framework={**report.framework, "in_force": "False", "until": "2027-01-31"})
    told = page.html(fallen, "fr")
    assert "n’est pas en vigueur" in told
    assert "en vigueur depuis" not in told


def test_a_site_without_an_american_company_needs_no_word_on_the_framework(knowledge: Knowledge) -> None:
    assert "T-553/23" not in page.html(judge(capture(), knowledge), "fr")


@pytest.mark.parametrize(
    ("text", "said"),
    [("2027-01-01", "1er janvier 2027"), ("2026-08", "août 2026"), ("soon", "soon"), ("2027-1-x", "2027-1-x")],
)
def test_days_are_said_as_people_say_them(text: str, said: str) -> None:
    assert words.day(text, "fr") == said


@pytest.mark.parametrize(("language", "words"), [("fr", "notre propre table du 20"), ("en", "our own table of 20")])
def test_a_report_says_whose_table_names_the_cookies(report: Report, language: str, words: str) -> None:
    assert words in BeautifulSoup(page.html(report, language), "html.parser").get_text(" ", strip=True)


def test_laws_that_were_not_looked_at_are_told_as_such(report: Report) -> None:
    swiss = Layer("mail", "mx.example", "Infomaniak", "Infomaniak", "CH", status=Status.FAIL, reason="CH")
    text = BeautifulSoup(page.html(replace(report, layers=(swiss,)), "fr"), "html.parser").get_text(" ", strip=True)
    assert f"lois d’autres pays que les États-Unis{NO_BREAK}: non examinées" in text


def test_the_published_schema_is_that_of_the_reports() -> None:
    assert plain.SCHEMA.read_text("utf-8") == plain.schema_text()
    assert {"url", "overall", "verdicts"} <= set(plain.schema()["required"])


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_page_asks_nobody_for_anything_and_lets_no_value_be_markup(report: Report, language: str) -> None:
    html = page.html(report, language, {"none-0": "AAAA"})
    soup = BeautifulSoup(html, "html.parser")
    assert soup.html is not None
    assert soup.html["lang"] == language
    assert not soup.find_all("script")
    assert not soup.find_all("link")
    assert EVIL in soup.get_text()
    assert all(not str(one["src"]).startswith("http") for one in soup.find_all("img"))
    assert all(one.get("alt") for one in soup.find_all("img"))
    assert "default-src 'none'" in html


def test_the_page_is_in_order_for_a_screen_reader(report: Report) -> None:
    soup = BeautifulSoup(page.html(report, "fr"), "html.parser")
    assert len(soup.find_all("h1")) == 1
    levels = [int(one.name[1]) for one in soup.find_all(["h1", "h2", "h3"])]
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    ids = [str(one["id"]) for one in soup.find_all(id=True)]
    assert len(ids) == len(set(ids))
    assert {str(one["href"])[1:] for one in soup.select("a[href^='#']")} <= set(ids)
    assert all(table.find("caption") and table.find("th", scope="col") for table in soup.find_all("table"))
    assert soup.find("svg", role="img") is not None
    assert soup.select_one("svg title") is not None


def test_a_verdict_says_the_rule_the_text_and_the_way_to_mend(report: Report) -> None:
    text = BeautifulSoup(page.html(report, "fr"), "html.parser").get_text(" ", strip=True)
    for word in ("Un cookie de suivi est déposé avant tout choix", "art. 82", "Pour y remédier", "_ga", "non conforme"):
        assert word in text


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_pdf_is_tagged_and_holds_the_verdicts(report: Report, language: str) -> None:
    reader = PdfReader(io.BytesIO(paper.pdf(report, language)))
    assert "/StructTreeRoot" in reader.trailer["/Root"]  # type: ignore[operator]
    text = "".join(one.extract_text() for one in reader.pages).replace("\u200b", "").replace("\n", " ")
    assert words.words(language)["consent"] in text
    assert "panic" in text


# ---- the archive


def test_a_stored_capture_gives_the_same_verdict(tmp_path: Path, knowledge: Knowledge, report: Report) -> None:
    seen = capture(
        none={
            "requests": (Request("https://www.google-analytics.com/collect?v=1", "image", page=SITE, body="b", at=1.5),)
        }
    )
    archive.write(seen, tmp_path / "x.har")
    assert archive.read(tmp_path / "x.har") == seen
    assert judge(archive.read(tmp_path / "x.har"), knowledge).verdicts == judge(seen, knowledge).verdicts


def test_the_archive_is_a_har_that_others_read(tmp_path: Path) -> None:
    archive.write(capture(none={"requests": (Request(SITE, "document", page=SITE),)}), tmp_path / "x.har")
    log = json.loads((tmp_path / "x.har").read_text())["log"]
    assert log["version"] == "1.2"
    entry = log["entries"][0]
    assert {"startedDateTime", "time", "request", "response", "cache", "timings"} <= set(entry)
    assert {"method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize", "bodySize"} <= set(
        entry["request"]
    )


def test_another_tools_archive_never_passes(tmp_path: Path, knowledge: Knowledge) -> None:
    entry = {
        "startedDateTime": "2027-01-15T10:00:00Z",
        "request": {"url": SITE, "method": "GET"},
        "response": {"status": 200, "cookies": [{"name": "_ga", "value": "x"}]},
    }
    (tmp_path / "x.har").write_text(json.dumps({"log": {"entries": [entry]}}))
    report = judge(archive.read(tmp_path / "x.har"), knowledge)
    assert report.verdict(Criterion.CONSENT).status == "fail"
    assert report.verdict(Criterion.PERSONAL).status == "unknown"


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"log": {}}', '{"log": {"entries": [], "_portevoix": {"visits": [1]}}}']
)
def test_a_file_that_is_no_archive_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.har").write_text(text)
    with pytest.raises(archive.NotACapture):
        archive.read(tmp_path / "x.har")


# ---- words


def emitted() -> set[str]:
    """Return every rule that the source names as such."""
    known = {rule for one in tomllib.loads((ENGINE / "words/rules.toml").read_text()).values() for rule in one["rules"]}
    return known - {"reached", "unknown"}


def test_every_rule_has_words_and_every_word_a_rule() -> None:
    source = "\n".join(path.read_text("utf-8") for path in (ENGINE / "rules").glob("*.py"))
    literals = {
        node.value
        for node in ast.walk(ast.parse(source.replace("from __future__ import annotations", "")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    made = {
        *(
            f"{one}-{when}"
            for one in ("cookie", "storage", "tracker", "cname-tracker", "fingerprint")
            for when in ("before-choice", "after-refusal")
        ),
        *(f"third-party-{one}" for one in ("fonts", "captcha", "video", "map", "cdn", "payment", "social", "other")),
        *(f"notice-without-{one}" for one in ("text", "publisher", "address", "phone", "director", "host")),
        *(
            f"policy-without-{one}"
            for one in (
                "text",
                "controller",
                "purposes",
                "basis",
                "retention",
                "recipients",
                "rights",
                "complaint",
                "contact",
            )
        ),
        *(f"no-{one}" for one in ("content-security-policy", "x-content-type-options", "referrer-policy")),
    }
    assert len(emitted()) > 70
    assert {rule for rule in emitted() if rule not in literals and rule not in made} == set()
    assert made <= emitted()


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_layer_has_a_name(language: str) -> None:
    for layer in {*sovereignty.AS_LAYER.values(), "hosting", "names", "mail", "cdn", "certificate", "other"}:
        assert words.layer_name(layer, language)


def test_both_languages_have_the_same_words() -> None:
    assert set(words.words("fr")) == set(words.words("en"))


def test_what_a_notice_lacks_is_named_in_french_and_a_cookie_keeps_its_name() -> None:
    lacks = Finding("policy-without-purposes", Criterion.TRANSPARENCY, Weight.FAIL, "purposes")
    assert (words.subject(lacks, "fr"), words.subject(lacks, "en")) == ("finalités", "purposes")
    assert words.subject(replace(lacks, subject="ovh.net"), "fr") == "ovh.net"
    assert words.subject(Finding("x", Criterion.CONSENT, Weight.FAIL, "host"), "fr") == "host"


def test_reasons_are_said_in_french_and_what_is_a_name_stays() -> None:
    assert words.reason("timeout", "fr") == "délai dépassé"
    assert words.reason("server:RU", "fr") == f"machine{NO_BREAK}: Russie"
    assert words.reason("owner:RU", "en") == "company: Russia"
    assert words.reason("9 d", "fr") == "9 j"
    assert words.reason("refused (HTTP 403)", "fr") == "refus (HTTP 403)"
    assert words.reason("www.elan.example", "fr") == "www.elan.example"
    assert words.reason("timeout", "en") == "timeout"


def test_every_trouble_of_a_page_has_its_french() -> None:
    source = (ENGINE / "capture/trouble.py").read_text("utf-8") + (ENGINE / "capture/passage.py").read_text("utf-8")
    troubles = [
        "timeout",
        "redirects without end",
        "invalid TLS",
        "private address",
        "too much data",
        "empty page",
        "the page crashed",
    ]
    for one in troubles:
        assert one in source, one
        assert words.reason(one, "fr") != one
