"""What others' judges say of the demo's site, nginx in front: Lighthouse, and the vulnerability scanner wapiti.

On request; both are installed the first time that they are asked for: `make lighthouse`, `make wapiti`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.conf import settings

from benchmarks.front import Front
from benchmarks.harness import register

HERE = Path(__file__).parent / "lighthouse"
WAPITI = "wapiti3==3.2.3"
PAGES = {"home": "/", "news": "/actualites/", "programme": "/programme/", "sign-up": "/rejoindre/"}
FORMS = {"phone": [], "desktop": ["--preset=desktop"]}
SUBJECTS = ["performance", "accessibility", "best-practices", "seo"]
MEDIUM = 2
#: On a busy machine Chromium is at times too slow to be watched.
TRIES = 4


class Judged(Front):
    on_request = True
    rounds = 1


@register
class Lighthouse(Judged):
    """The lowest of all marks, out of a hundred, on four pages, as a phone and as a desk."""

    name = "site.lighthouse"
    n = len(PAGES) * len(FORMS) * len(SUBJECTS)
    unit = "points"
    goal = 0.98

    def set_up(self) -> None:
        if not (HERE / "node_modules").is_dir():
            subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=HERE, check=True)
        super().set_up()

    def ours(self) -> float:
        marks = {
            f"{page}, {form}, {subject}": mark
            for page, path in PAGES.items()
            for form in FORMS
            for subject, mark in self.judged(page, path, form).items()
        }
        return min(marks.values())

    def reference(self) -> float:
        return 100.0

    def judged(self, page: str, path: str, form: str) -> dict[str, float]:
        """Return the marks of a page, after saying what takes points."""
        out = Path(settings.DATA_DIR) / f"{page}-{form}.json"
        for _try in range(TRIES):
            report = self.reported(path, out, FORMS[form])
            if report is not None:
                break
        assert report is not None, "Lighthouse could not look at the page"
        marks = {name: round(report["categories"][name]["score"] * 100, 1) for name in SUBJECTS}
        print(f"  {page}, {form}: {marks}", flush=True)
        for name, mark in marks.items():
            if mark < 100:
                print(f"    {name}: {', '.join(faults(report, name))}", flush=True)
        return marks

    def reported(self, path: str, out: Path, form: list[str]) -> dict[str, Any] | None:
        """Return what Lighthouse says, or None where it could not look (NO_NAVSTART)."""
        said = subprocess.run(
            [
                *(str(HERE / "node_modules" / ".bin" / "lighthouse"), f"http://localhost:{self.front}{path}"),
                *("--output=json", f"--output-path={out}", "--quiet", f"--only-categories={','.join(SUBJECTS)}"),
                *("--chrome-flags=--headless=new --no-sandbox --disable-gpu", *form),
            ],
            env={**os.environ, "CHROME_PATH": "/usr/bin/chromium"},
            check=False,
        )
        report: dict[str, Any] = json.loads(out.read_text("utf-8")) if said.returncode == 0 else {"categories": {}}
        scores = [report["categories"].get(name, {}).get("score") for name in SUBJECTS]
        return None if None in scores else report


def faults(report: dict[str, Any], subject: str) -> list[str]:
    """Return what takes points away, with what was measured."""
    audits = report["audits"]
    return [
        f"{one['id']} {audits[one['id']].get('displayValue', '')}".strip()
        for one in report["categories"][subject]["auditRefs"]
        if one["weight"] and (audits[one["id"]]["score"] or 0) < 1 and audits[one["id"]]["score"] is not None
    ]


@register
class Wapiti(Judged):
    """Addresses of the whole site without a finding of medium or higher, against all that were tried."""

    name = "site.wapiti"
    n = 1
    unit = "addresses"
    goal = 1.0

    def set_up(self) -> None:
        super().set_up()
        self.report = self.scanned()

    def scanned(self) -> dict[str, Any]:
        out = Path(settings.DATA_DIR) / "wapiti.json"
        uv = Path(sys.executable).with_name("uv")
        said = subprocess.run(
            [
                *(str(uv), "tool", "run", "--from", WAPITI, "wapiti", "-u", f"http://localhost:{self.front}/"),
                *("--scope", "folder", "--flush-session", "--no-bugreport", "-f", "json", "-o", str(out)),
                # Without the one module that asks its author's machine; each has a time, since forms have no end.
                *(
                    "-m",
                    "common,-ssrf",
                    "--max-scan-time",
                    "300",
                    "--max-attack-time",
                    "180",
                    "-v",
                    "1",
                    "--store-session",
                    str(settings.DATA_DIR / "wapiti"),
                ),
            ],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout
        # What was cut short found nothing in what it had tried: that is said, and no more is claimed.
        for line in said.splitlines():
            if "Launching module" in line or "attack time" in line:
                print(f"  {line.strip()}", flush=True)
        report: dict[str, Any] = json.loads(out.read_text("utf-8"))
        return report

    def found(self) -> set[str]:
        """Return the addresses with a finding that counts, after saying all findings."""
        paths = set()
        for kind, findings in {**self.report["vulnerabilities"], **self.report["anomalies"]}.items():
            for one in findings:
                print(f"  {kind}, level {one['level']}: {one['method']} {one['path']} {one['info']}", flush=True)
                if one["level"] >= MEDIUM:
                    paths.add(one["path"])
        return paths

    def ours(self) -> float:
        return self.reference() - len(self.found())

    def reference(self) -> float:
        tried = float(self.report["infos"]["crawled_pages_nbr"])
        assert tried > 20, "the scanner saw no site"
        return tried
