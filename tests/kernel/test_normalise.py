from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portevoix.kernel import normalise


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("  Jeanne.Le-Goff@Example.ORG ", "jeanne.le-goff@example.org"),
        ("<anne@example.org>", "anne@example.org"),
        ("anne@élection.example", "anne@xn--lection-9xa.example"),
        ("anne+tag@example.org", "anne+tag@example.org"),
        ("anne@example", None),
        ("anne@@example.org", None),
        ("anne..b@example.org", None),
        (".anne@example.org", None),
        ("anne@-example.org", None),
        ("anne", None),
        ("", None),
        ("a" * 65 + "@example.org", None),
        ("anne\n@example.org", None),
        ("<anne@example.org\n>", None),
    ],
)
def test_an_address_has_one_spelling_or_none(raw: str, expected: str | None) -> None:
    assert normalise.email(raw) == expected


@given(st.text(max_size=300))
def test_no_text_makes_the_address_reader_fail(raw: str) -> None:
    result = normalise.email(raw)
    assert result is None or normalise.email(result) == result


@pytest.mark.parametrize(
    "raw", ["06 39 98 12 34", "06.39.98.12.34", "+33639981234", "0033 6 39 98 12 34", "+33 (0)6 39 98 12 34"]
)
def test_a_french_number_written_in_any_way_is_one_number(raw: str) -> None:
    assert normalise.phone(raw) == "+33639981234"


@pytest.mark.parametrize("raw", ["", "12", "téléphone", "06 39 98 12 34 56 78", "=1+1"])
def test_what_is_no_number_is_refused(raw: str) -> None:
    assert normalise.phone(raw) is None


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Élodie", "elodie"),
        ("Le Goff-Œuvrard", "le goff oeuvrard"),
        ("L'Haÿ-les-Roses", "l hay les roses"),
        ("D’ARTAGNAN", "d artagnan"),
        ("e\u0301le\u0300ve", "eleve"),
        ("  ", ""),
    ],
)
def test_a_sort_key_forgets_accents_case_and_punctuation(text: str, key: str) -> None:
    assert normalise.sort_key(text) == key


@given(st.text(max_size=100))
def test_a_sort_key_is_stable(text: str) -> None:
    assert normalise.sort_key(normalise.sort_key(text)) == normalise.sort_key(text)
