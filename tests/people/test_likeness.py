"""Are these two records one person?"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from portevoix.people.rules import WORTH_A_LOOK, compare, is_fuller
from portevoix.people.types import Reason, Traits

BORN = date(1978, 4, 3)
MARIE = {"first": "marie", "last": "le goff"}


def traits(**said: Any) -> Traits:
    sets = {name: frozenset(value) for name, value in said.items() if isinstance(value, set)}
    return Traits(**(said | sets))


@pytest.mark.parametrize(
    ("one", "other", "score", "reasons"),
    [
        # A name alone is no proof; with the birth date it is worth a look; with the address it is nearly certain.
        (MARIE, MARIE, 40, [Reason.NAME]),
        (MARIE | {"born_on": BORN}, MARIE | {"born_on": BORN}, 70, [Reason.NAME, Reason.BIRTH]),
        (
            MARIE | {"born_on": BORN, "streets": {"3 rue du puits 35000"}, "postcodes": {"35000"}},
            MARIE | {"born_on": BORN, "streets": {"3 rue du puits 35000"}, "postcodes": {"35000"}},
            98,
            [Reason.NAME, Reason.BIRTH, Reason.STREET, Reason.POSTCODE],
        ),
        # One mailbox under two names of the same person.
        (MARIE | {"mails": {"m@x.fr"}}, MARIE | {"mails": {"m@x.fr"}}, 90, [Reason.MAIL, Reason.NAME]),
        ({"mails": {"m@x.fr"}}, MARIE | {"mails": {"m@x.fr"}}, 50, [Reason.MAIL]),
        # A typo, a name and a first name in each other's place.
        (
            MARIE | {"born_on": BORN},
            {"first": "mariee", "last": "legoff", "born_on": BORN},
            60,
            [Reason.CLOSE_NAME, Reason.BIRTH],
        ),
        (
            {"first": "marie", "last": "legoff", "born_on": BORN},
            {"first": "legoff", "last": "marie", "born_on": BORN},
            70,
            [Reason.NAME, Reason.BIRTH],
        ),
        (
            MARIE | {"born_on": BORN, "phones": {"+33600000001"}},
            MARIE | {"born_on": date(1978, 3, 4), "phones": {"+33600000001"}},
            85,
            [Reason.NAME, Reason.PHONE, Reason.BIRTH_SWAPPED],
        ),
        # A family: one telephone, one address, one surname, other first names.
        (
            MARIE | {"phones": {"+33299000001"}, "streets": {"3 rue du puits 35000"}},
            {"first": "marc", "last": "le goff", "phones": {"+33299000001"}, "streets": {"3 rue du puits 35000"}},
            10,
            [Reason.PHONE, Reason.STREET],
        ),
        # Father and son of one name in one house.
        (
            MARIE | {"born_on": BORN, "streets": {"3 rue du puits 35000"}},
            MARIE | {"born_on": date(2004, 4, 3), "streets": {"3 rue du puits 35000"}},
            20,
            [Reason.NAME, Reason.STREET, Reason.OTHER_BIRTH],
        ),
        ({}, {}, 0, []),
        ({"first": "", "last": "martin"}, {"first": "", "last": "martin"}, 0, []),
    ],
)
def test_a_pair_is_scored_with_its_reasons(
    one: dict[str, Any], other: dict[str, Any], score: int, reasons: list[Reason]
) -> None:
    likeness = compare(traits(**one), traits(**other))
    assert (likeness.score, list(likeness.reasons)) == (score, reasons)
    assert compare(traits(**other), traits(**one)) == likeness


def test_no_family_and_no_homonym_is_worth_a_look() -> None:
    household = {"phones": {"+33299000001"}, "streets": {"3 rue du puits 35000"}, "postcodes": {"35000"}}
    for first in ("marc", "martine", "jean", "anne marie"):
        other = traits(first=first, last="le goff", **household)
        assert compare(traits(**MARIE, **household), other).score < WORTH_A_LOOK, first


@pytest.mark.parametrize(
    ("value", "other", "is_better"),
    [
        ("Léa", "", True),
        ("Léa", "LEA", True),
        ("Le Goff", "LE GOFF", True),
        ("Marie-Anne", "Marie", True),
        ("Marie", "Marie-Anne", False),
        ("", "Léa", False),
        (None, "Léa", False),
        (BORN, None, True),
        (None, BORN, False),
        (BORN, date(1978, 1, 1), False),
        (True, None, True),
        (False, None, True),
        (0, None, True),
        ("same", "same", False),
    ],
)
def test_a_fuller_value_is_the_better_one(value: Any, other: Any, is_better: bool) -> None:
    assert is_fuller(value, other) is is_better
