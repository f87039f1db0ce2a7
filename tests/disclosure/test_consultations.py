"""Who read whose record, when and what for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portevoix.accounts.types import Role
from portevoix.disclosure import tasks
from portevoix.kernel import clock
from portevoix.people.models import Consultation, Interaction, Person
from portevoix.people.types import Kind, Why
from portevoix.rights import services as rights
from tests.accounts.factories import UserFactory, signed_in, staff, territory
from tests.disclosure.test_views import office
from tests.people.factories import PersonFactory

pytestmark = pytest.mark.django_db


def record(person: Person) -> str:
    return reverse("people:person", args=[person.pk])


def test_each_reading_says_who_whom_and_what_for() -> None:
    person, reader = PersonFactory(), UserFactory(role=Role.ORGANISER)
    client = office(reader)
    client.get(record(person))
    client.get(reverse("people:edit", args=[person.pk]))
    found = Consultation.objects.order_by("pk").values_list("person", "reader_id", "reader", "roles", "why")
    told = (person.pk, str(reader.pk), reader.username, ["organiser"])
    assert list(found) == [(*told, Why.RECORD), (*told, Why.EDIT)]


def test_preparing_an_answer_is_a_reading_too() -> None:
    person = PersonFactory()
    signed_in().get(reverse("disclosure:access", args=[person.pk]))
    assert Consultation.objects.get().why == Why.ANSWER


def test_who_may_not_see_the_record_reads_nothing() -> None:
    person = PersonFactory(in_brest=True)
    assert signed_in(Role.LOCAL_LEAD, "35").get(record(person)).status_code == 404
    assert not Consultation.objects.exists()


def test_the_list_of_people_is_no_reading() -> None:
    PersonFactory()
    signed_in().get(reverse("people:list") + "?q=quem")
    assert not Consultation.objects.exists()


def test_the_timeline_says_it_once_a_day_and_a_reader() -> None:
    person = PersonFactory()
    anna, yann = UserFactory(username="anna"), UserFactory(username="yann")
    noon = datetime(2026, 11, 24, 11, tzinfo=UTC)
    for moment in (noon, noon + timedelta(hours=3), noon + timedelta(days=1)):
        with clock.stopped_at(moment):
            office(anna).get(record(person))
    with clock.stopped_at(noon):
        office(yann).get(record(person))
    told = Interaction.objects.filter(kind=Kind.CONSULTED).order_by("pk").values_list("source", flat=True)
    assert list(told) == ["anna", "anna", "yann"]
    assert Consultation.objects.count() == 4
    page = BeautifulSoup(office(anna).get(record(person)).content, "html.parser").get_text(" ", strip=True)
    assert "Fiche consultée · anna" in page


def test_a_reading_is_one_statement_more() -> None:
    person, client = PersonFactory(), signed_in()
    client.get(record(person))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get(record(person))
    writing = [query["sql"] for query in queries if "INSERT" in query["sql"]]
    assert len(writing) == 1


def test_the_data_officer_reads_the_log_and_narrows_it_to_one_person() -> None:
    person, other = PersonFactory(last_name="Riou"), PersonFactory(last_name="Kervella")
    client = office(UserFactory(username="anna"))
    client.get(record(person))
    client.get(record(other))
    officer = signed_in(Role.DATA_OFFICER)
    text = officer.get(reverse("disclosure:consultations")).content.decode()
    assert "anna" in text
    assert "Riou" in text
    assert "Kervella" in text
    narrowed = officer.get(reverse("disclosure:consultations") + f"?person={person.pk}").content.decode()
    assert "Riou" in narrowed
    assert "Kervella" not in narrowed


def test_the_log_costs_the_same_for_one_reading_or_many() -> None:
    officer = signed_in(Role.DATA_OFFICER)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            officer.get(reverse("disclosure:consultations"))
        return len(queries)

    client = signed_in()
    client.get(record(PersonFactory()))
    officer.get(reverse("disclosure:consultations"))
    one = cost()
    for _time in range(5):
        client.get(record(PersonFactory()))
    assert cost() == one


@pytest.mark.parametrize("role", [Role.ORGANISER, Role.LOCAL_LEAD, Role.READER, Role.COMMUNICATIONS])
def test_others_do_not_read_the_log(role: Role) -> None:
    client = signed_in(role, territory(role))
    assert client.get(reverse("disclosure:consultations")).status_code in {302, 403}


def test_an_officer_of_one_departement_reads_that_ones_log_only() -> None:
    signed_in().get(record(PersonFactory(in_brest=True, last_name="Ailleurs")))
    signed_in().get(record(PersonFactory(in_rennes=True, last_name="Ici")))
    text = signed_in(Role.DATA_OFFICER, "35").get(reverse("disclosure:consultations")).content.decode()
    assert "Ici" in text
    assert "Ailleurs" not in text


def test_readings_go_with_the_person_and_after_a_year() -> None:
    erased, kept = PersonFactory(), PersonFactory()
    client = signed_in()
    client.get(record(erased))
    client.get(record(kept))
    rights.erase(erased, actor=staff())
    assert [one.person for one in Consultation.objects.all()] == [kept]
    with clock.stopped_at(clock.now() + timedelta(days=366)):
        tasks.forget_consultations()
    assert not Consultation.objects.exists()
