"""Which pages may be cached, and which colours can be read: decided without database or clock."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portevoix.website import rules
from portevoix.website.rules.words import forms_of, telling_words
from portevoix.website.types import Look

GET = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "HTTP_HOST": "ricochet.example", "wsgi.url_scheme": "https"}


def key(**changes: str) -> tuple[str, str, str, str] | None:
    return rules.page_key({**GET, **changes}, "session")


def test_an_anonymous_get_has_a_key() -> None:
    assert key() is not None


@pytest.mark.parametrize(
    "change",
    [
        {"REQUEST_METHOD": "POST"},
        {"REQUEST_METHOD": "HEAD"},
        {"HTTP_COOKIE": "a=b; session=1"},
        {"HTTP_AUTHORIZATION": "Basic x"},
        {"QUERY_STRING": "page=2"},
        {"QUERY_STRING": "utm_source=letter&page=2"},
        {"QUERY_STRING": "saved"},
    ],
)
def test_a_request_that_is_somebodys_own_has_none(change: dict[str, str]) -> None:
    assert key(**change) is None


def test_the_marks_of_a_letter_do_not_make_another_page() -> None:
    assert key(QUERY_STRING="utm_source=letter&utm_campaign=may") == key()


def test_the_thanks_after_a_form_are_one_page_beside_the_form() -> None:
    assert key(QUERY_STRING="sent=1") not in {None, key(), key(PATH_INFO="/?sent=1")}
    assert key(QUERY_STRING="sent=2") is None


@pytest.mark.parametrize("change", [{"HTTP_HOST": "other.example"}, {"PATH_INFO": "/x/"}, {"wsgi.url_scheme": "http"}])
def test_another_address_is_another_page(change: dict[str, str]) -> None:
    assert key(**change) != key()


def may_keep(view: str = "wagtail_serve", status: int = 200, *, cookie: bool = False, **headers: str) -> bool:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return rules.may_keep(view, status, named, sets_cookie=cookie)


def test_a_plain_page_of_the_site_may_be_kept() -> None:
    assert may_keep(Vary="Accept-Encoding")


@pytest.mark.parametrize("status", [301, 302, 403, 404, 500])
def test_what_is_not_a_page_is_not_kept(status: int) -> None:
    assert not may_keep(status=status)


def test_only_pages_of_the_site_are_kept() -> None:
    assert not may_keep("rights:preferences")
    assert not may_keep("")


@pytest.mark.parametrize("control", ["private", "no-store", "max-age=0, no-cache", "Private"])
def test_a_page_that_asks_not_to_be_kept_is_not(control: str) -> None:
    assert not may_keep(Cache_Control=control)


def test_a_page_that_depends_on_its_reader_is_not_kept() -> None:
    assert not may_keep(Vary="Cookie")
    assert not may_keep(Vary="Accept-Encoding, Accept-Language")
    assert not may_keep(cookie=True)


def test_a_nonce_is_never_kept() -> None:
    assert not may_keep(Content_Security_Policy="script-src 'self' 'nonce-abc'")


def test_an_act_of_staff_changes_the_site_but_a_draft_does_not() -> None:
    assert rules.changes_the_site("wagtailadmin_pages:set_privacy", "POST", 200)
    assert not rules.changes_the_site("wagtailadmin_pages:edit", "POST", 302)
    assert not rules.changes_the_site("wagtailadmin_pages:set_privacy", "GET", 200)
    assert not rules.changes_the_site("wagtailimages:edit", "POST", 403)


def test_black_on_white_is_the_greatest_contrast() -> None:
    assert rules.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert rules.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


colours = st.from_regex(r"\A#[0-9a-f]{6}\Z")


@given(colours, colours)
def test_contrast_is_the_same_both_ways(one: str, other: str) -> None:
    assert rules.contrast(one, other) == rules.contrast(other, one) >= 1


@given(colours)
def test_one_of_black_and_white_reads_on_any_colour(field: str) -> None:
    assert rules.contrast(field, rules.ink_on(field, ("#ffffff", "#000000"))) >= rules.READABLE


def test_a_theme_gives_each_field_its_ink() -> None:
    look = Look(brand="#4326e0", deep="#1c0f4a", accent="#ffcb2e", spark="#ff6b4f", calm="#9df0d0")
    sheet = rules.sheet(look)
    assert "--brand: #4326e0; --on-brand: #ffffff;" in sheet
    assert "--accent: #ffcb2e; --on-accent: #1c0f4a;" in sheet
    assert sheet.startswith("@layer tokens {")


@pytest.mark.parametrize(
    ("word", "forms"),
    [
        ("Première", ["premiere", "premier"]),
        ("premier", ["premier", "premiere"]),
        ("OUVRIÈRES", ["ouvrieres", "ouvriers"]),
        ("retraité", ["retraite", "retraitee"]),
        ("retraités", ["retraites", "retraitees"]),
        ("retraitées", ["retraitees", "retraites"]),
        ("retraite", ["retraite"]),
        ("Cœur", ["coeur"]),
        ("e\u0301cole", ["ecole"]),
        ("(((", ["((("]),
    ],
)
def test_a_word_is_looked_for_in_both_genders(word: str, forms: list[str]) -> None:
    assert forms_of(word) == forms


def test_what_tells_nothing_is_not_looked_for() -> None:
    assert telling_words("à l’école d'Arc-et-Senans, à 3 km a") == ["école", "Arc", "et", "Senans,", "3", "km"]
