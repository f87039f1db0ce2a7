"""« What do you hold on me? »: everything, in one file, to those who answer for it."""

from __future__ import annotations

import json

import pytest
from bs4 import BeautifulSoup

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.types import Role, System
from portevoix.disclosure import selectors, services
from portevoix.disclosure.exceptions import NotYours
from portevoix.journal.models import Entry
from portevoix.people.models import Interaction, Person, PostalAddress, Tag, Tagging
from portevoix.people.types import Kind
from portevoix.rights import gate
from portevoix.rights.exceptions import NotFromTheGate
from portevoix.rights.types import HANDLERS
from tests.accounts.factories import signed_in, staff
from tests.people.factories import PersonFactory, PhoneFactory

pytestmark = pytest.mark.django_db


def page_of(person: Person) -> str:
    return f"/gestion/export/acces/{person.pk}/"


def known() -> Person:
    person = PersonFactory(
        first_name="Ana", born_on="1980-05-02", reachable=True, in_rennes=True, custom={"velo": True}
    )
    PhoneFactory(person=person, number="+33639987766")
    Tagging.objects.create(person=person, tag=Tag.objects.create(name="bénévole"), source="tests")
    PostalAddress.objects.create(person=person, line1="3 rue du Port", source="tests")
    return person


def test_the_file_holds_everything_and_says_who_holds_it() -> None:
    person = known()
    PersonFactory(first_name="Quelqu’un d’autre", reachable=True)
    response = signed_in(Role.DATA_OFFICER).post(page_of(person))
    assert "attachment" in response["Content-Disposition"]
    text = response.content.decode()
    for fact in ("Ana", "1980-05-02", "+33639987766", "bénévole", "3 rue du Port", "velo", "newsletter", "Rennes"):
        assert fact in text, fact
    assert "Quelqu’un" not in text
    told = json.loads(text)
    assert {table["table"] for table in told["tables"]} == set(HANDLERS)
    assert set(told) == {"controller", "made_at", "person", "tables"}


def test_giving_it_is_written_in_the_journal_and_on_the_timeline_without_any_value() -> None:
    person = known()
    signed_in().post(page_of(person))
    entry = Entry.objects.get(command="disclosure.answer_access_request")
    assert (entry.about_id, entry.count, entry.detail) == (str(person.pk), 1, {"purpose": "RGPD art. 15"})
    assert Interaction.objects.filter(person=person, kind=Kind.EXPORTED).count() == 1


def test_looking_at_the_page_gives_nothing_away() -> None:
    person = known()
    page = BeautifulSoup(signed_in().get(page_of(person)).content, "html.parser")
    assert "Télécharger le fichier" in page.get_text()
    assert not Entry.objects.filter(command="disclosure.answer_access_request").exists()


@pytest.mark.parametrize("role", [Role.ORGANISER, Role.COMMUNICATIONS, Role.READER])
def test_others_have_neither_the_button_nor_the_file(role: Role) -> None:
    person = known()
    client = signed_in(role)
    assert page_of(person) not in client.get(f"/gestion/personnes/{person.pk}/").content.decode()
    assert client.post(page_of(person)).status_code == 302
    actor = staff(role)
    disclosure = gate.reveal(Person.objects.all(), actor=actor, purpose="x", fields=["last_name"])
    with pytest.raises(NotAllowed):
        services.answer_access_request(disclosure, actor=actor)


def test_those_who_may_have_the_button() -> None:
    person = known()
    assert page_of(person) in signed_in().get(f"/gestion/personnes/{person.pk}/").content.decode()


def test_a_disclosure_is_for_one_person_and_for_whom_it_was_made() -> None:
    known()
    PersonFactory()
    everybody = gate.reveal(Person.objects.all(), actor=System("a"), purpose="x", fields=selectors.IDENTITY)
    with pytest.raises(Person.MultipleObjectsReturned):
        services.answer_access_request(everybody, actor=System("a"))
    with pytest.raises(NotYours):
        services.answer_access_request(everybody, actor=System("b"))
    with pytest.raises(NotFromTheGate):
        services.answer_access_request(Person.objects.all(), actor=System("a"))  # type: ignore[arg-type]
