from __future__ import annotations

import pytest

from portevoix.audience import rules
from portevoix.audience.rules import is_counted, origin_of

PAGE = {"method": "GET", "status": 200, "content_type": "text/html; charset=utf-8", "agent": "Firefox/140"}


def test_a_page_read_by_a_person_is_counted() -> None:
    assert is_counted(**PAGE, opted_out=False)


@pytest.mark.parametrize(
    "difference",
    [
        {"method": "POST"},
        {"status": 404},
        {"content_type": "application/json"},
        {"agent": "Examplebot/2.1"},
        {"agent": "curl/8"},
        {"agent": ""},
    ],
)
def test_what_no_person_read_is_not_counted(difference: dict[str, object]) -> None:
    assert not is_counted(**{**PAGE, **difference}, opted_out=False)  # type: ignore[arg-type]


def test_a_page_that_the_browser_has_already_is_read_again() -> None:
    assert is_counted(**{**PAGE, "status": 304, "content_type": ""}, opted_out=False)  # type: ignore[arg-type]


def test_who_opted_out_is_not_counted() -> None:
    assert not is_counted(**PAGE, opted_out=True)


@pytest.mark.parametrize(
    ("referrer", "origin"),
    [
        ("", ""),
        ("https://campaign.example/page/", None),
        ("https://www.qwant.com/?q=secret+question", "search"),
        ("https://mastodon.example/@anne/1", "social"),
        ("https://x.com/anne", "social"),
        ("https://www.netflix.com/", "www.netflix.com"),
        ("https://www.lepoint.com/", "www.lepoint.com"),
        ("http://[", ""),
        ("https://presse.example/article?id=12", "presse.example"),
        ("javascript:alert(1)", ""),
    ],
)
def test_only_the_host_a_visit_came_from_is_kept(referrer: str, origin: str | None) -> None:
    assert origin_of(referrer, "campaign.example") == origin


@pytest.mark.parametrize(
    ("query", "link"),
    [
        ("", rules.NO_LINK),
        ("sent=1", rules.NO_LINK),
        ("utm_source=Tract&utm_medium=qr", rules.Link("tract", medium="qr")),
        ("utm_medium=QR&utm_campaign=Mai%202027", rules.Link(medium="qr", campaign="mai 2027")),
        ("utm_campaign=anne%40mail.example", rules.NO_LINK),
        ("utm_source=march%C3%A9&par=abc234defg", rules.Link("marché", True)),
        ("par=abc234defg", rules.Link("", True)),
        ("par=Anne%20Roc", rules.NO_LINK),
        ("utm_source=anne%40mail.example", rules.NO_LINK),
        ("utm_source=06%2039%2098%2012%2034", rules.NO_LINK),
        ("utm_source=a&utm_source=b", rules.Link("a")),
        ("utm_source=" + "x" * 5000, rules.NO_LINK),
    ],
)
def test_a_link_says_where_it_stood_and_never_whose_it_was(query: str, link: rules.Link) -> None:
    assert rules.link_of(query) == link
