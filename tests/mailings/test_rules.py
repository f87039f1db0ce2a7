"""Rich text in, the same words out twice; links that lead where they may; how much an audience may grow."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portevoix.mailings import rules
from portevoix.mailings.exceptions import DeadLink, HostileLink

BASE = "https://ondes.example"

TEXTS = [
    ("<p>Bonjour.</p><p>Au revoir.</p>", "Bonjour.\n\nAu revoir."),
    ("<p>Une<br/>deux</p>", "Une\ndeux"),
    ("<p>C’est <b>important</b> et <i>doux</i>.</p>", "C’est important et doux."),
    ("<ul><li>un</li><li>deux</li></ul>", "– un\n– deux"),
    ("<ol><li>un</li><li>deux</li></ol>", "1. un\n2. deux"),
    ("<ul><li>un<ul><li>un bis</li></ul></li><li>deux</li></ul>", "– un\n  – un bis\n– deux"),
    ("<p>Avant</p><ul><li>un</li></ul><p>Après</p>", "Avant\n\n– un\n\nAprès"),
    ('<p>Lisez <a href="https://a.example/b">le plan</a>.</p>', "Lisez le plan (https://a.example/b)."),
    ('<p><a href="https://a.example/">https://a.example/</a></p>', "https://a.example/"),
    ('<p>Écrivez à <a href="mailto:a@b.example">a@b.example</a></p>', "Écrivez à a@b.example"),
    ('<p>Appelez <a href="tel:+33199001234">la permanence</a></p>', "Appelez la permanence (+33199001234)"),
    ('<p><a href="/programme/">Le programme</a></p>', "Le programme (https://ondes.example/programme/)"),
    ("<p>5 &lt; 6 &amp; 7</p>", "5 < 6 & 7"),
    ("<p>Bonjour {{ first_name|à vous }}</p>", "Bonjour {{ first_name|à vous }}"),
    ("<h1>Titre</h1><table><tr><td>Case</td></tr></table>", "TitreCase"),
    ("du texte nu", "du texte nu"),
    ("<p>vu</p><script>alert(1)</script><style>p{}</style>", "vu"),
    ("", ""),
]


@pytest.mark.parametrize(("source", "text"), TEXTS)
def test_rich_text_reads_well_as_plain_text(source: str, text: str) -> None:
    assert rules.as_text(rules.read(source), base=BASE) == text


@pytest.mark.parametrize(
    ("source", "page"),
    [
        ("<p>Un <b>mot</b></p>", "<p>Un <strong>mot</strong></p>"),
        ('<p onclick="x()" style="color:red">Un</p>', "<p>Un</p>"),
        ("<p>5 &lt; 6</p>", "<p>5 &lt; 6</p>"),
        ("<p>&lt;script&gt;x&lt;/script&gt;</p>", "<p>&lt;script&gt;x&lt;/script&gt;</p>"),
        ('<p>a<img src="https://espion.example/p.gif">b</p>', "<p>ab</p>"),
        ('<p><a href="/x/" onmouseover="y()">là</a></p>', '<p><a href="https://ondes.example/x/">là</a></p>'),
        (
            '<p><a href="https://a.example/?a=1&amp;b=2">x</a></p>',
            '<p><a href="https://a.example/?a=1&amp;b=2">x</a></p>',
        ),
        ("<p>Jamais <b>fermé", "<p>Jamais <strong>fermé</strong></p>"),
        ("</p></ul>perdu", "perdu"),
    ],
)
def test_only_allowed_tags_are_written(source: str, page: str) -> None:
    assert rules.as_html(rules.read(source), base=BASE) == page


@given(st.text(alphabet="<>/=\"'& abipulol{}|:;!-é\n", max_size=200))
def test_whatever_is_read_only_allowed_tags_come_out_and_the_words_are_the_same(source: str) -> None:
    tree = rules.read(source.replace("<a", "<p"))
    page = rules.as_html(tree, base=BASE)
    assert set(re.findall(r"</?([a-z0-9]*)", page)) <= {"p", "ul", "ol", "li", "strong", "em", "br"}
    assert rules.words_of(rules.read(page)) == rules.words_of(tree)


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        " java\tscript:alert(1)",
        "data:text/html,<b>x</b>",
        "vbscript:x",
        "file:///etc/passwd",
        "//espion.example/x",
        "programme",
        "#ancre",
        "",
        "https://a.example/a b",
        'https://a.example/"><script>',
        "https://a.example\\@espion.example/",
        "https://a.example/\nSubject: x",
    ],
)
def test_a_hostile_link_is_refused(address: str) -> None:
    with pytest.raises(HostileLink):
        rules.safe_address(address, base=BASE)


@pytest.mark.parametrize(
    ("address", "whole"),
    [
        ("https://a.example/", "https://a.example/"),
        ("HTTPS://a.example/", "HTTPS://a.example/"),
        ("/programme/", "https://ondes.example/programme/"),
        ("mailto:a@b.example", "mailto:a@b.example"),
        ("tel:+33199001234", "tel:+33199001234"),
        (" https://a.example/x ", "https://a.example/x"),
        ("https://a.example/Noémie_(candidate)", "https://a.example/Noémie_%28candidate%29"),
        ("https://a.example/l'eau", "https://a.example/l%27eau"),
    ],
)
def test_an_honest_link_is_made_whole(address: str, whole: str) -> None:
    assert rules.safe_address(address, base=BASE) == whole


def test_a_link_without_address_names_its_words() -> None:
    with pytest.raises(DeadLink) as caught:
        rules.as_text(rules.read("<p><a>Le <b>programme</b></a></p>"), base=BASE)
    assert caught.value.words == "Le programme"


@pytest.mark.parametrize(
    ("confirmed", "present", "too_much"),
    [(100, 100, False), (100, 90, False), (100, 110, False), (100, 111, True), (10_000, 10_500, False), (0, 11, True)],
)
def test_an_audience_may_grow_a_little_between_the_look_and_the_click(
    confirmed: int, present: int, too_much: bool
) -> None:
    assert rules.has_grown(confirmed, present) is too_much


@pytest.mark.parametrize(("part", "whole", "percent"), [(1, 4, 25.0), (0, 0, 0.0), (3, 3, 100.0)])
def test_a_share_of_nothing_is_nothing(part: int, whole: int, percent: float) -> None:
    assert rules.share(part, whole) == percent
