"""The signature of a destruction record: one byte more, less or other, and it is none."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portevoix.rights.exceptions import RecordForged
from portevoix.rights.rules.destruction import canonical, check, public_text, sign, signing_key

KEY = signing_key("secret" * 10)
RECORD = {"instance": {"name": "Élan"}, "people": {"lapsed": 12}, "ended": "2028-03-01T04:00:00+01:00"}
FILE = sign(RECORD, KEY)


def test_a_record_is_read_back_with_its_key() -> None:
    assert check(FILE) == (RECORD, public_text(KEY))
    assert check(FILE, public_text(KEY).upper() + "\n")[0] == RECORD


def test_no_byte_can_be_changed() -> None:
    for place in range(len(FILE)):
        for bit in (1, 32):
            forged = FILE[:place] + bytes([FILE[place] ^ bit]) + FILE[place + 1 :]
            with pytest.raises(RecordForged):
                check(forged)


@given(st.integers(0, len(FILE)), st.binary(min_size=1, max_size=3))
def test_nothing_can_be_added(place: int, more: bytes) -> None:
    with pytest.raises(RecordForged):
        check(FILE[:place] + more + FILE[place:])


@given(st.binary(max_size=200))
def test_anything_else_is_no_record(file: bytes) -> None:
    with pytest.raises(RecordForged):
        check(file)


@pytest.mark.parametrize("file", [b"[]", b"{}", b"null", b"[" * 100_000, b'{"record": 1, "key": 1, "signature": 1}'])
def test_shapes_that_are_no_record(file: bytes) -> None:
    with pytest.raises(RecordForged):
        check(file)


def test_somebody_elses_key_makes_a_whole_file_that_is_not_the_campaigns() -> None:
    forged = sign({**RECORD, "people": {"lapsed": 1}}, signing_key("other" * 12))
    assert check(forged)[0]["people"] == {"lapsed": 1}
    with pytest.raises(RecordForged):
        check(forged, public_text(KEY))


def test_a_file_written_otherwise_is_refused_even_if_it_says_the_same() -> None:
    with pytest.raises(RecordForged):
        check(json.dumps(json.loads(FILE), indent=1).encode())


def test_the_key_is_the_instances_and_the_same_each_time() -> None:
    assert public_text(KEY) == public_text(signing_key("secret" * 10))
    assert public_text(KEY) != public_text(signing_key("secret" * 10 + "x"))
    assert canonical({"b": 1, "a": "é"}) == '{"a":"é","b":1}'.encode()
