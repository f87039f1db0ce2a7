"""Tokens, counted links, waiting times."""

from __future__ import annotations

import base64
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portevoix.delivery.rules import clicks, retries, tokens
from tests.delivery.factories import letter

KEY, OLD_KEY = tokens.key_from("secret"), tokens.key_from("old secret")


@given(st.integers(1, 2**63 - 1))
def test_a_token_names_its_message(message_id: int) -> None:
    token = tokens.token_of(message_id, KEY)
    assert tokens.message_in(token, [KEY]) == message_id
    assert len(token) <= 40


def test_a_token_signed_with_a_former_key_still_works() -> None:
    assert tokens.message_in(tokens.token_of(7, OLD_KEY), [KEY, OLD_KEY]) == 7


@pytest.mark.parametrize(
    "change",
    [
        lambda token: token[:-1],
        lambda token: token + "a",
        lambda token: "8" + token[1:],
        lambda token: "07" + token[1:],
        lambda token: token.replace(".", ":"),
        lambda token: token + "\n",
        lambda token: "٧" + token[1:],
        lambda token: "",
        lambda token: "7." + "é" * 20,
        lambda token: "9" * 400,
        lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
    ],
)
def test_a_tampered_token_names_nothing(change) -> None:  # type: ignore[no-untyped-def]
    assert tokens.message_in(change(tokens.token_of(7, KEY)), [KEY]) is None


def test_a_token_of_another_key_names_nothing() -> None:
    assert tokens.message_in(tokens.token_of(7, OLD_KEY), [KEY]) is None


def test_links_are_numbered_once_for_text_and_html() -> None:
    written = letter(
        text="Venez : https://a.example/rdv. Ou https://b.example/x?y=1&z=2\n{{ unsubscribe_url }}",
        html="""<a class="b" href="https://b.example/x?y=1&amp;z=2">b</a> <A HREF='https://a.example/rdv'>a</A>""",
    )
    counted, targets = clicks.numbered(written, lambda number: f"https://c.example/l/abc/{number}")
    assert targets == ["https://b.example/x?y=1&z=2", "https://a.example/rdv"]
    assert 'href="https://c.example/l/abc/1"' in counted.html
    assert "HREF='https://c.example/l/abc/2'" in counted.html
    assert counted.text.startswith("Venez : https://c.example/l/abc/2. Ou https://c.example/l/abc/1\n")


@pytest.mark.parametrize(
    "page",
    [
        '<a href="{{ unsubscribe_url }}">x</a>',
        '<a href="https://a.example/{{ first_name }}">x</a>',
        '<a href="mailto:a@a.example">x</a>',
        '<a href="javascript:alert(1)">x</a>',
        '<a href="#haut">x</a>',
        '<img src="https://a.example/a.png">',
        f'<a href="https://a.example/{"a" * 2000}">x</a>',
    ],
)
def test_a_link_that_is_the_readers_own_or_no_page_stays(page: str) -> None:
    counted, targets = clicks.numbered(letter(html=page), lambda number: "no")
    assert counted.html == page
    assert targets == []


def test_a_refused_message_is_tried_six_times_ever_more_slowly() -> None:
    waits = [retries.delay_after(attempts) for attempts in range(1, 7)]
    assert waits[-1] is None
    delays = [wait for wait in waits if wait is not None]
    assert len(delays) == 5
    assert delays == sorted(delays)


def test_links_are_signed_as_hmac_says() -> None:
    key, number = tokens.key_from("secret"), 4_512
    expected = hmac.digest(key, b"4512", "sha256")[: tokens.SIGNATURE_BYTES]
    assert tokens.token_of(number, key) == f"4512.{base64.urlsafe_b64encode(expected).decode()}"
    assert tokens.token_of(number, key) == tokens.token_of(number, key)
