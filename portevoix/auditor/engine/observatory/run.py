"""Many sites, several at once; resumes where it stopped. One browser a worker: a hostile site costs only itself."""

from __future__ import annotations

import asyncio
import csv
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from portevoix.auditor.engine.capture.browser import Chromium
from portevoix.auditor.engine.capture.options import Options
from portevoix.auditor.engine.capture.site import capture
from portevoix.auditor.engine.domains import full_address
from portevoix.auditor.engine.knowledge.base import Knowledge
from portevoix.auditor.engine.observatory.publish import publish
from portevoix.auditor.engine.report import archive, plain
from portevoix.auditor.engine.rules.judge import judge_or_say_why
from portevoix.auditor.engine.types import Status


class NotAList(Exception):
    """A file of sites that cannot be read as one."""


@dataclass(frozen=True, slots=True)
class Site:
    url: str
    name: str
    slug: str


def read_sites(path: Path) -> list[Site]:
    """Read the sites, each once."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise NotAList(f"{path}: {error}") from error
    if not rows or "url" not in rows[0]:
        raise NotAList(f"{path}: no column « url », or no line below it")
    sites: dict[str, Site] = {}
    for row in rows:
        if url := (row["url"] or "").strip():
            slug = re.sub(r"[^a-z0-9]+", "-", url.lower().split("://")[-1]).strip("-")[:80]
            sites.setdefault(slug, Site(full_address(url), (row.get("name") or "").strip() or url, slug))
    return list(sites.values())


class Run:
    """What is done of this round; kept in a file, so that an interruption costs one site."""

    def __init__(self, out: Path) -> None:
        self.path = out / "round.json"
        told = json.loads(self.path.read_text("utf-8")) if self.path.is_file() else {}
        self.began_at: str = told.get("began_at", datetime.now(UTC).strftime("%Y-%m-%dT%H%M%SZ"))
        self.done: dict[str, str] = told.get("done", {})

    def keep(self, slug: str, status: Status) -> None:
        self.done[slug] = str(status)
        fresh = self.path.with_suffix(".new")
        fresh.write_text(json.dumps({"began_at": self.began_at, "done": self.done}), "utf-8")
        fresh.replace(self.path)

    def end(self) -> None:
        self.path.unlink(missing_ok=True)


def audit_all(
    sites_file: Path, out: Path, options: Mapping[str, Any], tools: tuple[Knowledge, Options]
) -> list[Status]:
    """Audit every site that this round has not, then publish; return their statuses."""
    sites = read_sites(sites_file)
    (out / "data").mkdir(parents=True, exist_ok=True)
    run = Run(out)
    left = [site for site in sites if site.slug not in run.done]
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task("sites", total=len(sites), completed=len(sites) - len(left))

        def ended(site: Site, status: Status) -> None:
            run.keep(site.slug, status)
            progress.update(bar, advance=1, description=site.name[:30])

        asyncio.run(_all(left, (out, run, ended), options, tools))
    publish(out, [(site.slug, site.name, site.url) for site in sites], tools[0].versions, tools[0].lists.folder)
    run.end()
    return [Status(run.done[site.slug]) for site in sites]


async def _all(
    left: list[Site], place: tuple[Path, Run, Any], options: Mapping[str, Any], tools: tuple[Knowledge, Options]
) -> None:
    queue = list(reversed(left))

    async def work() -> None:
        async with Chromium(tools[1]) as chromium:
            while queue:
                site = queue.pop()
                place[2](site, await _one(site, chromium, (place[0], place[1].began_at), options, tools))

    await asyncio.gather(*(work() for _number in range(max(1, min(options["workers"], len(left))))))


async def _one(
    site: Site,
    chromium: Chromium,
    place: tuple[Path, str],
    options: Mapping[str, Any],
    tools: tuple[Knowledge, Options],
) -> Status:
    """Audit a site and keep report, capture and pictures."""
    knowledge, how = tools
    seen = await capture(site.url, chromium, how)
    report = await asyncio.to_thread(judge_or_say_why, seen, knowledge, is_strict=options["strict"])
    folder = place[0] / "data" / site.slug
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{place[1]}.json").write_text(plain.as_json(report), "utf-8")
    archive.write(seen, folder / "latest.har")
    (folder / "pictures.json").write_text(json.dumps(seen.pictures), "utf-8")
    return report.overall
