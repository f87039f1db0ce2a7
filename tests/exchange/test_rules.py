from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portevoix.exchange import rules
from portevoix.exchange.types import Fate
from portevoix.intake.exceptions import FileRefused
from portevoix.intake.readers.fields import FIELDS
from portevoix.intake.types import Fault
from portevoix.operations.generation.columns import COLUMNS
from portevoix.people.types import CustomKind, Protected


@pytest.mark.parametrize(
    ("title", "field"),
    [
        ("nationbuilder_id", "external_ref"),
        ("Email", "email"),
        ("E-mail", "email"),
        ("Prénom", "first_name"),
        ("NOM", "last_name"),
        ("Téléphone portable", "mobile_number"),
        ("Code postal", "primary_zip"),
        ("primary_address1", "primary_address1"),
    ],
)
def test_a_title_means_a_column_of_ours(title: str, field: str) -> None:
    assert rules.recognise([title, "last_name x", "email1"], {}).fields[field] == 0


@pytest.mark.parametrize(
    ("title", "why"),
    [
        ("religion", Protected.BELIEF),
        ("church", Protected.BELIEF),
        ("Confession religieuse", Protected.BELIEF),
        ("ethnicity", Protected.ORIGIN),
        ("party", Protected.OPINION),
        ("support_probability_score", Protected.INFERRED),
        ("intentions_de_vote", Protected.OPINION),
        ("Niveau de soutien", Protected.OPINION),
        ("issues", Protected.OPINION),
        ("Enjeux", Protected.OPINION),
        ("VoteIntention", Protected.OPINION),
        ("Parti politique", Protected.OPINION),
        ("inferred_party", Protected.INFERRED),
        ("inferred_support_level", Protected.INFERRED),
        ("Syndicat", Protected.UNION),
        ("Problème de santé", Protected.HEALTH),
        ("casier (condamnations)", Protected.OFFENCES),
    ],
)
def test_what_the_law_protects_does_not_come_in_unasked(title: str, why: Protected) -> None:
    mapping = rules.recognise(["email", title], {})
    assert [(refused.label, refused.why) for refused in mapping.refused] == [(title, why)]
    assert mapping.extras == ()
    assert rules.fates(mapping, ["email", title])[1] == {"title": title, "fate": Fate.REFUSED, "why": why}


@pytest.mark.parametrize(
    "title", ["bureau_de_vote", "partie prenante", "supporter_since", "racette", "third place", "issued_on"]
)
def test_words_that_only_look_protected_are_kept(title: str) -> None:
    assert rules.recognise(["email", title], {}).refused == ()


def test_other_columns_are_kept_under_a_key_of_their_own() -> None:
    mapping = rules.recognise(["email", "Chanson préférée", "chanson preferee!", "是", "is_prospect", ""], {})
    assert [(extra.column, extra.key, extra.label) for extra in mapping.extras] == [
        (1, "chanson_preferee", "Chanson préférée"),
        (2, "chanson_preferee_2", "chanson preferee!"),
        (3, "field", "是"),
        (4, "is_prospect", "is_prospect"),
    ]
    assert mapping.extras[3].kind == CustomKind.YES_NO


def test_a_field_there_already_keeps_its_kind() -> None:
    assert rules.recognise(["email", "is_prospect"], {"is_prospect": "text"}).extras[0].kind == CustomKind.TEXT


def test_a_file_without_any_column_that_names_people_is_refused_with_what_it_holds() -> None:
    with pytest.raises(FileRefused) as refusal:
        rules.recognise(["colour", "size"], {})
    assert refusal.value.fault == Fault.STRANGE_TITLES
    assert "colour" in str(refusal.value)


def test_every_column_of_an_export_has_a_fate() -> None:
    mapping = rules.recognise(COLUMNS, {})
    told = rules.fates(mapping, COLUMNS)
    assert len(told) == len(COLUMNS)
    assert {column["title"] for column in told if column["fate"] == Fate.REFUSED} == {
        "party",
        "support_level",
        "inferred_support_level",
        "church",
        "ethnicity",
        "religion",
    }
    assert set(mapping.fields) <= set(FIELDS)


@given(st.lists(st.text(max_size=20), max_size=15))
def test_no_titles_make_it_fail(titles: list[str]) -> None:
    mapping = rules.recognise(["email", *titles], {})
    keys = [extra.key for extra in mapping.extras]
    assert len(keys) == len(set(keys))
    assert all(len(key) <= 63 for key in keys)
