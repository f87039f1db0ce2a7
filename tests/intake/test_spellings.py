"""The spellings that files are normalised by in SQL are those of the kernel, or NULL where only the kernel can tell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from importlib import import_module

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portevoix.intake.readers.staging import _USUAL_PHONE
from portevoix.kernel import normalise
from portevoix.territory import rules

pytestmark = pytest.mark.django_db
migration = import_module("portevoix.intake.migrations.0009_rare_letters")
many = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def in_sql(function: str, texts: Sequence[str]) -> list[str | None]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {function}(raw) FROM unnest(%s::text[]) WITH ORDINALITY AS t (raw, place) ORDER BY place",
            [list(texts)],
        )
        return [row[0] for row in cursor.fetchall()]


TEXT = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=40)
LATIN = st.text(st.characters(max_codepoint=0x17F, blacklist_characters="\0"), max_size=40)


def test_every_letter_has_the_same_key_or_none() -> None:
    letters = [chr(code) for code in range(1, 0x30000) if not 0xD800 <= code < 0xE000]
    for texts in ([f"a{letter}b" for letter in letters], [letter * 2 for letter in letters]):
        found = in_sql("portevoix_sort_key", texts)
        assert sum(key is not None for key in found) > 500
        wrong = [
            text for text, key in zip(texts, found, strict=True) if key is not None and key != normalise.sort_key(text)
        ]
        assert wrong == []


#: What Python and PostgreSQL know alike, whichever versions of Unicode they speak.
KNOWN = [chr(code) for code in range(1, 0x30000) if migration.is_known(chr(code))]


def test_every_letter_that_both_know_has_the_same_key() -> None:
    assert len(KNOWN) > 90_000
    for texts in ([f"a{letter}b" for letter in KNOWN], [letter * 2 for letter in KNOWN]):
        assert in_sql("portevoix_sort_key", texts) == [normalise.sort_key(text) for text in texts]


#: Words of one script, as people are called, and of all scripts at once.
SCRIPTS = [(0x100, 0x24F), (0x370, 0x3FF), (0x400, 0x52F), (0x530, 0x58F), (0x590, 0x5FF), (0x600, 0x6FF)]
SCRIPTS += [(0x900, 0x97F), (0xE00, 0xE7F), (0x10A0, 0x10FF), (0x1E00, 0x1FFF), (0xAC00, 0xD7A3), (0x300, 0x36F)]
WORDS = st.one_of(
    *(
        st.text(st.sampled_from([one for one in KNOWN if first <= ord(one) <= last] + [" ", "-", "’"]), max_size=20)
        for first, last in SCRIPTS
    ),
    st.text(st.sampled_from(KNOWN), max_size=20),
)


@many
@given(st.lists(st.builds("{} {}".format, WORDS, WORDS), min_size=1, max_size=50))
def test_names_in_any_letters_have_the_same_key(names: list[str]) -> None:
    assert in_sql("portevoix_sort_key", names) == [normalise.sort_key(name) for name in names]


@many
@given(st.lists(st.one_of(TEXT, LATIN), min_size=1, max_size=50))
def test_names_have_the_same_key_or_none(names: list[str]) -> None:
    for name, key in zip(names, in_sql("portevoix_sort_key", names), strict=True):
        assert key in {None, normalise.sort_key(name)}


@pytest.mark.parametrize(
    "name", ["Le Goff Maëlle", "L’Hôpital Œdipe", "N'Diaye Aïssatou", "Müller-Groß Søren", "d'Ægle"]
)
def test_names_of_europe_need_no_second_look(name: str) -> None:
    assert in_sql("portevoix_sort_key", [name]) == [normalise.sort_key(name)]


LOCAL = st.text("abz09.-_+'!#$%&*/=?^`{|}~ <>@", max_size=70)
DOMAIN = st.text("abz09.-", max_size=70)


@many
@given(
    st.lists(
        st.one_of(st.builds("{}@{}.fr".format, LOCAL, DOMAIN), st.text(max_size=30).filter(str.isascii)),
        min_size=1,
        max_size=50,
    )
)
def test_plain_addresses_are_judged_alike(addresses: list[str]) -> None:
    addresses = [address.replace("\0", "") for address in addresses]
    assert in_sql("portevoix_email", addresses) == [normalise.email(address) for address in addresses]


@pytest.mark.parametrize(
    "address",
    [
        "Anne@Mail.Example",
        f"{'a' * 64}@b.fr",
        f"{'a' * 65}@b.fr",
        f"a@{'b' * 63}.fr",
        f"a@{'b' * 64}.fr",
        "a@b.f",
        "a@b.fr\n",
    ],
)
def test_addresses_at_the_limits_are_judged_alike(address: str) -> None:
    assert in_sql("portevoix_email", [address]) == [normalise.email(address)]


@many
@given(st.lists(st.from_regex(_USUAL_PHONE, fullmatch=True), min_size=1, max_size=50))
def test_usual_numbers_are_judged_alike(numbers: list[str]) -> None:
    assert in_sql("portevoix_phone", numbers) == [normalise.phone(number) for number in numbers]


@pytest.mark.parametrize(
    "postcode", ["35000", "1000", "75 011", "F-75011", "FR 75011", "fr75011", "7501", "ABC", "750111"]
)
def test_postcodes_are_read_alike(postcode: str) -> None:
    assert in_sql("intake_postcode", [postcode]) == [rules.postcode(postcode)]


@pytest.mark.parametrize(
    ("raw", "day_first", "expected"),
    [
        ("07/14/1961", False, date(1961, 7, 14)),
        ("1961-07-14", False, date(1961, 7, 14)),
        ("1961-07-14 10:00:00 UTC", False, date(1961, 7, 14)),
        ("1961-07-14T10:00:00Z", True, date(1961, 7, 14)),
        ("7/4/1961", False, date(1961, 7, 4)),
        ("04/07/1961", True, date(1961, 7, 4)),
        ("14/07/1961", False, date(1961, 7, 14)),
        ("07/14/1961", True, date(1961, 7, 14)),
        ("02/29/2000", False, date(2000, 2, 29)),
        ("02/29/1999", False, None),
        ("31/02/1975", False, None),
        ("0000-00-00", False, None),
        ("14 juillet 1961", False, None),
        ("1961", False, None),
    ],
)
def test_days_are_read_in_the_three_formats(raw: str, day_first: bool, expected: date | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT intake_day(%s, %s)", [raw, day_first])
        assert cursor.fetchone() == (expected,)


@many
@given(st.lists(TEXT, min_size=1, max_size=50), st.booleans())
def test_no_text_makes_the_calendar_fail(texts: list[str], day_first: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT intake_day(raw, %s) FROM unnest(%s::text[]) AS raw", [day_first, texts])


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("true", True),
        ("Y", True),
        ("oui", True),
        (" 1 ", True),
        ("false", False),
        ("N", False),
        ("0", False),
        ("peut-être", None),
    ],
)
def test_truth_is_read_in_several_spellings(raw: str, expected: bool | None) -> None:
    assert in_sql("intake_truth", [raw]) == [expected]
