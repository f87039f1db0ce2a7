"""What keeps robots out: time, rate and work, with nothing asked of a third party and nothing lost."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from portevoix.actions.counter import FREE, PAUSE, WINDOW, Senders
from portevoix.actions.models import Participation
from portevoix.actions.rules import is_work
from portevoix.kernel import clock
from tests.actions.factories import fill, key, petition, survey

pytestmark = pytest.mark.django_db


def sent_by_many(client: Client, page: object, number: int) -> None:
    for one in range(number):
        assert fill(client, page, email=f"n{one}@mail.example", first_name="A", last_name="B").status_code == 302  # type: ignore[arg-type]


def worked(challenge: str) -> str:
    return next(str(answer) for answer in range(10_000_000) if is_work(challenge, str(answer)))


def hidden_of(response: object) -> dict[str, str]:
    page = BeautifulSoup(response.content, "html.parser")  # type: ignore[attr-defined]
    return {str(field["name"]): str(field.get("value", "")) for field in page.select("form input[type=hidden]")}


def test_twenty_forms_from_one_connection_are_taken_and_the_next_must_be_earned() -> None:
    page, client = petition(), Client()
    sent_by_many(client, page, FREE)
    refused = fill(client, page, email="une.de.plus@mail.example", first_name="Zoé", last_name="B")
    assert refused.status_code == 429
    assert "robot" in refused.content.decode()
    assert 'value="Zoé"' in refused.content.decode(), "what was written is lost"
    assert Participation.objects.count() == FREE


def test_a_browser_that_works_gets_through_once_for_each_piece_of_work() -> None:
    page, client = petition(), Client()
    sent_by_many(client, page, FREE)
    refused = fill(client, page, first_name="A", last_name="B")
    hidden = hidden_of(refused)
    answers = {"email": "z@mail.example", "first_name": "A", "last_name": "B", "agreement": "on"}
    earned = {**hidden, **answers, "work": worked(hidden["moment"])}
    assert client.post(page.url, earned).status_code == 302
    assert client.post(page.url, earned).status_code == 429, "one piece of work served twice"


def test_without_script_patience_is_enough() -> None:
    page, client = petition(), Client()
    sent_by_many(client, page, FREE)
    assert fill(client, page, first_name="A", last_name="B").status_code == 429
    with clock.stopped_at(clock.now() + PAUSE):
        assert fill(client, page, first_name="A", last_name="B").status_code == 302


def test_what_was_ticked_several_times_is_still_there_when_the_form_comes_back() -> None:
    client = Client()
    sent_by_many(client, petition(), FREE)
    page = survey({"label": "Quoi ?", "kind": "choices", "choices": "le bus\nle vélo\nle train"})
    refused = fill(client, page, **{key(1): ["le bus", "le train"]})
    ticked = BeautifulSoup(refused.content, "html.parser").select("input[type=checkbox][checked]")
    assert [box["value"] for box in ticked if box["name"] == key(1)] == ["le bus", "le train"]


def test_another_connection_is_not_made_to_wait() -> None:
    page = petition()
    sent_by_many(Client(REMOTE_ADDR="192.0.2.1"), page, FREE)
    assert fill(Client(REMOTE_ADDR="192.0.2.2"), page, first_name="A", last_name="B").status_code == 302


def test_a_form_sent_in_a_blink_comes_back_and_leaves_at_the_second_click(settings: Any) -> None:
    settings.FORM_SOONEST = 2
    page, client = petition(), Client()
    shown_at = time.time()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.core.signing.time.time", lambda: shown_at)
        refused = fill(client, page, first_name="Zoé", last_name="B")
    assert refused.status_code == 422
    assert "très rapide" in refused.content.decode()
    answers = {"email": "z@mail.example", "first_name": "Zoé", "last_name": "B", "agreement": "on"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.core.signing.time.time", lambda real=time.time: real() + 5)
        assert client.post(page.url, {**hidden_of(refused), **answers}).status_code == 302


def test_work_is_hard_to_invent_and_easy_to_check() -> None:
    assert is_work("challenge", worked("challenge"))
    assert sum(is_work("challenge", str(guess)) for guess in range(2000)) < 5
    assert not is_work("", "")
    assert not is_work("challenge", "1" * 21)


def test_addresses_are_forgotten_after_the_window_and_never_kept_as_they_are() -> None:
    senders = Senders()
    for _one in range(FREE):
        senders.note("192.0.2.7")
    assert senders.is_busy("192.0.2.7")
    assert not re.search(rb"192\.0\.2\.7", repr(vars(senders)).encode())
    with clock.stopped_at(clock.now() + WINDOW):
        assert not senders.is_busy("192.0.2.7")


def test_a_home_line_is_one_connection_however_many_addresses_it_has() -> None:
    senders = Senders()
    for one in range(FREE):
        senders.note(f"2001:db8:0:7::{one:x}")
    assert senders.is_busy("2001:db8:0:7:ffff::1")
    assert not senders.has_waited("2001:db8:0:7:ffff::1")
    assert not senders.is_busy("2001:db8:0:8::1")


def test_a_storm_from_everywhere_does_not_fill_the_memory() -> None:
    senders = Senders(most=100)
    for one in range(1000):
        senders.note(f"2001:db8:{one:x}::1")
        senders.spend(f"work {one}")
    assert len(senders._sent) == 100
    assert len(senders._used) == 100


def test_own_questions_are_asked_after_the_same_door() -> None:
    page = survey(*[{"label": f"Question {n} ?", "kind": "line"} for n in range(3)])
    assert fill(Client(), page, website="http://spam.example").status_code == 422
    assert not Participation.objects.exists()
