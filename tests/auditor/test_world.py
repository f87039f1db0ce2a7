"""The map: drawn from the outlines of a package, or not at all; it says no more than the table."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from portevoix.auditor.engine.report import world
from portevoix.auditor.engine.types import Receiver

OUTLINES = (
    '"use strict";jsVectorMap.addMap("world",{insets:[{width:900,top:0,left:0,height:440.7,bbox:[]}],paths:{'
    'FR:{path:"M1,1l2,2Z",name:"France"},US:{path:"M5,5l1,0Z",name:"USA"},'
    'BR:{path:"M9,9l1,0Z",name:"Brazil"},XX:{path:"M0,0\\" onload=alert(1)",name:"Evil"}}});'
)
SEEN = (
    Receiver("own.example", country="FR", company_country="FR", is_own=True),
    Receiver("cdn.example", country="FR", company_country="US", phases=("none",)),
    Receiver("never.example", country="BR", company_country="BR"),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    package = tmp_path / "node_modules" / world.PACKAGE
    (package / world.FILE).parent.mkdir(parents=True)
    (package / "package.json").write_text(json.dumps({"version": "1"}))
    (package / world.FILE).write_text(OUTLINES)
    return tmp_path


def test_machines_and_companies_are_told_apart_and_who_received_nothing_is_left_out(folder: Path) -> None:
    tree = ElementTree.fromstring(world.drawing(SEEN, "fr", folder))
    told = [one.text or "" for one in tree.iter() if one.tag.endswith("title")]
    assert told[1:] == ["États-Unis : pays de l’entreprise ou de sa maison mère", "France : une machine y reçoit"]
    fills = {one.get("fill") for one in tree.iter() if one.tag.endswith("path")}
    assert fills == {world.MACHINE, world.COMPANY, world.NOBODY}
    assert tree.get("viewBox") == "0 0 900 440"
    assert tree.get("role") == "img"


def test_an_outline_that_is_more_than_an_outline_is_not_drawn(folder: Path) -> None:
    assert set(world.outlines(folder)[1]) == {"FR", "US", "BR"}
    assert "onload" not in world.drawing(SEEN, "en", folder)


def test_without_the_package_or_without_a_country_there_is_no_map(folder: Path, tmp_path: Path) -> None:
    assert world.drawing(SEEN, "fr", None) == ""
    assert world.drawing(SEEN, "fr", tmp_path / "absent") == ""
    assert world.drawing((Receiver("x.example", phases=("none",)),), "fr", folder) == ""
