"""Many sites: read from a file, resumed, published side by side with what changed."""

from __future__ import annotations

import csv
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from portevoix.auditor.engine.knowledge.base import Knowledge
from portevoix.auditor.engine.observatory.publish import changes, publish
from portevoix.auditor.engine.observatory.run import NotAList, Run, audit_all, read_sites
from portevoix.auditor.engine.report import plain
from portevoix.auditor.engine.rules.judge import judge
from portevoix.auditor.engine.types import Cookie, Status
from tests.auditor.cases.site import Case, third_parties
from tests.auditor.rehearsal import options_for
from tests.auditor.seen import capture
from tests.auditor.town import built
from tests.auditor.watching import Watch

SITES = [("elan-example", "Élan commun", "https://elan.example"), ("autre", "=HYPERLINK(1)", "https://autre.example")]


@pytest.fixture
def out(tmp_path: Path, knowledge: Knowledge) -> Path:
    """Return a folder with two sites, the first audited twice."""
    clean = judge(capture(), knowledge)
    followed = judge(capture(none={"cookies": (Cookie("_ga", "x", "www.elan.example", days=30.0),)}), knowledge)
    for slug, day, report in (
        ("elan-example", "2027-01-01", clean),
        ("elan-example", "2027-01-02", followed),
        ("autre", "2027-01-02", clean),
    ):
        folder = tmp_path / "data" / slug
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{day}T100000Z.json").write_text(plain.as_json(replace(report, made_at=f"{day}T10:00:00+00:00")))
        (folder / "pictures.json").write_text("{}")
    return tmp_path


def test_sites_are_read_once_each_with_their_names(tmp_path: Path) -> None:
    path = tmp_path / "sites.csv"
    path.write_text("\ufeffurl,name\nelan.example,Élan\nhttps://elan.example,\n,\nautre.example\n", "utf-8")
    assert [(site.url, site.name) for site in read_sites(path)] == [
        ("https://elan.example", "Élan"),
        ("https://autre.example", "autre.example"),
    ]


def test_addresses_that_read_alike_have_each_their_folder(tmp_path: Path) -> None:
    path = tmp_path / "sites.csv"
    path.write_text("url\nsaint-denis.x.example\nsaint.denis.x.example\nautre.example\n", "utf-8")
    slugs = [site.slug for site in read_sites(path)]
    assert len(set(slugs)) == 3
    assert slugs[2] == "autre-example"


@pytest.mark.parametrize("content", [b"url\nhttp://[x\n", b"", b"site\nx\n", b"url\n", b"\xff\xfe\x00"])
def test_a_file_that_is_no_list_of_sites_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "sites.csv").write_bytes(content)
    with pytest.raises(NotAList):
        read_sites(tmp_path / "sites.csv")


def test_a_round_resumes_where_it_stopped_and_begins_anew_once_ended(tmp_path: Path) -> None:
    first = Run(tmp_path)
    first.keep("elan", Status.FAIL)
    again = Run(tmp_path)
    assert again.done == {"elan": "fail"}
    assert again.began_at == first.began_at
    again.end()
    assert Run(tmp_path).done == {}


def test_the_table_compares_sites_by_criterion_in_two_languages(out: Path) -> None:
    publish(out, SITES, {"easylist.txt": "1"})
    for index, language in ((out / "index.html", "fr"), (out / "en" / "index.html", "en")):
        soup = BeautifulSoup(index.read_text("utf-8"), "html.parser")
        assert soup.html is not None
        assert soup.html["lang"] == language
        rows = soup.select("tbody tr")
        assert len(rows) == 2
        assert [len(row.select(".mark")) for row in rows] == [6, 6]
        for link in soup.select("a[href]"):
            target = str(link["href"])
            assert target.startswith("#") or (index.parent / target).exists(), target


def test_a_sites_page_says_what_changed_since_the_last_time(out: Path) -> None:
    publish(out, SITES, {})
    soup = BeautifulSoup((out / "site" / "elan-example.html").read_text("utf-8"), "html.parser")
    told = soup.find(id="changes")
    assert told is not None
    assert told.parent is not None
    assert "_ga" in told.parent.get_text()
    assert "conforme → non conforme" in told.parent.get_text()
    assert [one["datetime"] for one in soup.select("time")] == ["2027-01-02", "2027-01-01"]
    assert "2 janvier 2027" in soup.get_text()
    for link in soup.select("nav a[href]"):
        assert (out / "site" / str(link["href"])).exists()


def test_nothing_changed_is_told_as_nothing(knowledge: Knowledge) -> None:
    report = judge(capture(), knowledge)
    assert changes(report, report, "fr") == []


def test_the_data_hold_every_audit_and_no_formula(out: Path) -> None:
    publish(out, SITES, {})
    with (out / "observatory.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["overall"] for row in rows] == ["pass", "fail", "pass"]
    assert rows[2]["name"] == "'=HYPERLINK(1)"
    told = json.loads((out / "observatory.json").read_text("utf-8"))
    assert [plain.read(json.dumps(one["report"])).overall for one in told] == [Status.FAIL, Status.PASS]
    assert (out / "report.schema.json").exists()
    schema = json.loads((out / "observatory.schema.json").read_text("utf-8"))
    assert set(schema["$defs"]["Site"]["required"]) == set(told[0])
    assert plain.SITES.validate_python(told)[0].report.overall is Status.FAIL


@pytest.mark.browser
@pytest.mark.timeout(600)
def test_many_sites_at_once_stay_small_and_leave_no_browser(tmp_path: Path, knowledge: Knowledge) -> None:
    with built(tmp_path) as town:
        third_parties(town)
        cases = [Case(f"small-{number}") for number in range(6)]
        for case in cases:
            case.build(town)
        (tmp_path / "sites.csv").write_text("url\n" + "\n".join(case.url for case in cases))
        options = {"workers": 3, "strict": False}

        def audited() -> list[Status]:
            return audit_all(tmp_path / "sites.csv", tmp_path / "out", options, (knowledge, options_for(town)))

        with Watch() as watch, ThreadPoolExecutor(1) as pool:
            statuses = pool.submit(audited).result()
    assert len(statuses) == 6
    assert len(watch.browsers) > 3
    assert watch.left == set()
    assert watch.peak_mib < 3 * 1024
