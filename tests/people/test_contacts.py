"""Addresses and numbers: added, corrected, made main, removed – and never over what somebody else wrote."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from portevoix.accounts.types import Role, System
from portevoix.journal.models import Entry
from portevoix.people.exceptions import AddressElsewhere, AskedTooOften, ChangedMeanwhile, Impossible, OutOfSight
from portevoix.people.models import EmailAddress, Person, PhoneNumber, PostalAddress
from portevoix.people.selectors.elsewhere import MOST
from portevoix.people.services.contacts import edit_contacts
from portevoix.people.types import ContactChange, Kind
from tests.accounts.factories import signed_in, staff
from tests.people.factories import EmailFactory, PersonFactory, PhoneFactory
from tests.territory.factories import CommuneFactory

pytestmark = pytest.mark.django_db
SYSTEM = System("tests")


def email(address: str, *, status: str = "unverified", is_primary: bool = False) -> dict[str, object]:
    return {"address": address, "status": status, "is_primary": is_primary}


def shown(row: EmailAddress) -> dict[str, object]:
    return email(row.address, status=row.status, is_primary=row.is_primary)


def form_of(client: Client, person: Person) -> dict[str, str]:
    """Return what a browser without JavaScript would send of the screen as it is."""
    page = BeautifulSoup(client.get(f"/gestion/personnes/{person.pk}/coordonnees/").content, "html.parser")
    form = page.select_one("form.office-form")
    assert form
    sent = {one["name"]: one.get("value", "") for one in form.select("input:not([type=checkbox])")}
    sent |= {one["name"]: "on" for one in form.select("input[type=checkbox][checked]")}
    sent |= {one["name"]: one.select_one("option[selected]")["value"] for one in form.select("select:has([selected])")}
    return sent


def post(client: Client, person: Person, sent: dict[str, str]) -> BeautifulSoup:
    response = client.post(f"/gestion/personnes/{person.pk}/coordonnees/", sent)
    return BeautifulSoup(response.content, "html.parser")


def test_the_first_address_is_the_main_one_and_another_may_take_its_place() -> None:
    person = PersonFactory()
    edit_contacts(person, [ContactChange("email", email("a@mail.example"))], actor=SYSTEM)
    edit_contacts(person, [ContactChange("email", email("b@mail.example", is_primary=True))], actor=SYSTEM)
    assert dict(person.emails.values_list("address", "is_primary")) == {"a@mail.example": False, "b@mail.example": True}
    assert person.emails.first().source == "staff"


def test_an_address_corrected_is_no_longer_known_to_work() -> None:
    person = PersonFactory(with_email=True)
    row = person.emails.get()
    change = ContactChange("email", shown(row) | {"address": "new@mail.example"}, row.pk, shown(row))
    assert edit_contacts(person, [change], actor=SYSTEM) == {"corrected": 1}
    row.refresh_from_db()
    assert (row.address, row.status) == ("new@mail.example", "unverified")


def test_the_journal_counts_and_never_says_the_address() -> None:
    person = PersonFactory()
    edit_contacts(person, [ContactChange("email", email("secret@mail.example"))], actor=SYSTEM)
    entry = Entry.objects.get(command="people.edit_contacts")
    assert entry.detail == {"added": 1}
    assert "secret" not in str(vars(entry))
    assert "secret" not in str(list(person.interactions.values()))


def test_an_address_of_another_record_is_refused_and_nothing_of_the_rest_is_written() -> None:
    EmailFactory(person=PersonFactory(), address="taken@mail.example")
    person = PersonFactory()
    changes = [
        ContactChange(
            "phone", {"number": "+33639980001", "kind": "mobile", "status": "unverified", "is_primary": True}
        ),
        ContactChange("email", email("taken@mail.example")),
    ]
    with pytest.raises(Impossible, match=r"taken@mail\.example"):
        edit_contacts(person, changes, actor=SYSTEM)
    assert not PhoneNumber.objects.exists()


def test_an_address_of_a_record_out_of_sight_is_refused_without_a_word_and_not_guessed_all_day() -> None:
    rennes, brest = PersonFactory(in_rennes=True), PersonFactory(in_brest=True)
    EmailFactory(person=brest, address="brest@mail.example")
    mine = EmailFactory(person=rennes, address="rennes@mail.example", is_primary=True)
    lead = staff(Role.LOCAL_LEAD, "35")
    for _guess in range(MOST):
        with pytest.raises(AddressElsewhere) as told:
            edit_contacts(rennes, [ContactChange("email", email("brest@mail.example"))], actor=lead)
        assert "brest" not in str(told.value)
        assert "fiche" not in str(told.value)
    for address in ("brest@mail.example", "unknown@mail.example"):
        with pytest.raises(AskedTooOften):
            edit_contacts(rennes, [ContactChange("email", email(address))], actor=lead)
    # What names no other address is done all the same, and so is anything by whoever sees everybody.
    seen = shown(mine)
    edit_contacts(rennes, [ContactChange("email", seen | {"status": "bouncing"}, mine.pk, seen)], actor=lead)
    with pytest.raises(Impossible, match=r"brest@mail\.example"):
        edit_contacts(rennes, [ContactChange("email", email("brest@mail.example"))], actor=staff(Role.ORGANISER))
    kept = Entry.objects.filter(command="people.edit_contacts", outcome="refused")
    assert {(line.actor_id, line.detail["reason"], line.about_id) for line in kept} == {
        (lead.ident, "hidden_address", ""),
        (lead.ident, "asked_too_often", ""),
    }


def test_what_somebody_else_corrected_or_removed_is_not_written_over() -> None:
    person = PersonFactory(with_email=True)
    row = person.emails.get()
    seen = shown(row)
    EmailAddress.objects.filter(pk=row.pk).update(status="bouncing")
    for change in (
        ContactChange("email", seen | {"status": "refused"}, row.pk, seen),
        ContactChange("email", seen, row.pk, seen, is_removed=True),
    ):
        with pytest.raises(ChangedMeanwhile):
            edit_contacts(person, [change], actor=SYSTEM)
    row.refresh_from_db()
    assert row.status == "bouncing"


def test_who_is_out_of_sight_keeps_their_contacts() -> None:
    with pytest.raises(OutOfSight):
        edit_contacts(PersonFactory(in_brest=True), [], actor=staff(Role.LOCAL_LEAD, "35"))


def test_a_postal_address_finds_its_commune_where_the_postcode_is_enough() -> None:
    rennes, person = CommuneFactory(), PersonFactory()
    values = {"line1": "1 rue x", "line2": "", "postcode": rennes.postcodes[0], "city": "Rennes", "country": "FR"}
    edit_contacts(person, [ContactChange("address", values)], actor=SYSTEM)
    assert PostalAddress.objects.get().commune == rennes


# the screen


def test_the_screen_adds_corrects_and_removes_at_once() -> None:
    person = PersonFactory(with_email=True)
    PhoneFactory(person=person, number="+33639980042")
    client = signed_in(Role.ORGANISER)
    sent = form_of(client, person)
    sent |= {"email-1-address": " NEW@mail.example ", "email-1-status": "unverified", "phone-0-DELETE": "on"}
    sent |= {"address-0-line1": "1 rue de la Monnaie", "address-0-postcode": "35000", "address-0-city": "Rennes"}
    assert client.post(f"/gestion/personnes/{person.pk}/coordonnees/", sent).status_code == 302
    assert person.emails.get(address="new@mail.example").status == "unverified"
    assert person.emails.count() == 2
    assert not person.phones.exists()
    assert person.addresses.get().city == "Rennes"
    assert Entry.objects.get(command="people.edit_contacts").detail == {"added": 2, "removed": 1}


def test_a_screen_sent_as_it_came_changes_nothing() -> None:
    person = PersonFactory(with_email=True)
    PhoneFactory(person=person)
    client = signed_in()
    client.post(f"/gestion/personnes/{person.pk}/coordonnees/", form_of(client, person))
    assert not person.interactions.exclude(kind=Kind.CONSULTED).exists()


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("email-0-address", "not an address", "n’est pas une adresse"),
        ("phone-0-number", "12", "n’est pas un numéro"),
        ("address-0-country", "<b>", "valide"),
        ("seen", "forged", "plus à jour"),
    ],
)
def test_what_cannot_be_is_refused_in_french(field: str, value: str, said: str) -> None:
    person, client = PersonFactory(), signed_in()
    assert said in post(client, person, form_of(client, person) | {field: value}).get_text()
    assert not Entry.objects.filter(command="people.edit_contacts").exists()


def test_two_people_at_once_see_both_values_and_the_second_chooses() -> None:
    person = PersonFactory()
    row = EmailFactory(person=person, address="first@mail.example")
    client = signed_in()
    sent = form_of(client, person) | {"email-0-address": "mine@mail.example"}
    EmailAddress.objects.filter(pk=row.pk).update(address="theirs@mail.example")
    asked = post(client, person, sent)
    told = asked.select_one(".help-critical").get_text()
    assert "theirs@mail.example" in told
    assert "mine@mail.example" in told
    assert person.emails.get().address == "theirs@mail.example"
    post(client, person, sent | {"seen": asked.select_one("input[name=seen]")["value"]})
    assert person.emails.get().address == "mine@mail.example"


def test_nobody_of_the_staff_says_that_somebody_else_verified_their_mailbox() -> None:
    """It proves who asks for a copy of everything, or to be erased."""
    person = PersonFactory()
    row = EmailFactory(person=person, address="theirs@mail.example")
    client = signed_in(Role.ORGANISER)
    offered = BeautifulSoup(client.get(f"/gestion/personnes/{person.pk}/coordonnees/").content, "html.parser")
    assert "verified" not in {one["value"] for one in offered.select("select[name=email-0-status] option")}
    sent = form_of(client, person)
    for forged in (
        {"email-0-status": "verified"},
        {"email-1-address": "me@mail.example", "email-1-status": "verified"},
    ):
        assert "Seule la personne" in post(client, person, sent | forged).get_text()
    assert list(person.emails.values_list("address", "status")) == [("theirs@mail.example", "unverified")]
    for change in (
        ContactChange("email", shown(row) | {"status": "verified"}, row.pk, shown(row)),
        ContactChange("email", email("me@mail.example", status="verified")),
    ):
        with pytest.raises(Impossible):
            edit_contacts(person, [change], actor=SYSTEM)


def test_what_its_owner_verified_may_be_left_so_or_taken_away_and_is_theirs_no_more_once_it_is_another() -> None:
    person = PersonFactory(with_email=True)
    row, client = person.emails.get(), signed_in(Role.ORGANISER)
    sent = form_of(client, person)
    assert sent["email-0-status"] == "verified"
    post(client, person, sent | {"phone-0-number": "06 39 98 00 42"})
    row.refresh_from_db()
    assert (row.status, row.is_own) == ("verified", True)
    post(client, person, form_of(client, person) | {"email-0-address": "me@mail.example"})
    row.refresh_from_db()
    assert (row.address, row.status, row.is_own) == ("me@mail.example", "unverified", False)
