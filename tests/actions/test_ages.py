"""Nobody consents alone before fifteen (loi n° 78-17, art. 45)."""

from __future__ import annotations

import json
from datetime import date

import pytest
from django.test import Client

from portevoix.actions.models import ContactPage, Participation
from portevoix.actions.rules import age_on
from portevoix.kernel import clock
from portevoix.people.models import Person
from tests.actions.factories import block, fill, petition, published

pytestmark = pytest.mark.django_db
ASKS_AGE = json.dumps([block("person", field="born_on", is_required=True, serves="")])


def born(years: int, days: int = 0) -> str:
    today = clock.today()
    return date.fromordinal(today.replace(year=today.year - years).toordinal() + days).isoformat()


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        (date(2010, 6, 15), date(2025, 6, 14), 14),
        (date(2010, 6, 15), date(2025, 6, 15), 15),
        (date(2012, 2, 29), date(2027, 2, 28), 14),
        (date(2012, 2, 29), date(2027, 3, 1), 15),
    ],
)
def test_one_is_a_year_older_on_ones_birthday(birth: date, day: date, age: int) -> None:
    assert age_on(birth, day) == age


def test_a_child_signs_nothing_alone_and_nothing_of_them_is_kept() -> None:
    page = petition(questions=ASKS_AGE)
    answer = fill(Client(), page, born_on=born(15, days=1))
    assert answer.status_code == 422
    assert "parent" in str(answer.context["form"].errors["born_on"])
    assert not Person.objects.exists()


def test_from_fifteen_on_one_does() -> None:
    page = petition(questions=ASKS_AGE)
    assert fill(Client(), page, born_on=born(15)).status_code == 302
    assert Participation.objects.count() == 1


def test_a_child_may_write_to_the_campaign_and_agrees_to_nothing() -> None:
    page = published(ContactPage(title="Écrire", slug="ecrire", questions=ASKS_AGE))
    assert fill(Client(), page, born_on=born(12)).status_code == 302
    assert fill(Client(), page, born_on=born(12), newsletter="on").status_code == 422


def test_forms_that_ask_for_consent_say_from_which_age_it_is_ones_own() -> None:
    assert "15 ans ou plus" in Client().get(petition().url).content.decode()
