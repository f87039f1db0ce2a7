"""What staff do for a person at their request: withdraw, erase; each asks twice."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from portevoix.accounts.types import Role
from portevoix.journal.models import Entry
from portevoix.people.models import EmailAddress, Interaction, Person
from portevoix.rights.models import Ground
from portevoix.rights.purposes import Basis, Purpose
from portevoix.rights.services import give
from tests.accounts.factories import signed_in, staff
from tests.people.factories import GroundFactory, PersonFactory

pytestmark = pytest.mark.django_db


def shown(client: Client, person: Person) -> str:
    page = BeautifulSoup(client.get(f"/gestion/personnes/{person.pk}/").content, "html.parser")
    panel = page.select_one("section[aria-labelledby=grounds-title]")
    assert panel
    return panel.get_text(" ", strip=True)


def withdrawal_of(person: Person) -> str:
    return f"/gestion/droits/{person.pk}/retirer/{person.grounds.get().pk}/"


def erasure_of(person: Person) -> str:
    return f"/gestion/droits/{person.pk}/effacer/"


def test_a_persons_page_shows_each_ground_with_its_words_date_and_proof() -> None:
    person = PersonFactory()
    evidence = {"submission": 41, "double_opt_in": True}
    give(person, Purpose.NEWSLETTER, basis=Basis.CONSENT, evidence=evidence, source="Rejoindre", actor=staff())
    told = shown(signed_in(), person)
    for fact in ("en vigueur", "J’accepte de recevoir par e-mail", "Rejoindre", "submission 41", "Retirer"):
        assert fact in told, fact


def test_nobody_without_a_ground_may_be_written_to_and_the_page_says_so() -> None:
    assert "rien ne peut être envoyé" in shown(signed_in(), PersonFactory())


def test_a_withdrawal_notes_how_the_person_asked() -> None:
    person = PersonFactory(reachable=True)
    client = signed_in(Role.DATA_OFFICER)
    address = withdrawal_of(person)
    assert "Comment la personne" in client.get(address).content.decode()
    assert person.grounds.get().is_live
    assert client.post(address, {"asked": "telephone"}).status_code == 302
    ground = person.grounds.get()
    assert (ground.is_live, ground.withdrawal) == (False, {"asked": "telephone"})
    assert "retiré" in shown(client, person)
    assert Entry.objects.filter(command="rights.withdraw", about_id=str(person.pk)).count() == 1


@pytest.mark.parametrize("answer", [{}, {"asked": "by carrier pigeon"}])
def test_a_withdrawal_without_its_reason_is_not_made(answer: dict[str, str]) -> None:
    person = PersonFactory(reachable=True)
    assert signed_in().post(withdrawal_of(person), answer).status_code == 200
    assert person.grounds.get().is_live


def test_a_ground_is_withdrawn_once_and_only_from_its_own_person() -> None:
    person, other = PersonFactory(reachable=True), PersonFactory(reachable=True)
    client = signed_in()
    address = withdrawal_of(person)
    crossed = f"/gestion/droits/{other.pk}/retirer/{person.grounds.get().pk}/"
    assert client.post(crossed, {"asked": "letter"}).status_code == 404
    client.post(address, {"asked": "letter"})
    assert client.post(address, {"asked": "letter"}).status_code == 404


@pytest.mark.parametrize("typed", ["Zoé Lœuillet", "ZOE LOEUILLET", " zoé  lœuillet "])
def test_erasing_takes_the_persons_name_typed(typed: str) -> None:
    person = PersonFactory(first_name="Zoé", last_name="Lœuillet", reachable=True)
    response = signed_in(Role.DATA_OFFICER).post(erasure_of(person), {"name": typed}, follow=True)
    assert "est effacé" in response.content.decode()
    for model in (Person, EmailAddress, Ground, Interaction):
        assert not model.objects.exists()
    assert "Zoé" not in str(list(Entry.objects.values()))


@pytest.mark.parametrize("typed", ["", "Zoé", "oui", "x" * 10_000])
def test_another_name_erases_nobody(typed: str) -> None:
    person = PersonFactory(first_name="Zoé", last_name="Lœuillet")
    assert signed_in().post(erasure_of(person), {"name": typed}).status_code == 200
    assert signed_in().get(erasure_of(person)).status_code == 200
    assert Person.objects.filter(pk=person.pk).exists()


def test_somebody_without_a_name_may_be_erased_too() -> None:
    person = PersonFactory(first_name="", last_name="")
    page = BeautifulSoup(signed_in().get(erasure_of(person)).content, "html.parser")
    assert "(sans nom)" in page.get_text()
    signed_in().post(erasure_of(person), {"name": "(sans nom)"})
    assert not Person.objects.exists()


@pytest.mark.parametrize("role", [Role.ORGANISER, Role.COMMUNICATIONS, Role.READER])
def test_others_see_the_grounds_and_have_no_button(role: Role) -> None:
    person = PersonFactory(reachable=True)
    client = signed_in(role)
    assert "en vigueur" in shown(client, person)
    content = client.get(f"/gestion/personnes/{person.pk}/").content.decode()
    assert "retirer/" not in content
    assert "effacer/" not in content
    assert client.post(erasure_of(person), {"name": str(person)}).status_code == 302
    assert client.post(withdrawal_of(person), {"asked": "letter"}).status_code == 302
    assert person.grounds.get().is_live


def test_two_grounds_are_shown_the_live_one_first() -> None:
    person = PersonFactory(reachable=True)
    ground = person.grounds.get()
    ground.withdrawn_at = ground.given_at
    ground.save()
    GroundFactory(person=person)
    told = shown(signed_in(), person)
    assert told.index("en vigueur") < told.index("retiré")
