"""The lists where there is no Debian: npm packages stand in for its two, and what they do not agree on is unknown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from portevoix.auditor.engine.knowledge import lists
from portevoix.auditor.engine.knowledge.base import Knowledge
from portevoix.auditor.engine.knowledge.lists import ADGUARD, ADGUARD_LISTS, COUNTRIES, ELSEWHERE, NPM, RULES, Lists

PAGE = "https://www.elan.example/"
FILTERS = {2: "! Title: Base\r\n||publicite.example^\r\n", 3: "! Title: Tracking\r\n||suivi.example^$third-party\r\n"}
#: A stand-in for npm: it lays what the lock of its folder pins, as the real one does.
FAKE_NPM = """#!{python}
import json, pathlib
for name, told in json.load(open("package-lock.json"))["packages"].items():
    if name:
        place = pathlib.Path(name)
        place.mkdir(parents=True, exist_ok=True)
        (place / "package.json").write_text(json.dumps({{"version": told["version"]}}))
for number, text in {filters}.items():
    rules = pathlib.Path("node_modules/{adguard}/{rules}/ruleset_" + str(number))
    if rules.parents[3].is_dir():
        rules.mkdir(parents=True)
        told = [{{"metadata": {{"rawFilterList": text}}}}]
        (rules / ("ruleset_" + str(number) + ".json")).write_text(json.dumps(told))
"""


def package(folder: Path, name: str, **files: str) -> None:
    """Lay an npm package of those that stand in."""
    place = folder / ELSEWHERE / "node_modules" / name
    place.mkdir(parents=True)
    (place / "package.json").write_text(json.dumps({"version": "1.2.3"}))
    for ending, text in files.items():
        (place / f"{place.name}-{ending}.csv").write_text(text)


@pytest.fixture
def elsewhere(tmp_path: Path) -> Lists:
    """A folder of lists on a machine that is no Debian."""
    geo, dbip = COUNTRIES
    package(tmp_path, geo, ipv4="5.0.0.0,5.0.0.255,FR\n5.0.1.0,5.0.1.255,FR\n", ipv6="2a00::,2a00::ffff,FR\n")
    package(tmp_path, dbip, ipv4="5.0.0.0,5.0.0.255,FR\n5.0.1.0,5.0.1.255,NL\n", ipv6="2a00::,2a00::ffff,FR\n")
    package(tmp_path, ADGUARD)
    for name, number in ADGUARD_LISTS.items():
        (tmp_path / ELSEWHERE / name).write_text(FILTERS[number])
    return Lists(tmp_path, roots=())


def test_adguards_lists_stand_in_for_easylist(elsewhere: Lists) -> None:
    known = Knowledge(elsewhere)
    assert known.filter_for("https://suivi.example/t.gif", PAGE, "image") == "||suivi.example^$third-party"
    assert known.filter_for("https://publicite.example/a.js", PAGE, "script") == "||publicite.example^"
    assert known.filter_for("https://www.elan.example/main.js", PAGE, "script") == ""


def test_a_country_is_believed_where_both_lists_say_it(elsewhere: Lists) -> None:
    known = Knowledge(elsewhere)
    assert (known.country("5.0.0.7"), known.country("2a00::7")) == ("FR", "FR")
    assert known.country("5.0.1.7") == "", "they disagree: nobody knows"
    assert known.country("9.9.9.9") == ""


def test_what_stands_in_is_named_with_its_version_and_nothing_is_missing(elsewhere: Lists) -> None:
    known = Knowledge(elsewhere)
    assert {name: known.versions.get(name) for name in (ADGUARD, *COUNTRIES)} == dict.fromkeys(
        (ADGUARD, *COUNTRIES), "1.2.3"
    )
    assert "easylist.txt" not in known.versions
    assert not {"trackers", "countries"} & set(known.missing.values())
    assert elsewhere.missing() == list(NPM)


def test_half_of_what_stands_in_is_not_enough(elsewhere: Lists) -> None:
    (elsewhere.folder / ELSEWHERE / "adguard-tracking.txt").unlink()
    (elsewhere.folder / ELSEWHERE / "node_modules" / COUNTRIES[1] / "package.json").unlink()
    known = Knowledge(elsewhere)
    assert {"easylist.txt", "easyprivacy.txt", "tor-geoipdb"} <= set(known.missing)
    assert known.country("5.0.0.7") == ""


def test_debians_lists_are_preferred(elsewhere: Lists) -> None:
    for name in ("easylist.txt", "easyprivacy.txt", "geoip", "geoip6"):
        path = elsewhere.folder / "debian" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("||debian.example^\n" if name.startswith("easy") else "83886080,83886335,DE\n")
    known = Knowledge(elsewhere)
    assert known.filter_for("https://debian.example/x.js", PAGE, "script") == "||debian.example^"
    assert known.filter_for("https://suivi.example/t.gif", PAGE, "image") == ""
    assert known.country("5.0.0.7") == "DE"
    assert ADGUARD not in known.versions
    assert COUNTRIES[0] not in known.versions


def test_without_apt_the_lists_are_brought_by_npm_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    programs, folder, said = tmp_path / "bin", tmp_path / "lists", list[str]()
    programs.mkdir()
    npm = programs / "npm"
    npm.write_text(FAKE_NPM.format(python=sys.executable, filters=FILTERS, adguard=ADGUARD, rules=RULES.as_posix()))
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    assert lists.update(folder, said.append, roots=())
    assert [path.name for path in Lists(folder, roots=()).trackers()] == list(ADGUARD_LISTS)
    assert "||suivi.example^$third-party" in Lists(folder, roots=()).trackers()[0].read_text().splitlines()
    assert not (folder / ELSEWHERE / "node_modules" / ADGUARD / RULES).exists(), "a hundred megabytes are kept"
    assert any("stand in" in line for line in said)
    said.clear()
    assert lists.update(folder, said.append, roots=())
    assert not [line for line in said if line.startswith("npm")], "what is there is not brought again"


def test_what_npm_cannot_bring_is_said_and_not_taken_for_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs, said = tmp_path / "bin", list[str]()
    programs.mkdir()
    (programs / "npm").write_text("#!/bin/sh\nexit 1\n")
    (programs / "npm").chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    assert not lists.update(tmp_path / "lists", said.append, roots=())
    assert "npm: the packages could not be installed" in said
    assert set(Lists(tmp_path / "lists", roots=()).missing()) == {*NPM, *lists.DEBIAN}
