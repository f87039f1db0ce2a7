"""The design system and the packages: what a rule of the house says of files, checked on the files."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CSS = ROOT / "portevoix/kernel/static/kernel/css"
SHEETS = sorted(CSS.rglob("*.css"))
LAYERS = {"reset", "tokens", "base", "layout", "components", "utilities"}


def rules_of(sheet: Path) -> str:
    return re.sub(r"/\*.*?\*/", "", sheet.read_text("utf-8"), flags=re.DOTALL)


def test_there_are_sheets() -> None:
    assert len(SHEETS) > 15


def test_the_one_sheet_that_is_served_holds_every_rule_and_the_layers_first() -> None:
    served = (ROOT / "portevoix/kernel/static/vendor/portevoix/site.css").read_text("utf-8")
    told = [line for sheet in SHEETS for line in rules_of(sheet).splitlines() if line.strip() and "url(" not in line]
    assert len(told) > 500
    assert set(map(str.strip, told)) <= set(map(str.strip, served.splitlines())), "run « make frontend »"
    assert served.startswith("@layer reset, tokens")


def test_what_the_one_sheet_asks_for_is_beside_it() -> None:
    folder = ROOT / "portevoix/kernel/static/vendor/portevoix"
    asked = re.findall(r'url\("(.*?)"\)', (folder / "site.css").read_text("utf-8"))
    assert len(asked) > 5
    assert [name for name in asked if not (folder / name).is_file()] == []


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_a_sheet_keeps_the_rules_of_the_house(sheet: Path) -> None:
    text = rules_of(sheet)
    assert "!important" not in text
    assert not re.search(r"^\s*#[a-z][\w-]*\b[^;]*\{", text, re.MULTILINE), "a selector by id"
    assert not re.search(r"https?://|//[a-z]", text), "another host"
    assert set(re.findall(r"@layer (\w+) \{", text)) <= LAYERS
    assert sheet.name == "fonts.css" or "@layer" in text


def test_a_component_has_one_sheet_in_its_layer() -> None:
    components = [sheet for sheet in SHEETS if sheet.parent.name == "components"]
    assert components
    assert all(re.findall(r"@layer (\w+) \{", rules_of(sheet)) == ["components"] for sheet in components)


def test_every_font_is_brought_by_the_build() -> None:
    recipe = (ROOT / "scripts/build_frontend.py").read_text("utf-8")
    fonts = re.findall(r'url\("../../vendor/(.*?)"\)', (CSS / "fonts.css").read_text("utf-8"))
    assert fonts
    assert [font for font in fonts if font not in recipe] == []


def test_the_lock_pins_contents_and_names_no_address() -> None:
    text = (ROOT / "package-lock.json").read_text("utf-8")
    packages = json.loads(text)["packages"]
    assert len(packages) > 5
    assert all(entry.get("integrity") for name, entry in packages.items() if name)
    assert "://" not in text


def test_every_package_is_pinned() -> None:
    wanted = json.loads((ROOT / "package.json").read_text("utf-8"))["dependencies"]
    assert wanted
    assert [version for version in wanted.values() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []
