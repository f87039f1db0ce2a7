"""Conditions in rich text: where they may stand, and what is left of the lines around them."""

from __future__ import annotations

import itertools

import pytest

from portevoix.delivery.rules import merge
from portevoix.mailings import rules
from portevoix.mailings.exceptions import CrossedCondition
from portevoix.mailings.rules import marks

BASE = "https://ondes.example"
IF, ELSE, END = "{{ if commune }}", "{{ else }}", "{{ end }}"


@pytest.mark.parametrize(
    "source",
    [
        f"<p>a {IF}b{END}</p>",
        f"<p>{IF}<b>b</b>{END}</p>",
        f"<p>{IF}</p><p>b</p><ul><li>c</li></ul><p>{END}</p>",
        f"<p>{IF}</p><p>b</p><p>{ELSE}</p><p>c</p><p>{END}</p>",
        f"<ul><li>{IF}b{END}</li></ul>",
        f'<p><a href="https://a.example/">{IF}b{ELSE}c{END}</a></p>',
    ],
)
def test_a_condition_within_one_part_of_the_text_is_fine(source: str) -> None:
    marks.check(marks.lifted(rules.read(source)))


@pytest.mark.parametrize(
    "source",
    [
        f"<p>{IF}b</p><p>c{END}</p>",
        f"<p>a</p><p>{IF}</p><p>b</p>",
        f"<p>{IF}<b>b{END}</b></p>",
        f"<ul><li>{IF}b</li><li>c{END}</li></ul>",
        f"<ul><li>{IF}</li><li>c</li><li>{END}</li></ul>",
        f"<p>{IF}</p><p>b{END}</p>",
        f"<p>{ELSE}</p>",
        f"<p>{END}</p>",
        f"<p>{IF}a</p><p>{ELSE}</p><p>b{END}</p>",
    ],
)
def test_a_condition_that_would_tear_the_page_is_refused(source: str) -> None:
    with pytest.raises(CrossedCondition):
        marks.check(marks.lifted(rules.read(source)))


def test_marks_alone_in_their_paragraphs_leave_no_empty_paragraph() -> None:
    tree = marks.lifted(rules.read(f"<p>a</p><p> {IF} </p><p>b</p><p>{END}</p>"))
    assert rules.as_html(tree, base=BASE) == f"<p>a</p>{IF}<p>b</p>{END}"


def readings(paragraphs: list[str]) -> tuple[str, str]:
    pieces = merge.cut(marks.spaced(paragraphs), known={"commune"})
    return tuple(merge.filled(pieces, {"commune": commune}) for commune in ("Rennes", ""))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("paragraphs", "known", "unknown"),
    [
        (["a", "b"], "a\n\nb", "a\n\nb"),
        (["a", IF, "b", END, "c"], "a\n\nb\n\nc", "a\n\nc"),
        ([IF, "b", END, "c"], "b\n\nc", "c"),
        (["a", IF, "b", END], "a\n\nb", "a"),
        (["a", IF, "b", ELSE, "c", END, "d"], "a\n\nb\n\nd", "a\n\nc\n\nd"),
        ([IF, "a", ELSE, "b", END, "c"], "a\n\nc", "b\n\nc"),
        (["a", IF, "b", IF, "c", END, "d", END, "e"], "a\n\nb\n\nc\n\nd\n\ne", "a\n\ne"),
        (["a", "", "b"], "a\n\nb", "a\n\nb"),
        ([], "", ""),
    ],
)
def test_what_is_left_out_takes_its_blank_line_with_it(paragraphs: list[str], known: str, unknown: str) -> None:
    assert readings(paragraphs) == (known, unknown)


def test_no_reader_ever_meets_two_blank_lines() -> None:
    seen = 0
    blocks = (["a"], [IF, "b", END], [IF, "c", ELSE, "d", END])
    for chosen in itertools.product(blocks, repeat=3):
        for text in readings(["first", *(one for block in chosen for one in block), "last"]):
            seen += 1
            assert "\n\n\n" not in text
            assert text == text.strip()
    assert seen == 54


def test_marks_of_rich_text_come_apart_as_paragraphs_of_their_own() -> None:
    tree = marks.lifted(rules.read(f"<p>a</p><p>{IF}</p><p>b</p><p>{END}</p><p>{IF}</p><p>c</p><p>{END}</p>"))
    assert rules.as_paragraphs(tree, base=BASE) == ["a", IF, "b", END, IF, "c", END]


@pytest.mark.parametrize(
    ("test", "values", "mark"),
    [
        ("known", "", "{{ if commune }}"),
        ("unknown", "", "{{ if not commune }}"),
        ("is", " Rennes, Brest", "{{ if commune = Rennes, Brest }}"),
        ("is_not", "Rennes", "{{ if commune != Rennes }}"),
        ("known", "Rennes", "{{ if commune }}"),
    ],
)
def test_what_an_author_chooses_is_written_as_a_condition(test: str, values: str, mark: str) -> None:
    assert rules.condition("commune", test, values) == mark
    assert merge.kind_of(mark) == "if"


def test_bold_paragraphs_are_found() -> None:
    tree = rules.read("<p><b>Un titre</b></p><p>Un <b>mot</b></p><p><b>a</b> <i>b</i></p><p><b>Signé</b></p>")
    assert rules.bold_paragraphs(tree) == ["Un titre"]


def test_a_page_may_be_shown_by_day_and_in_the_dark() -> None:
    page = "<meta content='light dark'>@media (prefers-color-scheme: dark) {}"
    assert "@media all" in rules.only_night(page)
    assert "@media not all" in rules.without_night(page)
