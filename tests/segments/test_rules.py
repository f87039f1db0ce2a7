"""Trees, without a database: what is read, refused, and said."""

from __future__ import annotations

import contextlib
import json
from datetime import date
from typing import Any

import pytest
from django.db.models import Q
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as some

from portevoix.people.models import Person
from portevoix.people.types import ContactStatus, Gender, Kind, RelationKind, RoleKind
from portevoix.rights.purposes import Basis, Purpose
from portevoix.segments import rules
from portevoix.segments.criteria.household import LivesWithOthers
from portevoix.segments.criteria.identity import Known
from portevoix.segments.criteria.roles import Dues
from portevoix.segments.exceptions import InvalidTree
from portevoix.segments.types import CRITERIA, Criterion, Group, Match, Names
from tests.segments.factories import rule, tree

EMAIL = rule("email")
YOUNG = rule("age", least=18, most=25)
SOURCE = rule("source", text="marché")

#: A value for every blank of every criterion.
EXAMPLES: dict[str, Any] = {
    **dict.fromkeys(["text", "value", "start", "language"], "fr"),
    **dict.fromkeys(["least", "latitude", "longitude"], 1.5),
    **dict.fromkeys(["tag", "segment", "snapshot", "mailing", "times"], 1),
    **dict.fromkeys(["day", "first", "last", "since"], date(2026, 1, 31)),
    "field": "x",
    "commune": "35238",
    "departement": "x",
    "region": "x",
    "most": 40,
    "days": 3,
    "km": 20,
    "state": ContactStatus.BOUNCING,
    "purpose": Purpose.NEWSLETTER,
    "basis": Basis.CONSENT,
    "gender": Gender.FEMALE,
    "kind": Kind.MAILED,
    "what": Known.COMMUNE,
    "role": RoleKind.MEMBER,
    "tie": RelationKind.RECRUITED_BY,
    "person": 7,
    "domain": "exemple.fr",
    "issue": "école",
    "code": "35238_0012",
}
#: Where one word means something else from one criterion to the other.
OTHER_EXAMPLES: dict[str, Any] = {"dues": {"state": Dues.PAID}, LivesWithOthers.key: {"others": 2}}


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
    one, other = (rules.condition(rules.read(tree(part))) for part in parts)
    assert rules.condition(rules.read(tree(*parts, match="any"))) == one | other
    assert rules.condition(rules.read(tree(*parts, match="none"))) == ~one & ~other


def test_what_asks_for_rows_of_one_table_asks_once() -> None:
    two, three = (rule("tag", tag=number) for number in (2, 3))
    for match in ("any", "none"):
        both = rules.condition(rules.read(tree(two, EMAIL, three, match=match)))
        assert str(Person.objects.filter(both).query).count('FROM "people_tagging"') == 1
    every = rules.condition(rules.read(tree(two, three)))
    assert str(Person.objects.filter(every).query).count('FROM "people_tagging"') == 2


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
            "People who have a usable e-mail address and who either are between 18 and 25 years old, or "
            "came by “marché”.",
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
            "People who are between 18 and 25 years old or who have no usable e-mail address.",
        ),
        (
            tree(tree(YOUNG, SOURCE), tree(EMAIL, SOURCE, match="none"), match="any"),
            "People who both are between 18 and 25 years old and came by “marché”, or who have no usable e-mail "
            "address and did not come by “marché”.",
        ),
        (
            tree(EMAIL, YOUNG, SOURCE),
            "People who have a usable e-mail address, who are between 18 and 25 years old and who came by “marché”.",
        ),
        (
            tree(EMAIL, tree(tree(YOUNG, SOURCE), tree(tree(EMAIL, YOUNG, match="any"), match="none"), match="any")),
            "People who have a usable e-mail address and who either [both are between 18 and 25 years old and came by "
            "“marché”], or are not among those who [either have a usable e-mail address, or are between 18 and 25 "
            "years old].",
        ),
    ],
)
def test_a_tree_is_said_in_plain_words(raw: dict[str, Any], said: str) -> None:
    assert say(raw) == said


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (
            tree(EMAIL, tree(YOUNG, SOURCE, match="any")),
            "Les personnes qui ont une adresse e-mail utilisable et qui soit ont entre 18 et 25 ans, soit sont venues "
            "par «\xa0marché\xa0».",
        ),
        (
            tree(tree(EMAIL, match="none"), rule("source", text="x"), match="any"),
            "Les personnes qui n’ont pas d’adresse e-mail utilisable ou qui sont venues par «\xa0x\xa0».",
        ),
        (
            tree(tree(YOUNG, EMAIL), tree(SOURCE, YOUNG, match="none"), match="any"),
            "Les personnes qui à la fois ont entre 18 et 25 ans et ont une adresse e-mail utilisable, ou qui ne sont "
            "pas venues par «\xa0marché\xa0» et n’ont pas entre 18 et 25 ans.",
        ),
        (
            tree(rule("interaction", kind="mailed", times=1, days=1), rule("known_within", days=30)),
            "Les personnes qui ont eu au moins 1 fois en 1 jour la mention «\xa0message envoyé\xa0» et qui sont "
            "connues depuis moins de 30 jours.",
        ),
        (
            tree(tree(rule("interaction", kind="mailed", times=3, days=90), match="none"), match="any"),
            "Les personnes qui ont eu moins de 3 fois en 90 jours la mention «\xa0message envoyé\xa0».",
        ),
    ],
)
def test_a_tree_is_said_in_plain_french(raw: dict[str, Any], said: str) -> None:
    with translation.override("fr"):
        assert rules.sentence(rules.read(raw), Names()).replace("\u202f", "\xa0") == said


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_criterion_is_said_and_denied_in_words_of_its_own(language: str) -> None:
    """« are not among those who » is for the criteria of others: ours know their contrary."""
    seen = 0
    for key, kind in CRITERIA.items():
        is_denied_plainly = bool(kind.denies) or kind.negation is not Criterion.negation
        if not kind.__module__.startswith("portevoix.segments.") or not is_denied_plainly:
            continue
        criterion = kind.model_construct(**{**EXAMPLES, **OTHER_EXAMPLES.get(key, {})})
        names = Names()
        names._known.update({pointer: dict.fromkeys([1, "x", "35238"], "N") for pointer in kind.points_to.values()})
        with translation.override(language):
            said, denied = criterion.clause(names), criterion.negation(names)
        assert said != denied
        seen += 1
    assert seen >= 60


def test_a_question_is_told_line_by_line() -> None:
    with translation.override("en"):
        lines = rules.outline(rules.read(tree(EMAIL, tree(YOUNG, SOURCE, match="any"))), Names())
    assert [(line.depth, line.text) for line in lines] == [
        (0, "all of these conditions"),
        (1, "have a usable e-mail address"),
        (1, "at least one of these conditions"),
        (2, "are between 18 and 25 years old"),
        (2, "came by “marché”"),
    ]


def named(pk: int) -> dict[str, Any]:
    return rule("segment", segment=pk)


def test_a_segment_that_is_named_is_put_in_its_place() -> None:
    question = rules.read(tree(EMAIL, named(7)))
    inner = rules.read(tree(YOUNG, SOURCE, match="any"))
    assert rules.as_json(rules.resolved(question, {7: ("Seven", inner)})) == tree(
        EMAIL, tree(YOUNG, SOURCE, match="any")
    )


def test_a_question_that_was_not_resolved_is_never_asked() -> None:
    with pytest.raises(RuntimeError):
        rules.condition(rules.read(tree(named(7))))


def test_a_circle_is_refused_and_its_way_named() -> None:
    known = {1: ("One", rules.read(tree(named(2)))), 2: ("Two", rules.read(tree(EMAIL, tree(named(1)))))}
    with translation.override("en"), pytest.raises(InvalidTree) as fault:
        rules.resolved(known[1][1], known, (1,))
    assert str(fault.value) == "These segments go round in a circle: “One” → “Two” → “One”."


def test_segments_that_name_each_other_twice_do_not_explode() -> None:
    known = {pk: (str(pk), rules.read(tree(named(pk + 1), named(pk + 1)))) for pk in range(40)}
    known[40] = ("40", rules.read(tree(EMAIL)))
    with pytest.raises(InvalidTree):
        rules.resolved(known[0][1], known)


def test_a_long_way_of_segments_ends_in_a_refusal_not_in_the_stack() -> None:
    known = {pk: (str(pk), rules.read(tree(named(pk + 1)))) for pk in range(500)}
    known[500] = ("500", rules.read(tree(EMAIL)))
    with pytest.raises(InvalidTree):
        rules.resolved(known[0][1], known)


def test_every_criterion_is_known_by_its_own_key_and_has_a_label() -> None:
    assert len(CRITERIA) >= 18
    assert all(kind.key == key and str(kind.label) for key, kind in CRITERIA.items())


def test_the_ways_of_matching_are_stored_by_these_names() -> None:
    assert Match.values == ["all", "any", "none"]
