from __future__ import annotations

import pytest

from portevoix.territory import rules


@pytest.mark.parametrize(
    ("town", "key"),
    [
        ("L'Haÿ-les-Roses", "l hay les roses"),
        ("PARIS 11EME", "paris 11"),
        ("Paris 11e Arrondissement", "paris 11"),
        ("Paris 1er Arrondissement", "paris 1"),
        ("Paris 01", "paris 1"),
        ("St-Denis Cedex 2", "saint denis"),
        ("Ste Foy lès Lyon", "sainte foy les lyon"),
        ("Villeneuve s/ Lot", "villeneuve sur lot"),
        ("Œting", "oeting"),
        ("  ", ""),
    ],
)
def test_a_town_has_one_key_however_it_is_written(town: str, key: str) -> None:
    assert rules.city_key(town) == key


@pytest.mark.parametrize(
    ("written", "postcode"),
    [
        ("29200", "29200"),
        (" 29 200 ", "29200"),
        ("F-29200", "29200"),
        ("FR 29200", "29200"),
        ("1000", "01000"),
        ("BS1 4DJ", None),
        ("292000", None),
        ("", None),
    ],
)
def test_a_postcode_is_five_digits_or_nothing(written: str, postcode: str | None) -> None:
    assert rules.postcode(written) == postcode


@pytest.mark.parametrize(
    ("code", "departement"),
    [
        ("35000", "35"),
        ("20000", "2A"),
        ("20137", "2A"),
        ("20200", "2B"),
        ("20600", "2B"),
        ("97400", "974"),
        ("97133", "977"),
        ("97150", "978"),
        ("98714", "987"),
    ],
)
def test_a_postcode_tells_its_departement(code: str, departement: str) -> None:
    assert rules.departement_of(code) == departement


def test_a_point_overseas_is_drawn_in_its_box_and_others_where_they_are() -> None:
    assert rules.placed(2.35, 48.85, None) == (2.35, 48.85)
    assert rules.placed(55.5, -21.0, (-60.0, 1.0, 65.0, 1.0)) == (-4.5, 44.0)
