"""Whoever was erased without an address of their own is known again by what goes with their name, and said to be."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from pytest_django import Settings

from portevoix.accounts.types import Role, System, Visitor
from portevoix.exchange import selectors as reports
from portevoix.exchange.models import ImportRun
from portevoix.intake.exceptions import PersonErased
from portevoix.intake.links import confirmation_token
from portevoix.intake.models import LeftAside
from portevoix.intake.services import receiving
from portevoix.intake.services.staff import receive_staff_number
from portevoix.intake.types import SignUp
from portevoix.people.exceptions import Impossible
from portevoix.people.models import Person, PostalAddress
from portevoix.people.selectors import identity_of
from portevoix.people.services import edit
from portevoix.people.services.contacts import edit_contacts
from portevoix.people.types import ContactChange, Identity
from portevoix.rights import services
from portevoix.rights.models import Suppression
from portevoix.rights.rules.likeness import Known, likenesses, name_key
from portevoix.rights.types import HANDLERS, RequestWay
from tests.accounts.factories import signed_in, staff
from tests.exchange import files
from tests.people.factories import EmailFactory, PersonFactory, PhoneFactory

OFFICER = System("tests")
BORN = "1961-04-09"
STREET = {"primary_address1": "12, rue de l’Église", "primary_zip": "29200", "primary_city": "Brest"}


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def erased(*, at_home: bool = False, shared: str = "", **known: object) -> None:
    """Erase somebody of whom no address or number of their own is known."""
    person = PersonFactory(first_name="Gwenvaëlle", last_name="Le Berre", **known)
    if at_home:
        PostalAddress.objects.create(person=person, line1="12 rue de l'église", postcode="29200", source="tests")
    if shared:
        for one in (person, PersonFactory(first_name="Yann", last_name="Le Berre")):
            PhoneFactory(person=one, number=shared, kind="home")
    services.erase(person, actor=OFFICER)


def row(**known: str) -> dict[str, str]:
    return {"first_name": "Gwenvaelle", "last_name": "LE BERRE", "email": ""} | known


def left_aside(*rows: dict[str, str]) -> list[int]:
    """Return which lines of a file were left aside for their likeness, and that the others came in."""
    before = Person.objects.count()
    run = files.imported(*rows)
    found = [number for number, why in files.problems(run) if why == [("resembles", "")]]
    assert Person.objects.count() - before == len(rows) - len(found)
    return found


# -- by what


def test_a_name_is_its_words_in_one_order_and_a_single_word_is_none() -> None:
    assert name_key("le berre gwenvaelle") == name_key("gwenvaelle le berre")
    assert name_key("gwenvaelle") == ""
    assert likenesses(Known("gwenvaelle", date(1961, 4, 9), "29200")) == set()


def test_the_postcode_counts_only_where_nothing_else_is_known() -> None:
    name = "le berre gwenvaelle"
    assert {kind for kind, _value in likenesses(Known(name, None, "29200"))} == {"place"}
    assert likenesses(Known(name, None, "29200", has_contact=True)) == set()
    assert {kind for kind, _value in likenesses(Known(name, date(1961, 4, 9), "29200"))} == {"born"}
    assert {kind for kind, _ in likenesses(Known(name, None, "29200", (("1 rue X", "29200"),)))} == {"home"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "again",
    [
        row(born_at=BORN),
        row(born_at=BORN, email="nouvelle@mail.example", nationbuilder_id="8"),
        {"full_name": "gwenvaëlle le berre", "born_at": BORN},
    ],
)
def test_name_and_birth_date_are_enough_whatever_else_the_file_says(again: dict[str, str]) -> None:
    erased(born_on=BORN, postcode="29200")
    assert left_aside(again, row(born_at="1961-04-10"), files.person(2)) == [2]


#: First name, surname; the same as another file writes them.
RARE = [
    ("Αλέξανδρος", "Παπαδόπουλος", "ΑΛΕΞΑΝΔΡΟΣ", "ΠΑΠΑΔΟΠΟΥΛΟΣ"),
    ("Алёна", "Соловьёва", "АЛЁНА", "СОЛОВЬЁВА"),
    ("محمّد", "بن علي", "محمد", "بن علي"),
    ("Ștefan", "Țepeș", "STEFAN", "TEPES"),
    ("Stefan", "Tepes", "Ștefan", "Țepeș"),
    ("Łucja", "Żółć", "ŁUCJA", "ŻÓŁĆ"),
    ("Søren", "Ærø", "SØREN", "AERØ"),
    ("Đorđe", "Đukić", "ĐORĐE", "ĐUKIĆ"),
    ("Işıl", "Kırmızı", "işıl", "kırmızı"),
    ("Jürgen", "Weiß", "JÜRGEN", "WEISS"),
    ("Վարդան", "Սարգսյան", "ՎԱՐԴԱՆ", "ՍԱՐԳՍՅԱՆ"),
    ("Əli", "Məmmədov", "ƏLI", "MƏMMƏDOV"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("first", "last", "first_again", "last_again"), RARE)
def test_a_name_in_rare_letters_is_known_again(first: str, last: str, first_again: str, last_again: str) -> None:
    services.erase(PersonFactory(first_name=first, last_name=last, born_on=BORN), actor=OFFICER)
    again = row(first_name=first_again, last_name=last_again)
    assert left_aside(again | {"born_at": BORN}, again | {"born_at": "1961-04-10"}) == [2]


@pytest.mark.django_db
def test_a_street_in_rare_letters_is_known_again() -> None:
    person = PersonFactory(first_name="Ștefan", last_name="Popa")
    PostalAddress.objects.create(person=person, line1="5 strada Șoimilor", postcode="29200", source="tests")
    services.erase(person, actor=OFFICER)
    street = {"primary_address1": "5, Strada Soimilor", "primary_zip": "29200", "primary_city": "Brest"}
    assert left_aside(row(first_name="Stefan", last_name="POPA", **street)) == [2]


@pytest.mark.django_db
def test_name_and_address_are_enough_where_no_birth_date_was_known() -> None:
    erased(at_home=True)
    assert left_aside(row(**STREET), row(born_at=BORN, **STREET), row(**STREET | {"primary_zip": "35000"})) == [2, 3]


@pytest.mark.django_db
def test_a_relative_of_the_same_name_and_address_is_told_apart_by_the_birth_date() -> None:
    erased(at_home=True, born_on=BORN)
    assert left_aside(row(born_at="1991-01-02", **STREET), row(**STREET)) == [3]


@pytest.mark.django_db
def test_a_second_address_of_the_file_is_looked_at_too() -> None:
    erased(at_home=True)
    other = {"mailing_address1": "3 quai Neuf", "mailing_zip": "29200", "mailing_city": "Brest"}
    assert left_aside(row(**other, **STREET)) == [2]


@pytest.mark.django_db
def test_a_shared_number_counts_with_the_name_and_leaves_the_other_alone() -> None:
    erased(shared="+33298000001")
    again = row(phone_number="02 98 00 00 01")
    assert left_aside(again, again | {"first_name": "Yann"}, again | {"first_name": "Maëlle"}) == [2]


@pytest.mark.django_db
def test_name_and_postcode_alone_meet_only_lines_that_say_no_more() -> None:
    erased(postcode="29200")
    place = {"primary_zip": "29200", "primary_city": "Brest"}
    assert left_aside(row(**place), row(email="autre@mail.example", **place), row(**STREET)) == [2]


# -- what becomes of it


@pytest.mark.django_db
def test_the_report_says_why_and_nothing_of_the_line_is_kept() -> None:
    erased(born_on=BORN)
    run = files.imported(row(born_at=BORN), files.person(2))
    ((sentence, count, is_whole),) = reports.reasons(run)
    assert sentence.startswith("même nom, et même date de naissance")
    assert (count, is_whole, LeftAside.objects.get().cells) == (1, True, [])


@pytest.mark.django_db
def test_somebody_who_is_known_by_their_address_is_not_taken_for_the_erased_one() -> None:
    erased(born_on=BORN)
    files.imported(row(email="gwen@mail.example"))
    run = files.imported(row(email="gwen@mail.example", born_at=BORN))
    assert files.problems(run) == []


@pytest.mark.django_db
def test_many_who_refused_and_were_forgotten_at_once_are_known_again_too() -> None:
    person = PersonFactory(first_name="Gwenvaëlle", last_name="Le Berre", born_on=BORN)
    services.forget_all([person.pk], refusing=[person.pk], actor=OFFICER)
    assert left_aside(row(born_at=BORN)) == [2]


@pytest.mark.django_db
def test_who_was_forgotten_without_having_asked_leaves_no_likeness() -> None:
    person = PersonFactory(first_name="Gwenvaëlle", last_name="Le Berre", born_on=BORN)
    services.forget(person, actor=OFFICER)
    assert not Suppression.objects.exists()


@pytest.mark.django_db
def test_whoever_comes_back_by_themselves_lifts_their_likeness() -> None:
    erased(born_on=BORN, at_home=True)
    assert Suppression.objects.count() == 2
    form = SignUp(
        email="gwen@mail.example",
        source="/agir/",
        first_name="Gwenvaëlle",
        last_name="Le Berre",
        born_on=BORN,
    )
    receiving.confirm(confirmation_token(receiving.receive(form, actor=Visitor())), actor=Visitor())
    assert Suppression.objects.count() == 1, "of the address, nothing was said"
    assert left_aside(row(born_at=BORN)) == []


@pytest.mark.django_db
def test_staff_cannot_bring_a_number_of_somebody_erased_back() -> None:
    person = PersonFactory()
    PhoneFactory(person=person, number="+33639980001")
    services.erase(person, actor=OFFICER)
    with pytest.raises(PersonErased):
        receive_staff_number(
            "moi@mail.example", "+33639980001", first_name="A", last_name="B", actor=staff(Role.COMMUNICATIONS)
        )


@pytest.mark.django_db
@pytest.mark.parametrize(
    "ways", [{"born_on": BORN}, {"at_home": True}, {"postcode": "29200"}, {"shared": "+33298000001"}]
)
@pytest.mark.parametrize("way", ["erased", "forgotten"])
def test_a_file_that_waits_keeps_no_line_of_whom_only_a_likeness_names(ways: dict[str, Any], way: str) -> None:
    person = PersonFactory(first_name="Gwenvaëlle", last_name="Le Berre", **{
        name: value for name, value in ways.items() if name in {"born_on", "postcode"}
    })  # fmt: skip
    lines = {"born_on": {"born_at": BORN}, "at_home": STREET, "shared": {"phone_number": "02 98 00 00 01"}}
    lines["postcode"] = {"primary_zip": "29200", "primary_city": "Brest"}
    if "at_home" in ways:
        PostalAddress.objects.create(person=person, line1="12 rue de l'église", postcode="29200", source="tests")
    if "shared" in ways:
        for one in (person, PersonFactory(first_name="Yann", last_name="Le Berre")):
            PhoneFactory(person=one, number=ways["shared"], kind="home")
    (line,) = (lines[name] for name in ways)
    run = files.read(files.text(row(**line), files.person(2)), name="waiting.csv")
    assert staged(run) == ["Gwenvaelle", "Maëlle"]
    assert HANDLERS["intake.arrival"].export(person.pk)
    if way == "erased":
        services.erase(person, actor=OFFICER)
    else:
        services.forget_all([person.pk], actor=OFFICER)
    assert staged(run) == ["Maëlle"]


@pytest.mark.django_db
def test_a_line_of_somebody_alike_who_is_known_stays() -> None:
    other = PersonFactory(first_name="Gwenvaëlle", last_name="Le Berre", external_ref="nationbuilder:8")
    EmailFactory(person=other, address="autre@mail.example")
    by_mail, by_reference = {"email": "autre@mail.example"}, {"nationbuilder_id": "8"}
    run = files.read(files.text(row(born_at=BORN, **by_mail), row(born_at=BORN, **by_reference)), name="waiting.csv")
    erased(born_on=BORN)
    assert staged(run) == ["Gwenvaelle", "Gwenvaelle"]


def staged(run: ImportRun) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT first_name FROM {run.arrival.table} ORDER BY row_number")
        return [name for (name,) in cursor.fetchall()]


# -- typed on another record


def typed(person: Person, point: str, values: dict[str, str]) -> None:
    edit_contacts(person, [ContactChange(point, values)], actor=OFFICER)


def named(**known: object) -> Person:
    made: Person = PersonFactory(first_name="Gwenvaelle", last_name="LE BERRE", **known)
    return made


HOME = {"line1": "12, rue de l’Église", "postcode": "29200", "city": "Brest"}
LANDLINE = {"number": "+33298000001", "kind": "home"}


@pytest.mark.django_db
def test_a_landline_is_a_households_and_keeps_out_only_who_has_the_name() -> None:
    person = named()
    PhoneFactory(person=person, **LANDLINE)
    services.erase(person, actor=OFFICER)
    spouse = PersonFactory(first_name="Yann", last_name="Le Berre")
    typed(spouse, "phone", LANDLINE)
    assert spouse.phones.get().number == LANDLINE["number"]
    assert left_aside(row(phone_number="0298000001"), files.person(2, phone_number="0298000001")) == [2]
    with pytest.raises(Impossible, match="effacé"):
        typed(named(), "phone", LANDLINE)


@pytest.mark.django_db
def test_of_who_has_no_name_the_landline_is_all_that_is_known() -> None:
    person = PersonFactory(first_name="Gwenvaëlle", last_name="")
    PhoneFactory(person=person, **LANDLINE)
    services.erase(person, actor=OFFICER)
    assert Suppression.objects.count() == 1


@pytest.mark.django_db
def test_a_home_typed_beside_the_name_brings_nobody_back_and_housemates_keep_theirs() -> None:
    erased(at_home=True)
    typed(PersonFactory(first_name="Yann", last_name="Le Berre"), "address", HOME)
    with pytest.raises(Impossible, match="effacé"):
        typed(named(), "address", HOME)
    assert PostalAddress.objects.count() == 1


@pytest.mark.django_db
def test_a_son_of_the_same_name_is_told_apart_by_his_birth_date_on_the_screen_too() -> None:
    erased(at_home=True, born_on=BORN)
    son = named()
    with pytest.raises(Impossible):
        typed(son, "address", HOME)
    son.born_on = date(1991, 1, 1)
    son.save()
    typed(son, "address", HOME)
    assert son.addresses.count() == 1


@pytest.mark.django_db
def test_nobody_types_the_name_and_the_birth_date_of_somebody_erased() -> None:
    erased(born_on=BORN)
    homonym, other = named(), PersonFactory(first_name="Anne", last_name="Autre", born_on=BORN)
    with pytest.raises(Impossible, match="effacé"):
        edit(homonym, said_of(homonym, born_on=date.fromisoformat(BORN)), actor=OFFICER)
    with pytest.raises(Impossible, match="effacé"):
        edit(other, said_of(other, first_name="Gwenvaëlle", last_name="Le Berre"), actor=OFFICER)
    edit(homonym, said_of(homonym, born_on=date(1961, 4, 10)), actor=OFFICER)
    edit(other, said_of(other, occupation="notaire"), actor=OFFICER)
    homonym.refresh_from_db()
    edit(homonym, said_of(homonym, born_on=date.fromisoformat(BORN)), source=RequestWay.SITE, actor=OFFICER)
    homonym.refresh_from_db()
    assert homonym.born_on == date.fromisoformat(BORN), "what the person themselves asks for is theirs to say"
    edit(homonym, said_of(homonym, postcode="35000"), actor=OFFICER)


@pytest.mark.django_db
def test_the_screen_says_why_and_keeps_what_was_typed() -> None:
    erased(born_on=BORN)
    homonym, client = named(postcode="35000"), signed_in(Role.DIRECTOR)
    address = f"/gestion/personnes/{homonym.pk}/modifier/"
    form = BeautifulSoup(client.get(address).content, "html.parser").select_one(
        "form.office-form, form:has([name=born_on])"
    )
    assert form
    sent = {one["name"]: one.get("value", "") for one in form.select("input:not([type=checkbox]):not([type=radio])")}
    sent |= {one["name"]: one.select_one("option[selected]")["value"] for one in form.select("select:has([selected])")}
    answer = client.post(address, sent | {"born_on": BORN})
    assert answer.status_code == 200
    assert "a demandé à être effacé" in answer.content.decode()
    homonym.refresh_from_db()
    assert homonym.born_on is None


def said_of(person: Person, **changes: object) -> Identity:
    return replace(identity_of(Person.objects.get(pk=person.pk)), **changes)  # type: ignore[arg-type]
