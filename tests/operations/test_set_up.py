"""The scripts that come before Python is there: quick where nothing is to be done, clear where something is missing."""

from __future__ import annotations

import gettext
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYTHONS = ["python3", "python3.11", "python3.12", "python3.13", "python3.14"]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with its scripts and its lock files, before any set-up."""
    checkout = tmp_path / "checkout"
    for folder in ("scripts", "requirements"):
        shutil.copytree(ROOT / folder, checkout / folder)
    shutil.copy(ROOT / "pyproject.toml", checkout)
    (checkout / "portevoix").mkdir()
    return checkout


def stubs(folder: Path, **programs: str) -> Path:
    """Make programs that stand before the machine's own."""
    folder.mkdir()
    for name, script in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    return folder


def bootstrap(checkout: Path, *, before: Path, language: str = "fr_FR.UTF-8") -> subprocess.CompletedProcess[str]:
    environment = {"PATH": f"{before}:{os.environ['PATH']}", "LANG": language, "HOME": str(checkout)}
    command = ["bash", str(checkout / "scripts" / "bootstrap.sh"), "run"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("language", "words"), [("fr_FR.UTF-8", "demande Python 3.11"), ("en_GB.UTF-8", "needs Python")]
)
def test_an_old_python_is_refused_in_one_sentence(checkout: Path, tmp_path: Path, language: str, words: str) -> None:
    old = stubs(tmp_path / "bin", **dict.fromkeys(PYTHONS, "exit 1"))
    done = bootstrap(checkout, before=old, language=language)
    assert done.returncode == 1
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_python_that_makes_no_environment_is_told_what_to_install(checkout: Path, tmp_path: Path) -> None:
    # Debian's python3 alone: neither ensurepip nor pip nor virtualenv.
    without = 'case "$*" in *version_info*) exit 0 ;; *) exit 1 ;; esac'
    done = bootstrap(checkout, before=stubs(tmp_path / "bin", **dict.fromkeys(PYTHONS, without)))
    assert done.returncode == 1
    assert "apt install python3-venv" in done.stderr
    assert done.stderr.count("\n") == 1


def test_what_is_installed_already_is_not_installed_again(checkout: Path, tmp_path: Path) -> None:
    working = "exit 0"
    programs = stubs(tmp_path / "bin", **dict.fromkeys(PYTHONS, working))
    (checkout / ".venv" / "bin").mkdir(parents=True)
    for name in ("python", "uv"):
        shutil.copy(programs / "python3", checkout / ".venv" / "bin" / name)
    first = bootstrap(checkout, before=programs)
    assert (first.returncode, first.stdout.count("\n")) == (0, 1)
    assert bootstrap(checkout, before=programs).stdout == ""

    with (checkout / "requirements" / "run.lock").open("a") as lock:
        lock.write("# changed\n")
    assert bootstrap(checkout, before=programs).stdout == first.stdout


def compile_translations(checkout: Path) -> subprocess.CompletedProcess[str]:
    script = str(checkout / "scripts" / "compile_translations.py")
    return subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)


@pytest.fixture
def catalogue(checkout: Path) -> Path:
    folder = checkout / "portevoix" / "room" / "locale" / "fr" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    return folder / "django.po"


HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'


def test_translations_are_compiled_without_gettext(checkout: Path, catalogue: Path) -> None:
    catalogue.write_text(HEADER + 'msgid "Summer"\nmsgstr "Été"\n', "utf-8")
    assert compile_translations(checkout).returncode == 0
    with catalogue.with_suffix(".mo").open("rb") as compiled:
        assert gettext.GNUTranslations(compiled).gettext("Summer") == "Été"


def test_a_broken_catalogue_is_named(checkout: Path, catalogue: Path) -> None:
    catalogue.write_text(HEADER + 'msgid "Summer"\nmsgstr "Été\nstray\n', "utf-8")
    done = compile_translations(checkout)
    assert done.returncode == 1
    assert str(catalogue) in done.stderr
