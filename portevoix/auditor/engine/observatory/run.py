"""Many sites, several at once; resumes where it stopped. One browser a worker: a hostile site costs only itself."""

from __future__ import annotations

import asyncio
import csv
import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

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
from portevoix.auditor.engine.types import Capture, Status


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
            address = _address(url, path)
            slug = re.sub(r"[^a-z0-9]+", "-", address.lower().split("://")[-1]).strip("-")[:80]
            name = (row.get("name") or "").strip() or url
            sites.setdefault(_plain(address), Site(address, name, slug))
    return _told_apart(list(sites.values()))


def _address(typed: str, path: Path) -> str:
    try:
        address = full_address(typed)
        has_host = bool(urlsplit(address).hostname)
    except ValueError:
        has_host = False
    if not has_host:
        raise NotAList(f"{path}: no address: {typed}")
    return address


def _plain(address: str) -> str:
    return address.lower().split("://")[-1].rstrip("/")


def _told_apart(sites: list[Site]) -> list[Site]:
    """Give each its own folder: « saint-denis.x.fr » and « saint.denis.x.fr » read alike in letters and dashes."""
    alike = Counter(site.slug for site in sites)
    return [
        replace(site, slug=f"{site.slug[:70]}-{sha256(_plain(site.url).encode()).hexdigest()[:8]}")
        if alike[site.slug] > 1
        else site
        for site in sites
    ]


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
    """Audit a site and keep what was found; what breaks in it is its own reason, and stops no other site."""
    folder = place[0] / "data" / site.slug
    folder.mkdir(parents=True, exist_ok=True)
    report = folder / f"{place[1]}.json"
    try:
        seen = await capture(site.url, chromium, tools[1])
        status = await _judged(seen, report, options, tools[0])
        archive.write(seen, folder / "latest.har")
    except Exception as error:  # noqa: BLE001 - one site of many, made by strangers
        trouble = f"the auditor failed: {type(error).__name__}"
        unseen = Capture(site.url, datetime.now(UTC).isoformat(timespec="seconds"), trouble=trouble)
        status = await _judged(unseen, report, options, tools[0])
    return status


async def _judged(seen: Capture, path: Path, options: Mapping[str, Any], knowledge: Knowledge) -> Status:
    """Judge a site, and keep report and pictures."""
    report = await asyncio.to_thread(judge_or_say_why, seen, knowledge, is_strict=options["strict"])
    path.write_text(plain.as_json(report), "utf-8")
    (path.parent / "pictures.json").write_text(json.dumps(seen.pictures), "utf-8")
    return report.overall
