"""``portevoix audit`` alone: what pip installs, in an empty folder, with an empty home, without an instance."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from portevoix.auditor.engine.capture.options import BROWSERS
from portevoix.auditor.engine.knowledge.lists import default_folder
from portevoix.auditor.engine.report import plain
from portevoix.auditor.engine.types import Criterion
from tests.auditor.cases.site import Case, script, third_parties
from tests.auditor.test_command import written
from tests.auditor.town import Town, built

ROOT = Path(__file__).parents[2]
#: What an audit must not bring into memory; the package installs them all the same.
FORBIDDEN = ("django", "wagtail", "psycopg", "procrastinate")
RUN = f"""
import sys
import portevoix
assert portevoix.__file__.startswith(sys.argv[1]), portevoix.__file__
from portevoix.conf.cli import main
try:
    main(sys.argv[2:])
finally:
    assert not {{name.split(".")[0] for name in sys.modules}} & set({FORBIDDEN!r})
"""


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, built from this very tree as « make wheel » does."""
    out = tmp_path_factory.mktemp("wheel")
    words = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)]
    subprocess.run(words, cwd=ROOT, check=True, capture_output=True)
    return next(out.glob("*.whl"))


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where it is unpacked: nothing of the repository is there."""
    place = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(place)
    return place


@pytest.fixture
def away(tmp_path: Path) -> Path:
    """A folder outside the repository, with an empty home beside it."""
    (tmp_path / "home").mkdir()
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


def audit(installed: Path, away: Path, *words: object, path: str = "") -> subprocess.CompletedProcess[str]:
    """Run the installed command with nothing in its environment but a path and a home."""
    environment = {
        "PATH": path or os.environ["PATH"],
        "HOME": str(away.parent / "home"),
        "PYTHONPATH": str(installed),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [sys.executable, "-c", RUN, str(installed), "audit", *map(str, words)]
    return subprocess.run(command, cwd=away, env=environment, capture_output=True, text=True, check=False, timeout=300)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with built(tmp_path) as town:
        third_parties(town)
        yield town


def tracked() -> set[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "portevoix"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    return {name for name in listed.split("\0") if name and (ROOT / name).is_file()}


def test_the_package_holds_every_file_of_the_product_and_what_is_made_of_them(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        inside = set(packed.namelist())
    files = tracked()
    assert len(files) > 1000
    assert files - inside == set()
    catalogues = {name.removesuffix(".po") + ".mo" for name in files if name.endswith(".po")}
    assert catalogues
    assert catalogues - inside == set(), "translations that are not compiled"
    vendor = ROOT / "portevoix" / "kernel" / "static" / "vendor"
    brought = {str(path.relative_to(ROOT)) for path in vendor.rglob("*") if path.is_file()}
    assert len(brought) > 10
    assert brought - inside == set()
    strangers = {name for name in inside if not name.startswith("portevoix") or "/node_modules/" in name}
    assert strangers == set()


@pytest.mark.browser
@pytest.mark.timeout(400)
def test_a_site_is_audited_by_the_package_alone_into_a_page_data_and_a_pdf(
    installed: Path, away: Path, town: Town
) -> None:
    case = Case("alone", home=script('document.cookie="_fbp=fb.1.2.3;max-age=777600"'))
    case.build(town)
    done = audit(
        installed,
        away,
        case.url,
        *written(town, away),
        *("--html", "report.html", "--json", "report.json", "--pdf", "report.pdf"),
        *("--lists", default_folder(), "--allow-private"),
    )
    assert done.returncode == 1, done.stderr
    assert "cookie-before-choice" in done.stdout
    told = plain.read((away / "report.json").read_bytes())
    assert told.missing_lists == {}
    assert told.verdict(Criterion.CONSENT).decided_by == ("cookie-before-choice",)
    assert "data:image/jpeg" in (away / "report.html").read_text("utf-8")
    assert (away / "report.pdf").read_bytes().startswith(b"%PDF")
    assert list((away.parent / "home").iterdir()) == [], "something was left at home"


@pytest.mark.browser
@pytest.mark.timeout(400)
def test_without_any_list_it_says_which_are_missing_and_passes_nothing(installed: Path, away: Path, town: Town) -> None:
    case = Case("alone-without-lists")
    case.build(town)
    done = audit(
        installed, away, case.url, *written(town, away), "--pages", 2, "--json", "r.json", "--lists", away / "none"
    )
    assert done.returncode == 3, done.stderr
    told = plain.read((away / "r.json").read_bytes())
    for name in told.missing_lists:
        assert name in done.stderr
    assert "--update-lists" in done.stderr
    for criterion in (Criterion.CONSENT, Criterion.PERSONAL, Criterion.TRANSFERS, Criterion.SOVEREIGNTY):
        missing = [one.subject for one in told.verdict(criterion).findings if one.rule == "list-missing"]
        assert missing, criterion
        assert told.verdict(criterion).status == "unknown", criterion


@pytest.mark.parametrize(
    ("language", "words"), [("fr", "Aucun navigateur à conduire"), ("en", "No browser to drive was found")]
)
def test_without_a_browser_it_says_what_to_install(
    installed: Path, away: Path, tmp_path: Path, language: str, words: str
) -> None:
    empty = tmp_path / "bin"
    empty.mkdir()
    done = audit(installed, away, "https://elan.example", "--language", language, path=str(empty))
    assert done.returncode == 2, done.stderr
    assert words in done.stderr
    assert BROWSERS[0] in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_browser_that_is_not_there_is_named(installed: Path, away: Path) -> None:
    done = audit(installed, away, "https://elan.example", "--browser", "/nowhere/chromium")
    assert done.returncode == 2, done.stderr
    assert "/nowhere/chromium" in done.stderr


def test_the_schema_needs_neither_browser_nor_list(installed: Path, away: Path) -> None:
    assert json.loads(audit(installed, away, "--schema").stdout)["title"]
