"""Search as one types: who is found, in which order, and at what cost."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portevoix.kernel import normalise
from portevoix.people.models import Person
from portevoix.people.selectors import search
from tests.accounts.factories import signed_in
from tests.people.factories import EmailFactory, PersonFactory, PhoneFactory

pytestmark = pytest.mark.django_db


def found(text: str) -> list[str]:
    return [str(person) for person in search.found(Person.objects.all(), text)]


@pytest.fixture
def noemie() -> Person:
    PersonFactory(first_name="Yann", last_name="Kerouac")
    person = PersonFactory(first_name="Noémie", last_name="Quéméneur")
    EmailFactory(person=person, address="n.quemeneur@poste.example")
    PhoneFactory(person=person, number="+33639987766")
    return person


@pytest.mark.parametrize(
    "typed",
    [
        "quéméneur",
        "QUEMENEUR noemie",
        "noémie que",
        # typos
        "quemener",
        "quemenneur",
        "noemi quemeneur",
        "nomie",
        # mails and numbers, whole, begun, or with a slip at the end
        "n.quemeneur@poste.example",
        "n.quem",
        "n.quemeneur@post.exmple",
        "06 39 98 77 66",
        "0639",
        "+33 6 39 98",
        "0033639987766",
        "06.39.98",
    ],
)
def test_a_person_is_found_however_they_are_typed(noemie: Person, typed: str) -> None:
    assert found(typed) == [str(noemie)]


@pytest.mark.parametrize("typed", ["zzzzzz", "noemie kerouac", "0799", "x@nowhere.example", "%", "__", "'", "é" * 500])
def test_what_means_nobody_finds_nobody(noemie: Person, typed: str) -> None:
    assert found(typed) == []


def test_the_likeliest_comes_first() -> None:
    PersonFactory(first_name="Anne", last_name="Bonmartin")
    PersonFactory(first_name="Martin", last_name="Abgrall")
    PersonFactory(first_name="Zoé", last_name="Martin")
    PersonFactory(first_name="Luc", last_name="Martinez")
    assert found("martin") == ["Zoé Martin", "Luc Martinez", "Martin Abgrall", "Anne Bonmartin"]


def test_a_slip_is_nearer_to_a_word_than_to_the_seam_of_two() -> None:
    PersonFactory(first_name="Marie-Noëlle", last_name="Bidault")
    PersonFactory(first_name="Noémie", last_name="Petitprez")
    assert found("nomie")[0] == "Noémie Petitprez"


def test_the_order_that_a_reader_asks_for_is_kept() -> None:
    PersonFactory(first_name="Anne", last_name="Bonmartin")
    PersonFactory(first_name="Zoé", last_name="Martin")
    page = signed_in().get("/gestion/personnes/", {"q": "martin", "ordering": "sort_key"}).content.decode()
    assert page.index("Bonmartin") < page.index("Zoé Martin")


def test_too_many_to_rank_come_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MOST_RANKED", 2)
    for first, last in (("Zoé", "Martin"), ("Martin", "Abgrall"), ("Luc", "Martinez")):
        PersonFactory(first_name=first, last_name=last)
    assert found("martin") == ["Martin Abgrall", "Zoé Martin", "Luc Martinez"]


def test_who_is_out_of_sight_is_not_found_by_a_typo_either() -> None:
    PersonFactory(in_brest=True, first_name="Noémie", last_name="Quéméneur")
    client = signed_in("local_lead", "35")
    assert "Quéméneur" not in client.get("/gestion/personnes/", {"q": "quemenner"}).content.decode()
    assert "Quéméneur" in signed_in().get("/gestion/personnes/", {"q": "quemenner"}).content.decode()


def test_searching_costs_a_handful_of_statements(noemie: Person) -> None:
    for typed in ("quemeneur", "quemenner"):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert found(typed)
        assert len(asked) <= 6  # a savepoint and its release among them


@pytest.mark.parametrize(
    ("typed", "beginning"),
    [
        ("0612", "+33612"),
        ("06 12 3", "+336123"),
        ("+33 6 12", "+33612"),
        ("0033 612", "+33612"),
        ("06-12.34 (5)", "+3361234" + "5"),
        ("061", None),
        ("35000", None),
        ("001", None),
        ("marie", None),
        ("", None),
    ],
)
def test_a_number_is_recognised_from_four_digits_on(typed: str, beginning: str | None) -> None:
    assert normalise.phone_beginning(typed) == beginning
