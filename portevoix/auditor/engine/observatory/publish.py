"""The observatory's pages: a table of all sites, a page a site, what changed since last time; French and English."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from markupsafe import Markup

from portevoix.auditor.engine import words
from portevoix.auditor.engine.report import changes as differences
from portevoix.auditor.engine.report import page, plain, telling
from portevoix.auditor.engine.types import Criterion, Report

Site = tuple[str, str, str]


def publish(out: Path, sites: list[Site], lists: dict[str, str], folder: Path | None = None) -> None:
    """Write everything again from the reports that are kept; outlines of countries are in the lists' ``folder``."""
    histories = {slug: history(out, slug) for slug, _name, _url in sites}
    told = [(site, histories[site[0]]) for site in sites if histories[site[0]]]
    for language in words.LANGUAGES:
        place = out if language == "fr" else out / "en"
        (place / "site").mkdir(parents=True, exist_ok=True)
        (place / "index.html").write_text(_index(told, language, lists), "utf-8")
        for site, reports in told:
            shown = _site((out, folder), site, reports, language)
            (place / "site" / f"{site[0]}.html").write_text(shown, "utf-8")
    _tables(out, told)
    (out / "report.schema.json").write_text(plain.schema_text(), "utf-8")
    (out / "observatory.schema.json").write_text(plain.observatory_schema_text(), "utf-8")


def history(out: Path, slug: str) -> list[Report]:
    """Return a site's reports, oldest first."""
    return [plain.read(path.read_bytes()) for path in sorted((out / "data" / slug).glob("2*.json"))]


def changes(before: Report, after: Report, language: str) -> list[str]:
    """Return what is different between two reports, in words."""
    return differences.told(differences.between(before, after), language)


def _index(told: list[tuple[Site, list[Report]]], language: str, lists: dict[str, str]) -> str:
    said = words.words(language)
    rows: list[dict[str, Any]] = [
        {
            "slug": site[0],
            "name": site[1],
            "url": site[2],
            "overall": {"status": str(reports[-1].overall), "name": said[reports[-1].overall]},
            "verdicts": [{"status": str(one.status), "name": said[one.status]} for one in reports[-1].verdicts],
            "changes": len(changes(reports[-2], reports[-1], language)) if len(reports) > 1 else 0,
            "at": reports[-1].made_at[:10],
            "day": words.day(reports[-1].made_at, language),
        }
        for site, reports in told
    ]
    sums = {status: sum(row["overall"]["status"] == status for row in rows) for status in ("fail", "unknown", "pass")}
    return (
        page.templates()
        .get_template("observatory.jinja")
        .render(
            language=language,
            words=said,
            css=Markup(page.css()),  # noqa: S704 - a file of our own
            rows=rows,
            heads=[said[criterion] for criterion in Criterion],
            lists=telling.lists(lists, language),
            in_sum=said["in_sum"] % sums,
            other="en/index.html" if language == "fr" else "../index.html",
            root="" if language == "fr" else "../",
        )
    )


def _site(places: tuple[Path, Path | None], site: Site, reports: list[Report], language: str) -> str:
    pictures = json.loads((places[0] / "data" / site[0] / "pictures.json").read_text("utf-8"))
    around: dict[str, Any] = {
        "index": "../index.html",
        "other": f"../en/site/{site[0]}.html" if language == "fr" else f"../../site/{site[0]}.html",
        "changes": changes(reports[-2], reports[-1], language) if len(reports) > 1 else [],
        "history": _history(reports, language) if len(reports) > 1 else [],
    }
    return page.html(reports[-1], language, pictures, around, places[1])


def _history(reports: list[Report], language: str) -> list[dict[str, Any]]:
    """Return how each criterion stood on each day, the latest first."""
    said = words.words(language)
    return [
        {
            "at": one.made_at[:10],
            "day": words.day(one.made_at, language),
            "verdicts": [(str(row.status), said[row.status]) for row in one.verdicts],
        }
        for one in reversed(reports)
    ]


def _tables(out: Path, told: list[tuple[Site, list[Report]]]) -> None:
    """Write the same as data: CSV (a line a site and day) and JSON."""
    with (out / "observatory.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["url", "name", "made_at", "overall", *Criterion, "rules"])
        for site, reports in told:
            for report in reports:
                rules = dict.fromkeys(rule for verdict in report.verdicts for rule in verdict.decided_by)
                statuses = [report.verdict(criterion).status for criterion in Criterion]
                table.writerow(
                    [_safe(site[2]), _safe(site[1]), report.made_at, report.overall, *statuses, " ".join(rules)]
                )
    rows = [
        {"url": site[2], "name": site[1], "report": json.loads(plain.as_json(reports[-1]))} for site, reports in told
    ]
    (out / "observatory.json").write_text(json.dumps(rows, ensure_ascii=False, indent=1), "utf-8")


def _safe(value: str) -> str:
    """Keep a spreadsheet from taking a value for a formula."""
    return f"'{value}" if value[:1] in "=+-@\t\r" else value
