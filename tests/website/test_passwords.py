"""Passwords of pages and files cannot be guessed without end, and nobody who knows them is kept waiting."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.urls import reverse
from wagtail.models import CollectionViewRestriction, PageViewRestriction

from portevoix.accounts.models import Attempts
from portevoix.accounts.rules import FIRST_PAUSE, FREE_FAILURES, GUESSES_FORGOTTEN_AFTER
from portevoix.kernel import clock
from portevoix.website.models import HomePage
from tests.website.test_cookies import closed_file, closed_page

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
MOST_WRONG = FREE_FAILURES["guesser"]


@pytest.fixture(params=["page", "file"])
def door(request: pytest.FixtureRequest, home: HomePage) -> str:
    """Where the password of a page, or of a file, is given."""
    if request.param == "page":
        page = closed_page()
        number = PageViewRestriction.objects.get().pk
        return reverse("wagtailcore_authenticate_with_password", args=[number, page.pk])
    closed_file()
    return reverse("wagtaildocs_authenticate_with_password", args=[CollectionViewRestriction.objects.get().pk])


def tried(door: str, password: str = "guess", address: str = "192.0.2.7") -> Any:
    said = {"password": password, "return_url": "/reserve/"}
    return Client(REMOTE_ADDR=address).post(door, said)


def guessed(door: str, times: int = MOST_WRONG) -> None:
    for _time in range(times):
        assert tried(door).status_code == 200


def test_a_wrong_password_may_be_given_a_few_times_and_then_one_waits(door: str) -> None:
    with clock.stopped_at(clock.now()):
        guessed(door)
        refused = tried(door)
        assert refused.status_code == 429
        assert refused.headers["Retry-After"] == "30"
        page = BeautifulSoup(refused.content, "html.parser")
        field = page.select_one("[type=password]")
        assert field is not None
        assert "demi-minute" in page.select_one(f"#{field['aria-describedby']}").get_text()  # type: ignore[union-attr]
        assert page.select_one("[name=return_url]")["value"] == "/reserve/"  # type: ignore[index]


def test_whoever_guesses_on_is_told_nothing_not_even_that_it_is_right(door: str) -> None:
    with clock.stopped_at(clock.now()):
        guessed(door)
        assert tried(door, "sesame").content == tried(door, "guess").content
        assert not tried(door, "sesame").cookies


def test_after_half_a_minute_one_may_try_once_more(door: str) -> None:
    now = clock.now()
    with clock.stopped_at(now):
        guessed(door)
    with clock.stopped_at(now + FIRST_PAUSE):
        assert tried(door).status_code == 200
        assert tried(door).status_code == 429
    with clock.stopped_at(now + 2 * FIRST_PAUSE):
        assert tried(door, "sesame").status_code == 302
    with clock.stopped_at(now + 2 * FIRST_PAUSE + GUESSES_FORGOTTEN_AFTER + SECOND):
        guessed(door, 2)


def test_others_and_those_who_know_it_do_not_wait(door: str) -> None:
    with clock.stopped_at(clock.now()):
        for _guest in range(3 * MOST_WRONG):
            assert tried(door, "sesame").status_code == 302
        guessed(door)
        assert tried(door, address="192.0.2.8").status_code == 200


def test_processes_count_together_and_what_they_share_names_nobody(door: str) -> None:
    with clock.stopped_at(clock.now()):
        guessed(door, 3)
        counted = Attempts.objects.get()
        assert counted.failures == 3
        assert "192.0.2.7" not in counted.key
        Attempts.objects.update(failures=MOST_WRONG, closed_until=clock.now() + FIRST_PAUSE)  # as another process does
        assert tried(door, "sesame").status_code == 429


def test_another_address_of_the_same_network_is_no_other_guesser(door: str) -> None:
    with clock.stopped_at(clock.now()):
        for number in range(MOST_WRONG):
            assert tried(door, address=f"2001:db8::{number:x}").status_code == 200
        assert tried(door, address="2001:db8::ffff").status_code == 429


@pytest.mark.django_db(transaction=True)
def test_guesses_at_the_same_instant_are_each_counted(door: str) -> None:
    def guess() -> int:
        try:
            return int(tried(door).status_code)
        finally:
            connection.close()

    with clock.stopped_at(clock.now()), ThreadPoolExecutor(8) as hands:
        tries = [hands.submit(copy_context().run, guess) for _number in range(2 * MOST_WRONG)]
        answers = [one.result() for one in tries]
    assert answers.count(200) == MOST_WRONG
