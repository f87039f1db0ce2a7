"""Trees, without a database: what is read, refused, and said."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from django.db.models import Q
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as some

from portevoix.segments import rules
from portevoix.segments.exceptions import InvalidTree
from portevoix.segments.types import CRITERIA, Group, Match, Names
from tests.segments.factories import rule, tree

EMAIL = rule("email")
YOUNG = rule("age", least=18, most=25)
SOURCE = rule("source", text="marché")


def nested(depth: int) -> dict[str, Any]:
    part = tree(EMAIL)
    for _level in range(depth - 2):
        part = tree(part)
    return part


def say(raw: dict[str, Any]) -> str:
    with translation.override("en"):
        return rules.sentence(rules.read(raw), Names())


def test_a_tree_is_read_and_written_back_the_same() -> None:
    raw = tree(EMAIL, tree(YOUNG, SOURCE, match="any"), tree(rule("postcode", start="35"), match="none"))
    assert rules.as_json(rules.read(raw)) == {
        **raw,
        "parts": [EMAIL, *raw["parts"][1:]],
    }


def test_fifty_levels_are_read_and_fifty_one_are_refused_with_a_clear_sentence() -> None:
    assert rules.condition(rules.read(nested(50)))
    with translation.override("fr"), pytest.raises(InvalidTree) as fault:
        rules.read(nested(51))
    assert fault.value.faults == {"": "Les groupes sont imbriqués sur plus de 50 niveaux\xa0: simplifiez le segment."}


def test_a_bottomless_tree_does_not_exhaust_the_stack() -> None:
    part: dict[str, Any] = tree(EMAIL)
    for _level in range(100_000):
        part = tree(part)
    with pytest.raises(InvalidTree):
        rules.read(part)
    while part["parts"] and "parts" in part["parts"][0]:  # or Python would free it by recursion
        part = part["parts"][0]


def test_two_hundred_and_one_parts_are_refused() -> None:
    assert rules.read(tree(*[EMAIL] * 199))
    with pytest.raises(InvalidTree):
        rules.read(tree(*[EMAIL] * 200))


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        (None, ""),
        ([], ""),
        ("all", ""),
        ({"match": "all"}, ""),
        ({"match": "most", "parts": []}, ""),
        ({"match": "all", "parts": {}}, ""),
        ({"match": "all", "parts": [], "also": 1}, ""),
        (tree(tree()), "0"),
        (tree(EMAIL, tree(EMAIL, rule("unheard_of"))), "1.1"),
        (tree(rule("tag")), "0"),
        (tree(rule("tag", tag="x")), "0"),
        (tree(rule("age", least=40, most=20)), "0"),
        (tree(rule("age", least=-1, most=20)), "0"),
        (tree(rule("postcode", start="35' OR 1=1")), "0"),
        (tree(rule("email", also="this")), "0"),
        (tree(rule("near", commune="35238", km=100_000)), "0"),
        (tree(rule("ground", purpose="anything")), "0"),
        (tree(rule("name", text="   ")), "0"),
        (tree(rule("custom", field='x")--', value="y")), "0"),
        (tree(rule(["tag"])), "0"),  # type: ignore[arg-type]
        (tree(3), "0"),  # type: ignore[arg-type]
    ],
)
def test_what_is_no_question_is_refused_where_it_is_wrong(raw: Any, place: str) -> None:
    with pytest.raises(InvalidTree) as fault:
        rules.read(raw)
    assert list(fault.value.faults) == [place]


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(InvalidTree) as fault:
        rules.read(tree(rule("tag"), EMAIL, tree(rule("near"), tree())))
    assert sorted(fault.value.faults) == ["0", "2.0", "2.1"]


@given(
    some.recursive(
        some.none() | some.booleans() | some.integers() | some.text(),
        lambda inner: some.lists(inner) | some.dictionaries(some.sampled_from(["match", "parts", "criterion"]), inner),
    )
)
def test_no_json_at_all_makes_reading_fail_otherwise_than_by_a_fault(raw: Any) -> None:
    with contextlib.suppress(InvalidTree):
        assert isinstance(rules.read(json.loads(json.dumps(raw))), Group)


def test_an_empty_tree_is_no_condition() -> None:
    assert rules.condition(rules.read(tree())) == Q()
    assert rules.condition(rules.read(tree(match="none"))) == Q()


def test_none_is_the_contrary_of_any() -> None:
    parts = (rule("postcode", start="35"), rule("postcode", start="29"))
    either = rules.condition(rules.read(tree(*parts, match="any")))
    assert rules.condition(rules.read(tree(*parts, match="none"))) == ~either


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (tree(), "Everybody."),
        (tree(EMAIL), "People who have a usable e-mail address."),
        (
            tree(EMAIL, YOUNG),
            "People who have a usable e-mail address and who are between 18 and 25 years old.",
        ),
        (
            tree(EMAIL, YOUNG, match="any"),
            "People who have a usable e-mail address or who are between 18 and 25 years old.",
        ),
        (
            tree(EMAIL, tree(YOUNG, SOURCE, match="any")),
            "People who have a usable e-mail address and who (are between 18 and 25 years old or who came by "
            "“marché”).",
        ),
        (
            tree(EMAIL, tree(YOUNG, match="any")),
            "People who have a usable e-mail address and who are between 18 and 25 years old.",
        ),
        (
            tree(EMAIL, tree(YOUNG, SOURCE, match="none")),
            "People who have a usable e-mail address, except those who are between 18 and 25 years old or who came by "
            "“marché”.",
        ),
        (tree(EMAIL, match="none"), "Everybody but people who have a usable e-mail address."),
        (tree(tree(EMAIL, match="none")), "Everybody but people who have a usable e-mail address."),
        (
            tree(YOUNG, tree(EMAIL, match="none"), match="any"),
            "People who are between 18 and 25 years old or who are not among those who have a usable e-mail address.",
        ),
    ],
)
def test_a_tree_is_said_in_plain_words(raw: dict[str, Any], said: str) -> None:
    assert say(raw) == said


def test_every_criterion_is_known_by_its_own_key_and_has_a_label() -> None:
    assert len(CRITERIA) >= 18
    assert all(kind.key == key and str(kind.label) for key, kind in CRITERIA.items())


def test_the_ways_of_matching_are_stored_by_these_names() -> None:
    assert Match.values == ["all", "any", "none"]
