from __future__ import annotations

import csv
import io
import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from portevoix.disclosure.readers import leaked
from portevoix.disclosure.rules import canaries
from portevoix.disclosure.rules.passwords import ALPHABET, password
from portevoix.disclosure.writers import table
from portevoix.kernel import normalise


@pytest.mark.parametrize("cell", ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3+cmd", "\t=1", "\r=1"])
def test_a_formula_leaves_as_text(cell: str) -> None:
    written = table.safe(cell)
    assert written[0] == "'"
    assert written.replace("'", "") == cell.replace("'", "")


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("y;=HYPERLINK(1)", "y;'=HYPERLINK(1)"),
        ("y; @sum", "y; '@sum"),
        ('y;"=1', "y;\"'=1"),
        ("y\n=1", "y\n'=1"),
        ("y;-cmd", "y;'-cmd"),
    ],
)
def test_a_formula_behind_what_cuts_cells_elsewhere_leaves_as_text(cell: str, written: str) -> None:
    """French spreadsheets cut at semicolons."""
    assert table.safe(cell) == written


@pytest.mark.parametrize("cell", ["+33639981234", "-12,5", "Anne", "a=b", "", "a; b", "1;-12,5;+3"])
def test_what_is_no_formula_leaves_as_it_is(cell: str) -> None:
    assert table.safe(cell) == cell


@given(
    st.lists(
        st.lists(st.text(alphabet=st.characters(blacklist_categories=["Cs"]), max_size=30), min_size=2, max_size=2)
    )
)
def test_what_is_written_can_be_read_back(rows: list[list[str]]) -> None:
    file = io.BytesIO()
    assert table.write(["a", "b"], rows, file) == len(rows)
    text = io.StringIO(file.getvalue().decode("utf-8-sig"), newline="")
    assert list(csv.reader(text))[1:] == [[table.safe(cell) for cell in row] for row in rows]


@given(st.text(min_size=1))
def test_a_password_is_strong_readable_and_its_seeds_alone(seed: str) -> None:
    said = password(seed)
    groups = said.split("-")
    assert [len(group) for group in groups] == [5] * 5
    assert set(said) <= {*ALPHABET, "-"}
    assert password(seed) == said != password(f"{seed}x")


def test_the_alphabet_has_five_bits_a_sign_and_no_sign_that_is_taken_for_another() -> None:
    assert len(set(ALPHABET)) == 32
    assert not set(ALPHABET) & set("l1o0ILO")


def test_a_password_belongs_to_the_instance(settings: Settings) -> None:
    said = password("seed")
    settings.SECRET_KEY = "another"
    assert password("seed") != said


@pytest.mark.parametrize(
    ("people", "fields", "domain", "number"),
    [
        (0, ["email"], "a.example", 0),
        (1000, ["email"], "", 0),
        (1000, ["primary_zip", "tag_list", "first_name"], "a.example", 0),
        (1000, ["last_name"], "a.example", 4),
        (1000, ["last_name"], "", 4),
        (5, ["email"], "a.example", 1),
        (20, ["email"], "a.example", 3),
        (10_000, ["email"], "a.example", 13),
        (1_000_000, ["email"], "a.example", 40),
    ],
)
def test_how_many_canaries_an_export_carries(people: int, fields: list[str], domain: str, number: int) -> None:
    assert canaries.wanted(people, canaries.mark_of(fields, domain)) == number


@given(st.integers())
def test_an_invented_person_has_an_address_that_a_real_one_could_have(seed: int) -> None:
    one = canaries.invent(random.Random(seed), "boite.example")
    assert normalise.email(one.mailbox) == one.mailbox
    assert one.mailbox.endswith("@boite.example")
    assert normalise.phone(one.mobile) == one.mobile
    assert 1943 <= one.born_on.year <= 2005


def test_a_canary_is_blank_where_its_neighbour_is() -> None:
    one = canaries.invent(random.Random(1), "boite.example")
    neighbour = {"first_name": "A", "last_name": "B", "email": "", "mobile_number": None, "born_at": "", "sex": "F"}
    row = canaries.disguised(one, neighbour, "email")
    assert (row["mobile_number"], row["born_at"]) == (None, "")
    assert (row["sex"], row["email"]) == (one.sex, one.mailbox)


@pytest.mark.parametrize(
    ("fields", "domain", "mark"),
    [
        (["last_name", "email"], "a.example", "email"),
        (["last_name", "email"], "", "last_name"),
        (["last_name", "phone_number", "mobile_number"], "a.example", "mobile_number"),
        (["last_name", "phone_number"], "", "phone_number"),
        (["primary_address1", "last_name"], "", "last_name"),
        (["primary_address1"], "", "primary_address1"),
        (["tag_list"], "a.example", ""),
    ],
)
def test_a_file_is_marked_by_the_surest_of_its_columns(fields: list[str], domain: str, mark: str) -> None:
    assert canaries.mark_of(fields, domain) == mark
    one = canaries.invent(random.Random(3), domain, is_known_by_name=True)
    row = canaries.disguised(one, dict.fromkeys(fields, ""), mark)
    assert set(row) == set(fields)
    assert not mark or row[mark], "it is there even where the neighbour has none"
    assert "invalid" not in str(row)


def test_an_invented_number_is_one_that_no_subscriber_has() -> None:
    one = canaries.invent(random.Random(5), "")
    assert re.fullmatch(r"\+3363998\d{4}", one.mobile)
    assert re.fullmatch(r"\+3319900\d{4}", one.landline)


@given(st.integers())
def test_a_name_that_tells_a_file_is_two_family_names_that_the_reader_finds(seed: int) -> None:
    one = canaries.invent(random.Random(seed), "", is_known_by_name=True)
    for written in (one.family_name, one.family_name.upper(), one.family_name.replace("-", "\u2011")):
        assert list(leaked.in_text(f"3;{written};x")) == [f"name:{normalise.sort_key(one.family_name)}"]


@pytest.mark.parametrize("text", ["Jean-Pierre;Martin", "Marie-Claire Dupont", "Dubois Moreau", "Durand-Kervella"])
def test_usual_names_are_no_clue(text: str) -> None:
    assert list(leaked.in_text(text)) == []


def test_a_landline_kept_for_fiction_is_a_clue_and_another_is_none() -> None:
    assert list(leaked.in_text("01 99 00 12 34 ; 01.42.00.12.34 ; 06 39 98 00 01")) == ["+33199001234", "+33639980001"]
