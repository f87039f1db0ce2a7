"""The engine, run for the instance as ``portevoix audit`` in a process of its own.

The page that is looked at may be hostile, a browser may hang or eat memory: none of that happens inside the worker.
Whatever the end, nothing is left behind: the child ends itself when the worker dies (its standard input closes), the
worker ends the child when its time is over, and then every process that carries this audit's mark.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import tempfile
import uuid
from importlib.util import find_spec
from pathlib import Path

from django.conf import settings

from portevoix.auditor.engine.knowledge.lists import Lists, default_folder
from portevoix.auditor.engine.report import plain
from portevoix.auditor.types import Answer, Fault

logger = logging.getLogger(__name__)

#: An audit ends by itself within a pass's limit and what it takes to judge; then it is ended.
PASS_SECONDS, LIMIT_SECONDS, GRACE_SECONDS = 150, 300, 5
#: Said after the browser's name on our own pages: the figures of visits leave robots out.
AGENT = "portevoix-audit-bot"
#: What « portevoix[audit] » installs.
PACKAGES = ("playwright", "adblock", "publicsuffixlist", "jinja2")


def lists_folder() -> Path:
    """Return where the auditor's lists are on this server."""
    told = settings.INSTANCE.audit.lists
    return Path(told) if told else default_folder()


def missing_lists() -> list[str]:
    """Return the names of the lists that are not there."""
    return Lists(lists_folder()).missing()


def fault() -> str:
    """Return why no audit can be made on this server; nothing when one can."""
    if any(find_spec(name) is None for name in PACKAGES):
        return Fault.NO_PACKAGES
    from portevoix.auditor.engine.capture.options import Options

    return "" if Options(browser=settings.INSTANCE.audit.browser).has_browser else Fault.NO_BROWSER


def audited(url: str, *, is_own: bool, seconds: float = LIMIT_SECONDS) -> Answer:
    """Audit a site; what goes wrong is an answer too."""
    if why := fault():
        return Answer(fault=why)
    with tempfile.TemporaryDirectory(prefix="portevoix-audit-") as place:
        folder = Path(place)
        ended = _run(_words(url, folder, is_own=is_own), folder / "log", seconds)
        if not ended:
            return Answer(fault=Fault.TOO_LONG)
        return _read(folder)


def _words(url: str, folder: Path, *, is_own: bool) -> list[str]:
    words = [url, "--json", f"{folder / 'report.json'}", "--pictures", f"{folder / 'pictures'}"]
    words += ["--time-limit", str(PASS_SECONDS), "--lists", str(lists_folder())]
    if settings.INSTANCE.audit.browser:
        words += ["--browser", settings.INSTANCE.audit.browser]
    if is_own:
        words += ["--private-for", url, "--agent", AGENT]
    return words


def _run(words: list[str], log: Path, seconds: float) -> bool:
    """Run the command to its end; tell whether it came to one by itself."""
    from portevoix.auditor.engine.capture.browser import LEASH, end_marked

    mark = uuid.uuid4().hex
    with log.open("wb") as told:
        process = subprocess.Popen(
            [sys.executable, "-m", "portevoix", "audit", *words, "--leash", mark],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=told,
            start_new_session=True,  # a signal for the worker is not for it
        )
    try:
        process.wait(seconds)
        return True
    except subprocess.TimeoutExpired:
        return False
    finally:
        _end(process)
        end_marked(mark, LEASH)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Let go of the leash, then insist."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _read(folder: Path) -> Answer:
    """Read what the command wrote."""
    try:
        report = plain.read((folder / "report.json").read_bytes())
    except (OSError, ValueError):
        said = (folder / "log").read_text("utf-8", "replace").strip().splitlines()
        logger.warning("an audit ended without a report: %s", " | ".join(said[-3:]))
        return Answer(fault=Fault.BROKE)
    index = folder / "pictures" / "pictures.json"
    shown: dict[str, str] = json.loads(index.read_text("utf-8")) if index.is_file() else {}
    pictures = ((name, page[:2000], (index.parent / f"{name}.jpg").read_bytes()) for name, page in shown.items())
    return Answer(report, tuple(pictures))
