"""French is complete: every message of every room is translated, none is doubtful."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.core.management import call_command

from tests.architecture.house import PACKAGE


@pytest.fixture(scope="module")
def catalogues(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Extract the messages of a copy of the sources, so that a message missing from a catalogue is seen."""
    copy = tmp_path_factory.mktemp("messages") / "portevoix"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("vendor", "*.mo", "__pycache__", "data", "*.png"))
    with pytest.MonkeyPatch.context() as patch:
        for room in sorted(copy.iterdir()):
            if (room / "locale").is_dir():
                patch.chdir(room)
                call_command(
                    "makemessages",
                    locale=["fr"],
                    extensions=["py", "html", "txt", "mjml"],
                    verbosity=0,
                    no_obsolete=True,
                )
    return sorted(copy.rglob("fr/LC_MESSAGES/django.po"))


def test_every_message_has_its_french(catalogues: list[Path]) -> None:
    seen, missing = 0, []
    for path in catalogues:
        with path.open("rb") as file:
            for message in read_po(file, locale="fr"):
                if not message.id:
                    continue
                seen += 1
                texts = message.string if isinstance(message.string, tuple) else (message.string,)
                if message.fuzzy or not all(texts):
                    missing.append(f"{path.parents[3].name}: {message.id}")
    assert seen > 100
    assert missing == []


def test_every_room_that_speaks_has_a_catalogue() -> None:
    speaking = {
        path.relative_to(PACKAGE).parts[0]
        for path in [*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.html")]
        if "gettext" in path.read_text("utf-8") or "{% load i18n" in path.read_text("utf-8")
    } - {"conf"}
    assert len(speaking) >= 8
    assert {room for room in speaking if not (PACKAGE / room / "locale/fr/LC_MESSAGES/django.po").exists()} == set()


def test_no_french_line_begins_with_a_mark_or_ends_with_an_opening_quotation_mark() -> None:
    seen, loose = 0, []
    for path in sorted(PACKAGE.rglob("fr/LC_MESSAGES/django.mo")):
        with path.open("rb") as file:
            for message in read_mo(file):
                texts = message.string if isinstance(message.string, list | tuple) else [message.string]
                seen += sum("\N{NO-BREAK SPACE}" in text for text in texts)
                loose += [text for text in texts if message.id and re.search(r" [:;!?»]|« ", text)]
    assert seen > 100
    assert loose == []


def test_an_english_word_has_one_french_in_the_whole_house() -> None:
    """Django reads the catalogues as one: of two Frenches for a word, the first room's shows everywhere."""
    french: dict[tuple[str | None, str], set[str]] = {}
    for path in sorted(PACKAGE.glob("*/locale/fr/LC_MESSAGES/django.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale="fr"):
                if message.id:
                    one = message.id if isinstance(message.id, str) else message.id[0]
                    said = message.string if isinstance(message.string, str) else message.string[0]
                    french.setdefault((message.context, one), set()).add(said.replace("\N{NO-BREAK SPACE}", " "))
    assert len(french) > 3000
    assert {word: said for word, said in french.items() if len(said) > 1} == {}
