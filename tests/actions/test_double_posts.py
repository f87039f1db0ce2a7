"""A form that comes twice: the second click brings no second row, mark or letter; other answers are another form."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portevoix.accounts.types import Visitor
from portevoix.actions import services, tasks
from portevoix.actions.models import ActionPage, OriginMark, Participation
from portevoix.delivery.models import Message
from portevoix.intake.links import confirmation_token
from portevoix.intake.models import Submission
from portevoix.kernel import clock
from portevoix.kernel.clock import SAME_CLICK
from portevoix.people.models import Interaction, Person
from portevoix.people.types import Kind
from tests.actions.factories import fill, participation, petition

pytestmark = pytest.mark.django_db
SAID = {"first_name": "Maëlle", "last_name": "Le Bihan"}


def came() -> dict[str, int]:
    """Return what the forms that came left behind, once their letters are written."""
    tasks.ask_to_confirm()
    return {
        "forms": Participation.objects.count(),
        "submissions": Submission.objects.count(),
        "told": Interaction.objects.filter(kind=Kind.SIGNED_UP).count(),
        "marks": OriginMark.objects.count(),
        "letters": Message.objects.count(),
        "people": Person.objects.count(),
    }


def times(number: int) -> dict[str, int]:
    return {**dict.fromkeys(("forms", "submissions", "told", "marks", "letters"), number), "people": 1}


def test_a_second_click_is_thanked_the_same_and_brings_nothing() -> None:
    page = petition()
    first, second = (fill(Client(), page, "?utm_source=tract", **SAID) for _click in range(2))
    assert [(one.status_code, one["Location"]) for one in (first, second)] == [(302, "/ligne-7/?sent=1")] * 2
    assert came() == times(1)


def test_a_second_click_after_the_letter_left_sends_no_other() -> None:
    page = petition()
    fill(Client(), page, **SAID)
    assert came() == times(1)
    fill(Client(), page, **SAID)
    assert came() == times(1)


@pytest.mark.parametrize(
    "other", [{"first_name": "Marcel"}, {"is_public": "on"}, {"newsletter": "on"}], ids=["name", "shown", "news"]
)
def test_a_correction_is_another_form(other: dict[str, str]) -> None:
    page = petition()
    fill(Client(), page, **SAID)
    fill(Client(), page, **{**SAID, **other})
    tasks.ask_to_confirm()  # one letter to a person at a time
    assert came() == times(2)


def test_another_page_is_another_form() -> None:
    for page in (petition(), petition(slug="ligne-8")):
        fill(Client(), page, **SAID)
    tasks.ask_to_confirm()
    assert came() == times(2)


def test_who_comes_back_later_is_taken_again() -> None:
    page = petition()
    taken = participation(page, confirmed=False, **SAID)
    with clock.stopped_at(taken.created_at + SAME_CLICK + timedelta(seconds=1)):
        assert participation(page, confirmed=False, **SAID) != taken


def test_who_has_confirmed_meanwhile_is_taken_again() -> None:
    page = petition()
    taken = participation(page, **SAID)
    again = participation(page, confirmed=False, **SAID)
    assert again != taken
    services.confirm(confirmation_token(again.submission), actor=Visitor())
    assert Participation.objects.get() == again


def test_the_same_words_of_two_people_are_two_forms() -> None:
    page = petition()
    for email in ("maelle@mail.example", "marcel@mail.example"):
        fill(Client(), page, **SAID, email=email)
    assert Participation.objects.count() == Person.objects.count() == 2


@pytest.mark.parametrize(("number", "asked"), [(2, 0), (1, 1)], ids=["stranger", "known"])
def test_looking_for_the_first_click_asks_of_that_person_alone(number: int, asked: int) -> None:
    page = petition()
    participation(page, email="p1@mail.example", confirmed=False)
    with CaptureQueriesContext(connection) as queries:
        participation(page, email=f"p{number}@mail.example", first_name="Autre", confirmed=False)
    said = [query["sql"] for query in queries]
    assert sum("pg_advisory_xact_lock(hashtext" in sql for sql in said) == 1
    parts = [sql for sql in said if '"actions_participation"' in sql and sql.startswith("SELECT")]
    assert len(parts) == asked
    assert all('"actions_participation"."person_id" = ' in sql for sql in parts)


def at_once(page: ActionPage, clicks: int) -> list[int]:
    together = Barrier(clicks)

    def click() -> int:
        together.wait()
        try:
            return participation(page, confirmed=False, **SAID).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(clicks) as hands:
        return [hand.result() for hand in [hands.submit(click) for _click in range(clicks)]]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_known", [False, True], ids=["stranger", "known"])
def test_of_clicks_at_the_same_instant_one_comes_in(is_known: bool) -> None:
    page = petition()
    if is_known:
        participation(page, confirmed=False, **{**SAID, "first_name": "M."})
        Participation.objects.update(is_letter_due=False)
    assert len(set(at_once(page, 4))) == 1
    tasks.ask_to_confirm()
    assert Participation.objects.count() == OriginMark.objects.count() == Submission.objects.count() == 1 + is_known
    assert (Message.objects.count(), Person.objects.count()) == (1, 1)
