"""The contracts break the build: each forbidden line, added alone, is caught."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.house import PACKAGE, ROOT

LINTER = Path(sys.executable).with_name("lint-imports")

FORBIDDEN = {
    "a room without a name": ("mailings/utils.py", "X = 1"),
    "an app that is not in the list": ("gadgets/__init__.py", ""),
    "mailings touches a transport": ("mailings/rules.py", "from portevoix.delivery.transports import smtp"),
    "mailings speaks SMTP": ("mailings/rules.py", "import smtplib"),
    "audience knows people": ("audience/rules.py", "from portevoix.people import models"),
    "people knows mailings": ("people/types.py", "from portevoix.mailings import models"),
    "mailings knows its neighbour": ("mailings/rules.py", "from portevoix.actions import models"),
    "exchange writes files itself": ("exchange/rules.py", "from portevoix.disclosure import writers"),
    "a model knows its view": ("rights/models.py", "from portevoix.rights import views"),
    "the outbox is written from outside": ("mailings/rules.py", "from portevoix.delivery import models"),
    "the auditor knows people": ("auditor/engine/types.py", "from portevoix.people import models"),
    "the auditor's engine knows Django": ("auditor/engine/types.py", "import django"),
    "a rule of the auditor writes": ("auditor/engine/rules/judge.py", "from portevoix.auditor.engine import report"),
    "a room knows the queue library": ("mailings/rules.py", "import procrastinate"),
}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINTER, "--no-cache"], cwd=folder, env={"PYTHONPATH": str(folder)}, capture_output=True, text=True, check=False
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(PACKAGE, tmp_path / "portevoix", ignore=lambda _d, names: [n for n in names if not _is_code(n)])
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


def _is_code(name: str) -> bool:
    return name.endswith(".py") or ("." not in name and name not in {"static", "templates", "locale", "__pycache__"})


def test_the_house_keeps_its_contracts(copy: Path) -> None:
    result = lint(copy)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("name", FORBIDDEN)
def test_a_forbidden_import_breaks_the_build(copy: Path, name: str) -> None:
    where, line = FORBIDDEN[name]
    file = copy / "portevoix" / where
    file.parent.mkdir(exist_ok=True)
    file.write_text((file.read_text("utf-8") if file.exists() else "") + f"\n{line}\n", "utf-8")
    result = lint(copy)
    assert result.returncode == 1, f"{name}: {result.stdout}{result.stderr}"
    assert "BROKEN" in result.stdout
