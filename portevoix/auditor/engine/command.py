"""``portevoix audit``: judge a website from the command line. Needs no instance, no Django, no database.

Exit code: 0 when all that was asked is compliant before the law, 1 when something is not, 3 when something is unknown.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import sys
import threading
from argparse import SUPPRESS, ArgumentParser
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from portevoix.auditor.engine import words
from portevoix.auditor.engine.types import Capture, Criterion, Phase, Report, Status, Weight

CODES = {Status.PASS: 0, Status.FAIL: 1, Status.UNKNOWN: 3}
WANTS_EXTRA = "« portevoix audit » needs its own packages: pip install 'portevoix[audit]' ({})\n"


def add_arguments(parser: ArgumentParser) -> None:
    """Say what may be typed."""
    parser.add_argument("url", nargs="?", default="", help="Address of the site")
    for kind in ("html", "json", "pdf"):
        parser.add_argument(f"--{kind}", type=Path, help=f"Write the report as {kind.upper()}")
    parser.add_argument("--har", type=Path, help="Keep all that was seen, to judge it again")
    parser.add_argument("--replay", type=Path, help="Judge a capture that was kept (HAR), without any network")
    parser.add_argument("--language", choices=("fr", "en"), default="fr", help="Language of the report")
    parser.add_argument("--sites", type=Path, help="Many sites: a CSV file with a column « url » (and « name »)")
    parser.add_argument("--out", type=Path, help="With --sites: folder of the observatory")
    parser.add_argument("--workers", type=int, default=2, help="With --sites: how many at once")
    parser.add_argument("--pages", type=int, default=6, help="Pages visited on a site")
    parser.add_argument("--strict", action="store_true", help="Any third party before consent is a failure")
    parser.add_argument("--browser", default="", help="Chromium to drive (default: the machine's)")
    parser.add_argument("--allow-private", action="store_true", help="Let the browser reach private addresses")
    parser.add_argument("--private-for", default="", help="Let it reach that of this one site, and no other")
    parser.add_argument("--pictures", type=Path, help="Folder for pictures of the pages seen")
    parser.add_argument("--agent", default="", help="Said after the browser's own name")
    parser.add_argument("--hosts", type=Path, help="Addresses of names, as JSON: a site not published yet")
    parser.add_argument(
        "--trusted-key", action="append", default=[], help="Certificate key to trust (SPKI, SHA-256, base64)"
    )
    parser.add_argument("--time-limit", type=float, default=240.0, help="Seconds a pass may take")
    parser.add_argument("--patience", type=float, default=10.0, help="Seconds a page is given to settle")
    parser.add_argument("--lists", type=Path, help="Folder of the lists (PORTEVOIX_LISTS)")
    parser.add_argument("--tables", type=Path, help="Folder of tables that replace ours (owners.toml, …)")
    parser.add_argument("--update-lists", action="store_true", help="Bring the lists that are missing or out of date")
    parser.add_argument("--schema", action="store_true", help="Print the JSON Schema of reports")
    parser.add_argument("--leash", default="", help=SUPPRESS)  # whoever started this ends it with its standard input


def act(options: Mapping[str, Any]) -> int:
    """Judge a website: cookies, personal data, transfers, sovereignty, transparency."""
    try:
        if options["leash"]:
            _be_led(options["leash"])
        return _act(options)
    except ModuleNotFoundError as error:
        sys.stderr.write(WANTS_EXTRA.format(error.name))
        return 2


def _act(options: Mapping[str, Any]) -> int:
    if options["schema"]:
        from portevoix.auditor.engine.report import plain

        sys.stdout.write(plain.schema_text())
        return 0
    if options["update_lists"]:
        from portevoix.auditor.engine.knowledge import lists

        is_whole = lists.update(_folder(options), _say)
        if not options["url"] and not options["sites"]:
            return int(not is_whole)
    if options["replay"]:
        return _replay(options)
    if not options["url"] and not options["sites"]:
        sys.stderr.write("portevoix audit: an address is missing (portevoix audit --help)\n")
        return 2
    return _seen(options)


def _seen(options: Mapping[str, Any]) -> int:
    """Look at one site or many, if there is a browser to look with."""
    how, said = capture_options(options), words.words(options["language"])
    if not how.has_browser:
        _say(said["no_such_browser"] % {"name": how.browser} if how.browser else said["no_browser"])
        return 2
    return _many(options, how) if options["sites"] else _one(options, how)


def _be_led(mark: str) -> None:
    """End at once, browser and all, when whoever started this closes its standard input: also by dying."""
    from portevoix.auditor.engine.capture.browser import LEASH, end_marked

    os.environ[LEASH] = mark

    def wait() -> None:
        while os.read(0, 1024):
            pass
        end_marked(mark, LEASH)
        os._exit(4)

    threading.Thread(target=wait, name="leash", daemon=True).start()


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def knowledge(options: Mapping[str, Any]) -> Any:
    """Return what is known, by the lists and tables that were chosen."""
    from portevoix.auditor.engine.knowledge.base import Knowledge
    from portevoix.auditor.engine.knowledge.law import Law
    from portevoix.auditor.engine.knowledge.lists import Lists

    return Knowledge(Lists(_folder(options)), Law.read(options["tables"]))


def _where(options: Mapping[str, Any]) -> str:
    return f" --lists {options['lists']}" if options["lists"] else ""


def _folder(options: Mapping[str, Any]) -> Path:
    from portevoix.auditor.engine.knowledge.lists import default_folder

    folder: Path = options["lists"] or default_folder()
    return folder


def capture_options(options: Mapping[str, Any]) -> Any:
    """Return how far the capture goes."""
    from portevoix.auditor.engine.capture.names import SystemResolver, TableResolver
    from portevoix.auditor.engine.capture.options import Options, place_of
    from portevoix.auditor.engine.knowledge.lists import Lists

    own = options["private_for"]
    return Options(
        pages=options["pages"],
        site_limit=options["time_limit"],
        patience=options["patience"],
        allow_private=options["allow_private"],
        private_for=frozenset({place_of(own)} if own else ()),
        agent=options["agent"],
        pictures_of_pages=bool(options["pictures"]),
        browser=options["browser"],
        resolver=TableResolver.read(options["hosts"]) if options["hosts"] else SystemResolver(),
        trusted_keys=tuple(options["trusted_key"]),
        autoconsent=Lists(_folder(options)).npm("@duckduckgo/autoconsent"),
    )


def _one(options: Mapping[str, Any], how: Any) -> int:
    from portevoix.auditor.engine.capture.browser import Chromium
    from portevoix.auditor.engine.capture.site import capture
    from portevoix.auditor.engine.domains import full_address

    async def seen() -> Capture:
        with _progress(options["language"]) as tell:
            told = replace(how, tell=tell)
            async with Chromium(told) as chromium:
                return await capture(full_address(options["url"]), chromium, told)

    return _told(asyncio.run(seen()), options)


@contextlib.contextmanager
def _progress(language: str) -> Iterator[Callable[[Any], None]]:
    """Show whoever looks on what each pass is at; say nothing to a file."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    said, console = words.words(language), Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        bars = {phase: progress.add_task(said[phase], total=None) for phase in Phase}

        def tell(step: Any) -> None:
            bar = bars[step.phase]
            total = step.total or progress.tasks[bar].total or 1
            at = total if step.kind == "done" else step.number - 1
            progress.update(
                bar, description=f"{said[step.phase]} – {said[f'step_{step.kind}']}", completed=at, total=total
            )

        yield tell


def _replay(options: Mapping[str, Any]) -> int:
    from portevoix.auditor.engine.report import archive

    try:
        seen = archive.read(options["replay"])
    except (archive.NotACapture, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return _told(seen, options)


def _told(seen: Capture, options: Mapping[str, Any]) -> int:
    """Judge, write what was asked for, say it in short."""
    from portevoix.auditor.engine.rules.judge import judge_or_say_why

    known = knowledge(options)
    if known.missing:
        names = {"names": ", ".join(sorted(known.missing)), "where": _where(options)}
        _say(words.words(options["language"])["lists_missing"] % names)
    report = judge_or_say_why(seen, known, is_strict=options["strict"])
    _write(report, seen, options)
    sys.stdout.write(summary(report, options["language"]))
    return CODES[report.overall]


def _write(report: Report, seen: Capture, options: Mapping[str, Any]) -> None:
    from portevoix.auditor.engine.report import archive, page, plain, print

    if options["json"]:
        options["json"].write_text(plain.as_json(report), "utf-8")
    if options["html"]:
        options["html"].write_text(
            page.html(report, options["language"], seen.pictures, None, _folder(options)), "utf-8"
        )
    if options["pdf"]:
        options["pdf"].write_bytes(print.pdf(report, options["language"], _folder(options)))
    if options["har"]:
        archive.write(seen, options["har"])
    if options["pictures"]:
        _keep_pictures(seen, options["pictures"])


def _keep_pictures(seen: Capture, folder: Path) -> None:
    """Write each picture, and in « pictures.json » the page that it shows."""
    folder.mkdir(parents=True, exist_ok=True)
    shown = {page.picture: page.url for visit in seen.visits for page in visit.pages if page.picture}
    for name, picture in seen.pictures.items():
        (folder / f"{name}.jpg").write_bytes(base64.b64decode(picture))
    told = {name: shown.get(name, "") for name in seen.pictures}
    (folder / "pictures.json").write_text(json.dumps(told), "utf-8")


def summary(report: Report, language: str) -> str:
    """Return a report in a few lines."""
    said = words.words(language)
    lines = [f"{report.url}: {said[report.overall].upper()}"]
    for verdict in report.verdicts:
        lines.append(f"  {said[verdict.criterion]}: {said[verdict.status]}")
        told = dict.fromkeys(
            one.rule for weight in (Weight.FAIL, Weight.UNKNOWN) for one in verdict.findings if one.weight is weight
        )
        for rule in list(told)[:8]:
            whom = list(dict.fromkeys(one.subject for one in verdict.findings if one.rule == rule))
            title = words.of_rule(rule, Criterion(verdict.criterion), language).title
            lines.append(f"    - {title} [{rule}]: {', '.join(whom[:4])}{' …' if len(whom) > 4 else ''}")
    return "\n".join(lines) + "\n"


def _many(options: Mapping[str, Any], how: Any) -> int:
    from portevoix.auditor.engine.observatory.run import NotAList, audit_all
    from portevoix.auditor.engine.rules.judge import worst

    if not options["out"]:
        sys.stderr.write("portevoix audit --sites: --out is missing\n")
        return 2
    try:
        statuses = audit_all(options["sites"], options["out"], options, (knowledge(options), how))
    except NotAList as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return CODES[worst(statuses)]
