"""Visits through the whole stack: pages of the site are counted, whatever carries a token is not."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db.models import Sum
from django.test import Client

from portevoix.audience import counter
from portevoix.audience.models import DailyCount
from portevoix.rights import links
from tests.actions.factories import sign_up_page
from tests.people.factories import PersonFactory

pytestmark = pytest.mark.django_db
READER = {"user-agent": "Mozilla/5.0 Firefox/140"}


@pytest.fixture(autouse=True)
def _counting(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.COUNT_VISITS = True
    monkeypatch.setattr(counter, "_writer", threading.current_thread())  # written by the test itself
    counter.flush()
    DailyCount.objects.all().delete()


def counts() -> dict[str, tuple[int, int]]:
    """Return views and visits by page."""
    counter.flush()
    rows = DailyCount.objects.values_list("path").annotate(Sum("views"), Sum("visits"))
    return {path: (views, visits) for path, views, visits in rows}


def test_a_page_is_counted_from_the_cache_too_and_a_visit_begins_once() -> None:
    page = sign_up_page()
    client = Client(headers=READER)
    for referrer in ("https://www.qwant.com/", "http://testserver/", "http://testserver/"):
        response = client.get(page.url, headers={"referer": referrer})
        assert response.status_code == 200
        assert not response.cookies
    assert counts() == {page.url: (3, 1)}


def test_an_address_that_carries_a_token_is_never_written_down() -> None:
    token = links.preferences_token(PersonFactory().ref)
    assert Client(headers=READER).get(f"/preferences/{token}/").status_code == 200
    assert counts() == {}


def test_who_opted_out_is_not_counted() -> None:
    Client(headers={**READER, "sec-gpc": "1"}).get(sign_up_page().url)
    assert counts() == {}


def test_a_missing_page_is_not_counted() -> None:
    Client(headers=READER).get("/nulle-part/")
    assert counts() == {}


def test_the_word_of_a_link_is_counted_from_the_cache_too_and_the_code_of_none() -> None:
    page = sign_up_page()
    for query in ("?utm_source=tract", "?utm_source=tract&par=abc234defg", "?par=abc234defg", ""):
        Client(headers=READER).get(page.url + query)
    counter.flush()
    rows = DailyCount.objects.values_list("path", "source", "is_by_personal_link", "visits")
    assert set(rows) == {
        (page.url, "tract", False, 1),
        (page.url, "tract", True, 1),
        (page.url, "", True, 1),
        (page.url, "", False, 1),
    }
