"""``portevoix audit`` from the command line, as whoever has no instance uses it."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from portevoix.auditor.engine.report import archive, plain
from portevoix.auditor.engine.types import Cookie, Status
from tests.auditor.cases.site import Case, script, third_parties
from tests.auditor.seen import capture
from tests.auditor.town import Town, built

WITHOUT_DJANGO = """
import sys
from portevoix.conf.cli import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    assert not [name for name in sys.modules if name.split(".")[0] in {"django", "psycopg", "wagtail"}]
    raise
"""


def audit(*words: object, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the command in an empty folder, with nothing of an instance in its environment."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PORTEVOIX_", "DJANGO_", "DATABASE_"))
    }
    command = [sys.executable, "-c", WITHOUT_DJANGO, "audit", *map(str, words)]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=300
    )


def test_a_stored_capture_is_judged_without_instance_network_or_django(tmp_path: Path) -> None:
    seen = capture(none={"cookies": (Cookie("_ga", "x", "www.elan.example", days=30.0),)})
    archive.write(seen, tmp_path / "seen.har")
    done = audit(
        "--replay",
        "seen.har",
        "--json",
        "r.json",
        "--html",
        "r.html",
        "--pdf",
        "r.pdf",
        "--language",
        "en",
        folder=tmp_path,
    )
    assert done.returncode == 1, done.stderr
    assert "cookie-before-choice" in done.stdout
    assert plain.read((tmp_path / "r.json").read_bytes()).overall is Status.FAIL
    assert '<html lang="en">' in (tmp_path / "r.html").read_text("utf-8")
    assert (tmp_path / "r.pdf").read_bytes().startswith(b"%PDF")


def test_the_exit_code_tells_compliant_from_unknown(tmp_path: Path) -> None:
    archive.write(capture(), tmp_path / "good.har")
    archive.write(capture(trouble="timeout"), tmp_path / "none.har")
    assert audit("--replay", "good.har", folder=tmp_path).returncode == 0
    assert audit("--replay", "none.har", folder=tmp_path).returncode == 3


@pytest.mark.parametrize(
    "words", [(), ("--replay", "absent.har"), ("--sites", "absent.csv", "--out", "o"), ("--sites", "absent.csv")]
)
def test_a_wrong_command_says_so_in_one_line(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = audit(*words, folder=tmp_path)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1


def test_the_schema_is_printed(tmp_path: Path) -> None:
    assert json.loads(audit("--schema", folder=tmp_path).stdout)["title"]


def test_without_the_extra_the_command_says_what_to_install(tmp_path: Path) -> None:
    code = "import sys; sys.modules['playwright'] = None; from portevoix.conf.cli import main; main(sys.argv[1:])"
    command = [sys.executable, "-c", code, "audit", "https://elan.example"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 2
    assert "portevoix[audit]" in done.stderr


SHOWN = """
from portevoix.auditor.engine.capture.options import Step
from portevoix.auditor.engine.command import _progress
from portevoix.auditor.engine.types import Phase
with _progress("fr") as tell:
    tell(Step(Phase.NONE, "home", 1, 6))
    tell(Step(Phase.NONE, "privacy", 3, 4))
    tell(Step(Phase.REFUSE, "done", 0, 0))
"""


def test_a_terminal_is_told_what_each_pass_is_at_and_a_file_nothing(tmp_path: Path) -> None:
    master, slave = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}
    subprocess.run([sys.executable, "-c", SHOWN], stderr=slave, env=environment, check=True, timeout=120)
    os.close(slave)
    told = os.read(master, 65536).decode("utf-8", "replace")
    os.close(master)
    for words in ("sans choix – politique de confidentialité", "2/4", "après refus – terminé", "après acceptation"):
        assert words in told, told
    done = subprocess.run([sys.executable, "-c", SHOWN], capture_output=True, check=True, timeout=120)
    assert done.stderr == b""


# ---- with a browser


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with built(tmp_path) as town:
        third_parties(town)
        yield town


def written(town: Town, folder: Path) -> list[object]:
    """Write the town's addresses for the command; return the words that name them."""
    rows: dict[str, object] = {}
    for host, answer in town.table.items():
        assert answer.dial is not None
        rows[host] = {"addresses": answer.addresses, "aliases": answer.aliases, "dial": ":".join(map(str, answer.dial))}
    rows["records"] = {f"{kind} {domain}": found for (domain, kind), found in town.records.items()}
    (folder / "hosts.json").write_text(json.dumps(rows))
    return ["--hosts", "hosts.json", "--trusted-key", town.key, "--pages", "3"]


@pytest.mark.browser
@pytest.mark.timeout(400)
def test_a_site_is_audited_and_its_archive_gives_the_same_verdict(tmp_path: Path, town: Town) -> None:
    case = Case("by-command", home=script('document.cookie="_fbp=fb.1.2.3;max-age=777600"'))
    case.build(town)
    done = audit(
        case.url,
        *written(town, tmp_path),
        "--json",
        "a.json",
        "--har",
        "a.har",
        "--html",
        "a.html",
        "--pictures",
        "p",
        folder=tmp_path,
    )
    assert done.returncode == 1, done.stderr
    shown = json.loads((tmp_path / "p" / "pictures.json").read_text("utf-8"))
    assert {name for name in shown if (tmp_path / "p" / f"{name}.jpg").stat().st_size > 500} == set(shown)
    assert len([name for name, url in shown.items() if url.startswith(case.url)]) >= 2
    audit("--replay", "a.har", "--json", "b.json", folder=tmp_path)
    first, again = (plain.read((tmp_path / name).read_bytes()) for name in ("a.json", "b.json"))
    assert first.verdicts == again.verdicts
    assert "data:image/jpeg" in (tmp_path / "a.html").read_text("utf-8")


@pytest.mark.browser
@pytest.mark.timeout(400)
def test_many_sites_make_an_observatory_and_a_round_that_stopped_goes_on(tmp_path: Path, town: Town) -> None:
    cases = [Case(f"of-many-{number}") for number in range(3)]
    for case in cases:
        case.build(town)
    (tmp_path / "sites.csv").write_text("url,name\n" + "".join(f"{case.url},{case.name}\n" for case in cases))
    out = tmp_path / "out"
    (out / "data").mkdir(parents=True)
    done_before = "www-of-many-0-example"
    (out / "round.json").write_text(json.dumps({"began_at": "2027-01-01T000000Z", "done": {done_before: "pass"}}))
    town.asked.clear()
    done = audit("--sites", "sites.csv", "--out", "out", *written(town, tmp_path), "--workers", 2, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert not [host for host, _path, _body in town.asked if host == "www.of-many-0.example"]
    assert sorted(path.parent.name for path in out.glob("data/*/2027-01-01T000000Z.json")) == [
        "www-of-many-1-example",
        "www-of-many-2-example",
    ]
    assert (out / "en" / "site" / "www-of-many-1-example.html").exists()
    assert not (out / "round.json").exists()
