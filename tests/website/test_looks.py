"""Looks: what is checked is what browsers show, and nothing unreadable is kept."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

import portevoix
from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.types import Role, Staff, System
from portevoix.journal.models import Entry
from portevoix.website import rules
from portevoix.website.models import HomePage, Identity
from portevoix.website.rules.looks import (
    CARDS,
    CORNERS,
    FONTS,
    GROUNDS,
    MOTIFS,
    SAID,
    SAID_AT_NIGHT,
    SPACING,
    TINTS,
    TINTS_AT_NIGHT,
)
from portevoix.website.services import dress
from portevoix.website.types import Cards, Corners, Fonts, Ground, Look, Motif, Spacing
from tests.accounts.factories import UserFactory, signed_in

ROOT = Path(portevoix.__file__).parent
colours = st.from_regex(r"\A#[0-9a-f]{6}\Z")


@pytest.mark.parametrize("name", rules.LOOKS)
def test_a_ready_look_can_be_read_by_day_and_by_night(name: str) -> None:
    pairs = rules.pairs(rules.LOOKS[name])
    assert len(pairs) > 15
    assert rules.unreadable(rules.LOOKS[name]) == []


def test_the_ready_looks_differ_in_more_than_colour() -> None:
    shapes = [tuple(asdict(look)[name] for name in Look.CHOICES) for look in rules.LOOKS.values()]
    for n, one in enumerate(shapes):
        for other in shapes[n + 1 :]:
            assert sum(a != b for a, b in zip(one, other, strict=True)) >= 4


@pytest.mark.parametrize(
    ("choices", "table"),
    [(Fonts, FONTS), (Corners, CORNERS), (Spacing, SPACING), (Motif, MOTIFS), (Cards, CARDS), (Ground, GROUNDS)],
)
def test_every_choice_is_written(choices: type, table: dict[str, object]) -> None:
    assert set(choices.values) == set(table)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("one", "other", "share", "browser"),
    [
        ("#0b5c56", "#ffffff", 0.06, "#f1f5f4"),
        ("#000000", "#ffffff", 0.5, "#636363"),
        ("#ff0000", "#0000ff", 0.5, "#8c53a2"),
        ("#1c0f4a", "#0a0a0d", 0.55, "#130f2d"),
        ("#4326e0", "#ffffff", 0.38, "#abb7fa"),
    ],
)
def test_a_mix_is_what_browsers_compute(one: str, other: str, share: float, browser: str) -> None:
    mixed = rules.mix(one, other, share)
    for n in (1, 3, 5):
        assert abs(int(mixed[n : n + 2], 16) - int(browser[n : n + 2], 16)) <= 1, mixed


@given(colours, colours)
def test_a_mix_of_all_of_one_is_that_one(one: str, other: str) -> None:
    for mixed, wanted in ((rules.mix(one, other, 1), one), (rules.mix(one, other, 0), other)):
        for n in (1, 3, 5):
            assert abs(int(mixed[n : n + 2], 16) - int(wanted[n : n + 2], 16)) <= 1


@given(colours)
def test_a_readable_look_has_no_pair_below_its_need(colour: str) -> None:
    look = replace(Look(), brand=colour)
    if not rules.unreadable(look):
        assert rules.contrast("#ffffff", colour) >= 4.5
        assert rules.contrast(colour, look.paper) >= 4.5


def tokens() -> tuple[dict[str, str], dict[str, str]]:
    """Read the tokens of the sheet itself, by day and by night."""
    day, _dark, night = (ROOT / "kernel/static/kernel/css/tokens.css").read_text("utf-8").partition("scheme: dark")
    return tuple(dict(re.findall(r"--([\w-]+): ([^;]+);", part)) for part in (day, night))  # type: ignore[return-value]


@pytest.mark.parametrize("name", ["text", "link", "danger", "success", "night text", "night link", "night danger"])
def test_what_is_written_on_each_field_is_checked_on_it(name: str) -> None:
    fields = {pair.field for pair in rules.pairs(rules.LOOKS["gazette"]) if pair.name == name}
    assert len(fields) >= 3, fields  # the paper, its tint, what is raised above it


def test_the_colours_of_errors_and_successes_are_those_of_the_sheet() -> None:
    for written, known, tints in zip(tokens(), (SAID, SAID_AT_NIGHT), (TINTS, TINTS_AT_NIGHT), strict=True):
        assert {name: written[name] for name in known} == known
        assert (written["danger-tint"], written["success-tint"]) == tints


@pytest.mark.parametrize(
    ("look", "fault"),
    [
        (replace(Look(), paper="#d0b0b0", deep="#000000", brand="#000000"), "danger"),
        (replace(Look(), accent="#062c2e"), "night focus"),
    ],
)
def test_an_error_that_could_not_be_read_is_refused(look: Look, fault: str) -> None:
    assert fault in {pair.name for pair in rules.unreadable(look)}


@pytest.mark.django_db
class TestTheCommand:
    def test_a_look_is_kept_and_journaled(self) -> None:
        dress(rules.LOOKS["gazette"], actor=System("tests"))
        assert Identity.load().look == rules.LOOKS["gazette"]
        assert "brand" in Entry.objects.get(command="website.dress").detail["changed"]

    def test_an_unreadable_look_is_not_kept(self) -> None:
        with pytest.raises(ValidationError) as refusal:
            dress(replace(Look(), paper="#777777"), actor=System("tests"))
        assert "paper" in refusal.value.message_dict
        assert Identity.load().look == Look()

    def test_a_reader_may_not_change_it(self) -> None:
        with pytest.raises(NotAllowed):
            dress(Look(), actor=Staff(UserFactory(role=Role.READER)))


@pytest.mark.django_db
class TestTheScreen:
    def test_a_ready_look_fills_the_form(self, home: HomePage) -> None:
        page = signed_in().get("/gestion/apparence/?depart=affiche").content.decode()
        assert 'value="#0b3fd6"' in page

    def test_a_look_is_given_to_the_site(self, home: HomePage) -> None:
        response = signed_in().post("/gestion/apparence/", asdict(rules.LOOKS["affiche"]))
        assert response.status_code == 302
        assert Identity.load().fonts == "archivo"

    def test_an_unreadable_look_is_refused_with_the_reason_beside_the_colour(self, home: HomePage) -> None:
        response = signed_in().post("/gestion/apparence/", {**asdict(Look()), "accent": "#202020"})
        assert response.status_code == 400
        assert "choisissez-en une plus claire" in response.content.decode()
        assert Identity.load().accent == "#ffd24a"

    def test_a_trial_says_which_pairs_cannot_be_read_and_keeps_nothing(self, home: HomePage) -> None:
        client = signed_in()
        trial = client.get("/gestion/apparence/essai/", {**asdict(Look()), "accent": "#202020"}).content.decode()
        assert "cette apparence sera refusée" in trial
        assert "accent=%23202020" in trial
        assert Identity.load().accent == "#ffd24a"

    @pytest.mark.parametrize("attack", ["red;} body {display:none", "#12345g", "</style><script>", "url(//x.example)"])
    def test_nothing_but_colours_and_choices_comes_into_the_sheet(self, home: HomePage, attack: str) -> None:
        given = {**asdict(Look()), "brand": attack, "fonts": attack, "motif": attack}
        sheet = signed_in().get("/gestion/apparence/feuille.css", given).content.decode()
        assert attack not in sheet
        assert sheet == rules.sheet(Look())
