"""Conditions of a letter: what each reader gets, and what is refused before anybody gets anything."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portevoix.delivery.exceptions import (
    LetterError,
    MalformedMergeField,
    StrayMark,
    TooManyConditions,
    UnclosedCondition,
    UnknownMergeField,
)
from portevoix.delivery.rules import merge
from portevoix.delivery.rules.mime import CompiledLetter, Particulars
from portevoix.delivery.types import Letter

KNOWN = ("first_name", "commune")
ZOE = {"first_name": "Zoé", "commune": "Rennes"}
NOBODY = {"first_name": "", "commune": ""}


def written(source: str, values: dict[str, str]) -> str:
    return merge.filled(merge.cut(source, known=KNOWN), values)


@pytest.mark.parametrize(
    ("source", "for_zoe", "for_nobody"),
    [
        ("a{{ if commune }}b{{ end }}c", "abc", "ac"),
        ("a{{ if not commune }}b{{ end }}c", "ac", "abc"),
        ("{{ if commune }}oui{{ else }}non{{ end }}", "oui", "non"),
        ("{{ si commune }}oui{{ sinon }}non{{ fin }}", "oui", "non"),
        ("{{ si pas commune }}oui{{ fin }}", "", "oui"),
        ("{{ if commune = Rennes }}b{{ end }}", "b", ""),
        ("{{ if commune = Brest, rennes }}b{{ end }}", "b", ""),
        ("{{ if commune = RÉNNES }}b{{ end }}", "b", ""),
        ("{{ if commune = Brest }}b{{ end }}", "", ""),
        ("{{ if commune != Brest }}b{{ end }}", "b", "b"),
        ("{{ if commune ≠ Rennes }}b{{ end }}", "", "b"),
        ("{{ if not commune = Rennes }}b{{ end }}", "", "b"),
        ("{{if commune}}près de {{ commune }}{{end}}", "près de Rennes", ""),
        ("{{ if commune }}{{ if first_name }}{{ first_name }} de {{ end }}{{ commune }}{{ end }}", "Zoé de Rennes", ""),
        ("{{\N{NO-BREAK SPACE}if\N{NO-BREAK SPACE}commune }}b{{ end }}", "b", ""),
        ("{{ first_name|à vous }}", "Zoé", "à vous"),
    ],
)
def test_each_reader_gets_what_is_true_of_them(source: str, for_zoe: str, for_nobody: str) -> None:
    assert written(source, ZOE) == for_zoe
    assert written(source, NOBODY) == for_nobody


def test_a_value_of_blanks_is_none() -> None:
    assert written("{{ if commune }}b{{ end }}", {**ZOE, "commune": "  "}) == ""


@pytest.mark.parametrize(
    ("value", "asked"), [("L’Haÿ-les-Roses", "l'hay les roses"), ("Saint-Étienne", "saint etienne")]
)
def test_spelling_is_no_condition(value: str, asked: str) -> None:
    source = f"{{{{ if commune = {asked} }}}}b{{{{ end }}}}"
    assert written(source, {**ZOE, "commune": value}) == "b"


def test_a_value_named_by_html_is_the_same_value() -> None:
    assert written("{{ if commune = L&#x27;Haÿ }}b{{ end }}", {**ZOE, "commune": "L’Haÿ"}) == "b"


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("{{ if commune }}b", UnclosedCondition),
        ("{{ if commune }}{{ if first_name }}b{{ end }}", UnclosedCondition),
        ("b{{ end }}", StrayMark),
        ("b{{ else }}c", StrayMark),
        ("{{ if commune }}a{{ else }}b{{ else }}c{{ end }}", StrayMark),
        ("{{ if ville }}b{{ end }}", UnknownMergeField),
        ("{{ if }}b{{ end }}", MalformedMergeField),
        ("{{ if commune = }}b{{ end }}", LetterError),
        ("{{ if commune = Rennes, }}b{{ end }}", MalformedMergeField),
        ("{{ if commune and first_name }}b{{ end }}", MalformedMergeField),
        ("{{ if commune }}" * 6 + "b" + "{{ end }}" * 6, TooManyConditions),
        ("{{ if commune }}b{{ end }}" * 201, TooManyConditions),
    ],
)
def test_a_condition_that_is_not_whole_is_refused(source: str, error: type[LetterError]) -> None:
    with pytest.raises(error):
        merge.cut(source, known=KNOWN)


def test_the_condition_that_was_never_closed_is_named() -> None:
    with pytest.raises(UnclosedCondition) as caught:
        merge.cut("a {{ if commune = Rennes }} b", known=KNOWN)
    assert caught.value.mark == "{{ if commune = Rennes }}"


def test_fields_of_conditions_are_asked_for_too() -> None:
    pieces = merge.cut("{{ if commune }}{{ first_name }}{{ end }}", known=KNOWN)
    assert merge.names_in(pieces) == {"commune", "first_name"}
    assert merge.names_always_in(pieces) == set()


@pytest.mark.parametrize(
    ("source", "bare"),
    [
        ("{{ commune }}", {"commune"}),
        ("{{ commune|ici }}", set()),
        ("{{ if commune }}{{ commune }}{{ end }}", set()),
        ("{{ if not commune }}{{ commune }}{{ end }}", {"commune"}),
        ("{{ if not commune }}x{{ else }}{{ commune }}{{ end }}", set()),
        ("{{ if first_name }}{{ commune }}{{ end }}", {"commune"}),
        ("{{ if commune = Rennes }}{{ commune }}{{ end }}", set()),
    ],
)
def test_a_field_that_leaves_a_gap_is_found(source: str, bare: set[str]) -> None:
    assert merge.bare_slots(merge.cut(source, known=KNOWN)) == bare


def message(values: dict[str, str], **parts: Any) -> Any:
    usual = {"subject": "S", "text": "T", "sender_name": "C", "sender_address": "c@exemple.fr"}
    letter = CompiledLetter(Letter(**(usual | parts)), known=KNOWN)
    to = Particulars(recipient="a@exemple.fr", message_id="a@b", date="d")
    return message_from_bytes(letter.render(values, to), policy=default)


def body(seen: Any, subtype: str) -> str:
    content: bytes = seen.get_body((subtype,)).get_payload(decode=True)
    return content.decode().replace("\r\n", "\n")


WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="{}\r"), max_size=40)
SOURCES = st.recursive(
    st.one_of(WORDS, st.sampled_from(["{{ commune }}", "{{ first_name|vous }}", "\n", ".\n", " \n", "é=" * 40])),
    lambda inner: (
        st.tuples(
            st.sampled_from(["{{ if commune }}", "{{ if not commune }}", "{{ if commune = Rennes }}"]), inner, inner
        ).map(lambda parts: f"{parts[0]}{parts[1]}{{{{ else }}}}{parts[2]}{{{{ end }}}}")
        | st.tuples(inner, inner).map("".join)
    ),
    max_leaves=12,
)


# The first draw builds Hypothesis’s table of characters: seconds on a loaded machine.
@settings(suppress_health_check=[HealthCheck.too_slow])
@given(source=SOURCES, values=st.sampled_from([ZOE, NOBODY, {**ZOE, "commune": "Brest"}]))
def test_a_compiled_letter_says_exactly_what_its_source_says(source: str, values: dict[str, str]) -> None:
    try:
        expected = written(source, values)
    except TooManyConditions:
        return
    seen = message(values, text=f"T{source}", html=f"<p>{source}")
    assert body(seen, "plain") == f"T{expected}"
    assert body(seen, "html") == f"<p>{expected}"


def test_a_subject_depends_on_its_reader_too() -> None:
    source = "{{ if commune = Rennes }}Rennais{{ else }}Amis{{ end }}"
    assert message(ZOE, subject=source)["Subject"] == "Rennais"
    assert message(NOBODY, subject=source)["Subject"] == "Amis"


def test_a_way_out_for_some_readers_only_is_none() -> None:
    pieces = merge.cut("{{ if commune }}{{ first_name }}{{ end }} {{ commune }}", known=KNOWN)
    assert merge.names_always_in(pieces) == {"commune"}
