"""Search as one types: who is found, in which order, and at what cost."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portevoix.accounts.types import Role, System
from portevoix.kernel import normalise
from portevoix.people.forms.record import FieldForm
from portevoix.people.models import CustomField, FieldText, Person
from portevoix.people.selectors import search
from portevoix.people.services import fields
from portevoix.people.types import CustomKind
from tests.accounts.factories import signed_in
from tests.people.factories import EmailFactory, PersonFactory, PhoneFactory

rare_letters = import_module("portevoix.intake.migrations.0010_rare_letters_searched")
pytestmark = pytest.mark.django_db
SYSTEM = System("tests")


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
        assert len(asked) <= 8  # a savepoint and its release among them


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


def test_names_answer_in_any_order_and_a_mail_beside_a_name() -> None:
    anne, other = PersonFactory(first_name="Anne", last_name="Ory"), PersonFactory(first_name="Anne", last_name="Ruz")
    EmailFactory(person=anne, address="contact@ory.example")
    EmailFactory(person=other, address="a.ruz@poste.example")
    for typed in (
        "anne ory",
        "ory anne",
        "anne contact@ory",
        "contact@ory.example anne",
        "Anne Ory contact@ory.example",
    ):
        assert found(typed) == ["Anne Ory"], typed
    assert found("anne a.ruz@") == ["Anne Ruz"]


def test_numbers_come_in_their_order_and_a_person_once(monkeypatch: pytest.MonkeyPatch) -> None:
    two, one = PersonFactory(first_name="Deux", last_name="Ory"), PersonFactory(first_name="Un", last_name="Ruz")
    for person, number in ((two, "+33639980001"), (two, "+33639980005"), (one, "+33639980003")):
        PhoneFactory(person=person, number=number)
    assert sorted(found("0639 98")) == ["Deux Ory", "Un Ruz"]
    monkeypatch.setattr(search, "MOST_RANKED", 1)
    assert found("0639 98") == ["Deux Ory", "Un Ruz"]


def test_a_tie_is_never_made_by_a_slip(noemie: Person) -> None:
    assert list(search.found(Person.objects.all(), "quemenner", forgives=False)) == []


def test_too_many_mails_are_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MOST_RANKED", 1)
    for number in range(3):
        EmailFactory(
            person=PersonFactory(first_name="A", last_name=f"Ory{number}"), address=f"equipe{number}@x.example"
        )
    assert found("equipe") == ["A Ory0", "A Ory1", "A Ory2"]


def nickname(**known: Any) -> CustomField:
    known = {"label": "Surnom", "kind": CustomKind.TEXT, "group": "", "choices": [], "is_searched": True} | known
    return fields.make_field(None, **known, actor=SYSTEM)


def test_a_searched_field_is_found_as_it_is_typed(noemie: Person) -> None:
    noemie.custom = {"surnom": "La Fée d’Été", "autre": "Mystère"}
    noemie.save()
    assert found("fee") == []
    field = nickname()
    for typed in ("fee", "FÉE", "fée ete", "fée quéméneur"):
        assert found(typed) == [str(noemie)], typed
    assert found("mystere") == []
    # The database keeps up, by whatever hand, and forgets what is no longer there.
    Person.objects.filter(pk=noemie.pk).update(custom={"surnom": "Capitaine"})
    assert (found("capitaine"), found("fee")) == ([str(noemie)], [])
    PersonFactory(first_name="Neuf", last_name="Ory", custom={"surnom": "Capitaine Deux", "n": 3})
    assert len(found("capitaine")) == 2
    fields.make_field(field, label="Surnom", kind=CustomKind.TEXT, group="", choices=[], actor=SYSTEM)
    assert found("capitaine") == []
    assert not FieldText.objects.exists()


@pytest.mark.parametrize("value", [["a", "b"], 12, True, None, {"x": "y"}])
def test_a_value_that_is_no_text_is_no_error(value: Any) -> None:
    nickname()
    PersonFactory(custom={"surnom": value})
    PersonFactory(custom={"surnom": "x" * 5_000})
    assert FieldText.objects.get().text == "x" * 200


@pytest.mark.parametrize(("held", "typed"), [("Ștefan Țepeș", "tepes"), ("Παπαδόπουλος", "παπαδοπουλος")])
def test_what_was_kept_before_rare_letters_had_a_key_is_found_too(noemie: Person, held: str, typed: str) -> None:
    nickname()
    noemie.custom = {"surnom": held}
    noemie.save()
    plain = PersonFactory(custom={"surnom": "Autre"}).field_texts
    plain.update(text="plie deja")
    FieldText.objects.filter(person=noemie).update(text=held.lower())
    assert found(typed) == []
    with connection.cursor() as cursor:
        cursor.execute(rare_letters.FORWARD)
    assert found(typed) == [str(noemie)]
    assert plain.get().text == "plie deja", "what is folded already is not written"


def test_only_texts_are_searched() -> None:
    assert not nickname(kind=CustomKind.NUMBER).is_searched
    said = {"label": "Points", "kind": "number", "is_searched": "on"}
    assert "is_searched" in FieldForm(None, said).errors


def test_nobody_is_found_by_a_field_that_is_hidden_from_who_asks(noemie: Person) -> None:
    noemie.custom = {"surnom": "Fantôme"}
    noemie.save()
    nickname(seen_by=[Role.ORGANISER])
    assert "Quéméneur" in signed_in(Role.ORGANISER).get("/gestion/personnes/", {"q": "fantome"}).content.decode()
    assert "Quéméneur" not in signed_in(Role.TREASURER).get("/gestion/personnes/", {"q": "fantome"}).content.decode()
