"""How somebody is reached, changed by a key: by the act of the screen, with its refusals, and never over another's."""

from __future__ import annotations

from typing import Any

import pytest

from portevoix.accounts.rules import MASKS
from portevoix.accounts.types import Fact, Role
from portevoix.journal.models import Entry
from portevoix.kernel import clock
from portevoix.people.models import EmailAddress, Interaction, Person, PhoneNumber, PostalAddress
from portevoix.rights.models import Suppression
from portevoix.rights.selectors import suppression_keys
from tests.api.factories import Program, program
from tests.api.test_keys import code
from tests.people.factories import EmailFactory, PersonFactory, PhoneFactory

pytestmark = pytest.mark.django_db


def known(**said: Any) -> Person:
    person: Person = PersonFactory(**said)
    EmailFactory(person=person, address="soizic@mail.example", status="verified")
    PhoneFactory(person=person, number="+33639980042")
    PostalAddress.objects.create(person=person, line1="1 rue du Lavoir", city="Rennes", source="tests")
    return person


def told(held: Program, person: Person, kind: str = "emails") -> dict[str, Any]:
    """Return the first way of a kind to reach somebody, as a program reads it."""
    return dict(held.get(f"people/{person.pk}")[kind][0])


def read(one: dict[str, Any]) -> dict[str, Any]:
    return {"id": one["id"], "version": one["version"]}


def change(held: Program, person: Person, said: Any, status: int = 200) -> Any:
    return held.send("POST", f"people/{person.pk}/contacts", said, status)


def test_ways_of_each_kind_are_added_at_once_and_say_by_which_key() -> None:
    held, person = program(Role.ORGANISER), PersonFactory()
    said = {
        "emails": {"add": [{"address": " Soizic@Mail.example "}]},
        "phones": {"add": [{"number": "06 39 98 00 42", "kind": "work", "is_primary": True}]},
        "addresses": {"add": [{"line1": "1 rue du Lavoir", "postcode": "35000", "city": "Rennes"}]},
    }
    assert change(held, person, said) == {"added": 3, "corrected": 0, "removed": 0}
    email, phone, address = EmailAddress.objects.get(), PhoneNumber.objects.get(), PostalAddress.objects.get()
    assert (email.address, email.is_primary, email.status) == ("soizic@mail.example", True, "unverified")
    assert (phone.number, phone.kind, phone.is_primary) == ("+33639980042", "work", True)
    assert (address.line1, address.country) == ("1 rue du Lavoir", "FR")
    assert {row.source for row in (email, phone, address)} == {"API: Site"}
    line = Interaction.objects.get(person=person, kind="edited")
    assert (line.source, line.by) == ("API: Site", f"{held.user.username} (API: Site)")
    entry = Entry.objects.get(command="people.edit_contacts")
    assert (entry.detail, entry.actor_label) == ({"added": 3}, f"{held.user.username} (API: Site)")
    assert "soizic" not in str(vars(entry))


def test_a_correction_writes_what_is_said_and_an_address_made_another_is_unverified_again() -> None:
    held, person = program(), known()
    email, phone = told(held, person), told(held, person, "phones")
    said = {
        "emails": {"correct": [{**read(email), "address": "gwen@mail.example"}]},
        "phones": {"correct": [{**read(phone), "kind": "home"}]},
    }
    assert change(held, person, said)["corrected"] == 2
    after = told(held, person)
    assert (after["id"], after["address"], after["status"]) == (email["id"], "gwen@mail.example", "unverified")
    assert after["version"] != email["version"]
    assert told(held, person, "phones")["number"] == phone["number"]


def test_what_is_removed_is_gone_and_makes_room_for_what_comes() -> None:
    held, person = program(), known()
    said = {"emails": {"remove": [read(told(held, person))], "add": [{"address": "gwen@mail.example"}]}}
    assert change(held, person, said) == {"added": 1, "corrected": 0, "removed": 1}
    assert person.emails.get().address == "gwen@mail.example"
    assert person.emails.get().is_primary


@pytest.mark.parametrize("act", ["correct", "remove"])
def test_what_somebody_else_changed_since_is_not_written_over(act: str) -> None:
    held, person = program(), known()
    seen = read(told(held, person))
    EmailAddress.objects.update(status="bouncing")
    said = {"emails": {act: [seen], "add": [{"address": "new@mail.example"}]}}
    assert code(held.ask("POST", f"people/{person.pk}/contacts", said)) == (409, "changed-meanwhile")
    assert list(EmailAddress.objects.values_list("address", "status")) == [("soizic@mail.example", "bouncing")]
    EmailAddress.objects.all().delete()
    assert code(held.ask("POST", f"people/{person.pk}/contacts", said)) == (409, "changed-meanwhile")


def test_somebody_who_writes_between_the_look_and_the_lock_is_not_overwritten(monkeypatch: pytest.MonkeyPatch) -> None:
    from portevoix.api.views import contacts

    held, person = program(), known()
    said = {"emails": {"correct": [{**read(told(held, person)), "status": "verified"}]}}
    EmailAddress.objects.update(status="unverified")
    said["emails"]["correct"][0]["version"] = told(held, person)["version"]
    cleaned = contacts.contact_changes

    def overtaken(*given: Any) -> Any:
        found = cleaned(*given)
        EmailAddress.objects.update(status="bouncing")
        return found

    monkeypatch.setattr(contacts, "contact_changes", overtaken)
    assert code(held.ask("POST", f"people/{person.pk}/contacts", said)) == (409, "changed-meanwhile")
    assert EmailAddress.objects.get().status == "bouncing"


def test_the_row_of_another_person_is_not_there() -> None:
    held, person, other = program(), known(), PersonFactory()
    said = {"emails": {"remove": [read(told(held, person))]}}
    assert code(held.ask("POST", f"people/{other.pk}/contacts", said)) == (409, "changed-meanwhile")
    assert person.emails.exists()


@pytest.mark.parametrize("act", ["correct", "remove"])
@pytest.mark.parametrize("kind", ["emails", "phones", "addresses"])
def test_what_the_person_refused_stays_refused_whatever_a_program_says(kind: str, act: str) -> None:
    """Made usable, made another or taken away and brought in anew: each would forget that they refused it."""
    held, person = program(), known()
    getattr(person, kind).update(status="refused")
    field = {"emails": "address", "phones": "number", "addresses": "line1"}[kind]
    other = {"emails": "b@mail.example", "phones": "+33639980043", "addresses": "2 rue du Puits"}[kind]
    seen = read(told(held, person, kind))
    for said in [{}] if act == "remove" else [{"status": "verified"}, {field: other}]:
        answer = held.ask("POST", f"people/{person.pk}/contacts", {kind: {act: [{**seen, **said}]}})
        assert code(answer) == (422, "refused")
    assert told(held, person, kind)["status"] == "refused"


def test_an_address_that_is_refused_is_not_added_a_second_time() -> None:
    held, person = program(), known()
    person.emails.update(status="refused")
    answer = held.ask("POST", f"people/{person.pk}/contacts", {"emails": {"add": [{"address": "soizic@mail.example"}]}})
    assert code(answer) == (422, "impossible")


def test_a_program_may_say_that_somebody_refused() -> None:
    held, person = program(), known()
    change(held, person, {"emails": {"correct": [{**read(told(held, person)), "status": "refused"}]}})
    assert person.emails.get().status == "refused"


def test_somebody_erased_is_not_brought_back_on_the_record_of_another() -> None:
    for kind, value in (("email", "gone@mail.example"), ("phone", "+33639980077")):
        Suppression.objects.create(digest=suppression_keys()[0].digest(kind, value))
    held, person = program(), PersonFactory()
    for said in (
        {"emails": {"add": [{"address": "gone@mail.example"}]}},
        {
            "phones": {"add": [{"number": "0639980077"}], "remove": []},
            "emails": {"add": [{"address": "x@mail.example"}]},
        },
    ):
        answer = held.ask("POST", f"people/{person.pk}/contacts", said)
        assert code(answer) == (422, "impossible")
        assert "effacement" in answer.content.decode() or "effacé" in answer.content.decode()
    assert not person.emails.exists()
    assert not person.phones.exists()


def test_an_address_of_another_record_is_refused_and_nothing_of_the_rest_is_written() -> None:
    known()
    held, person = program(), PersonFactory()
    said = {"phones": {"add": [{"number": "0639980001"}]}, "emails": {"add": [{"address": "soizic@mail.example"}]}}
    assert code(held.ask("POST", f"people/{person.pk}/contacts", said)) == (422, "impossible")
    assert not person.phones.exists()


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"emails": {"add": [{"address": "nobody"}]}}, "emails.add.0.address"),
        ({"emails": {"add": [{"address": ""}]}}, "emails.add.0.address"),
        ({"emails": {"add": [{}]}}, "emails.add.0.address"),
        ({"phones": {"add": [{"number": "12"}]}}, "phones.add.0.number"),
        ({"phones": {"add": [{"number": "0639980001", "kind": "fax"}]}}, "phones.add.0.kind"),
        ({"addresses": {"add": [{"line2": "bâtiment B"}]}}, "addresses.add.0.line1"),
        ({"addresses": {"add": [{"line1": "x", "country": "<b>"}]}}, "addresses.add.0.country"),
        ({"emails": {"add": [{"address": "a@mail.example", "status": "sure"}]}}, "emails.add.0.status"),
        ({"emails": {"correct": [{"address": "a@mail.example"}]}}, "emails.correct.0.id"),
        ({"emails": {"add": [{"address": f"{one}@mail.example", "is_primary": True} for one in "ab"]}}, "emails"),
        ({"faxes": {"add": []}}, "faxes"),
    ],
    ids=str,
)
def test_what_the_screen_would_not_take_is_refused_and_nothing_is_written(said: Any, field: str) -> None:
    held, person = program(), PersonFactory()
    answer = held.ask("POST", f"people/{person.pk}/contacts", {"phones": {"add": [{"number": "0639980099"}]}, **said})
    assert code(answer) == (422, "unfit")
    assert field in [one["field"] for one in answer.json()["errors"]]  # type: ignore[attr-defined]
    assert not person.phones.exists()


def test_a_correction_that_leaves_nothing_is_no_way_to_remove() -> None:
    held, person = program(), known()
    said = {"emails": {"correct": [{**read(told(held, person)), "address": ""}]}}
    assert code(held.ask("POST", f"people/{person.pk}/contacts", said)) == (422, "unfit")


def test_what_is_hidden_from_the_role_is_neither_told_nor_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """No role that may change this is kept from knowing it today: it must hold on the day that one is."""
    held, person = program(Role.ORGANISER), known()
    seen = read(told(held, person, "phones"))
    monkeypatch.setitem(MASKS, Role.ORGANISER, frozenset({Fact.PHONE}))
    for said in ({"remove": [seen]}, {"add": [{"number": "0639980001"}]}):
        answer = held.ask("POST", f"people/{person.pk}/contacts", {"phones": said})
        assert code(answer) == (403, "hidden")
    assert "+33639980042" not in held.ask("GET", f"people/{person.pk}").content.decode()
    change(held, person, {"emails": {"correct": [{**read(told(held, person)), "status": "bouncing"}]}})
    assert person.phones.exists()


def test_a_restricted_record_is_changed_by_no_organisers_key() -> None:
    held, person = program(Role.ORGANISER), known()
    Person.objects.update(restricted_at=clock.now())
    said = {"emails": {"add": [{"address": "b@mail.example"}]}}
    assert code(held.ask("POST", f"people/{person.pk}/contacts", said)) == (403, "restricted")


def test_a_key_for_this_alone_is_told_nothing_of_anybody() -> None:
    held, person = program(scopes=["people.edit_contacts"]), known()
    answer = held.ask("POST", f"people/{person.pk}/contacts", {})
    assert answer.json() == {"added": 0, "corrected": 0, "removed": 0}  # type: ignore[attr-defined]


def test_a_change_is_told_to_whoever_asks_what_changed() -> None:
    held, person = program(), known()
    Person.objects.update(updated_at="2020-01-01T00:00Z")
    Interaction.objects.all().delete()
    asked = f"people?changed_since={clock.now().isoformat().replace('+00:00', 'Z')}"
    assert held.get(asked)["people"] == []
    change(held, person, {"phones": {"add": [{"number": "0639980001"}]}})
    assert [one["id"] for one in held.get(asked)["people"]] == [person.pk]


def test_a_program_verifies_nobody_s_mailbox_and_may_leave_verified_what_is() -> None:
    """Being verified proves who asks for a copy of everything: its owner alone makes it so."""
    held, person = program(), known()
    answer = held.ask(
        "POST",
        f"people/{person.pk}/contacts",
        {"emails": {"add": [{"address": "me@mail.example", "status": "verified"}]}},
    )
    assert answer.status_code == 422
    seen = read(told(held, person))
    change(held, person, {"emails": {"correct": [{**seen, "status": "verified", "is_primary": True}]}})
    assert person.emails.get().status == "verified"
    person.emails.update(status="unverified")
    said = {"emails": {"correct": [{**read(told(held, person)), "status": "verified"}]}}
    assert code(held.ask("POST", f"people/{person.pk}/contacts", said)) == (422, "impossible")
    assert person.emails.get().status == "unverified"
