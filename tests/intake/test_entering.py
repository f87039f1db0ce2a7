"""A form on paper is copied out: who comes in, by whose hand, on which ground, and who may not (RGPD art. 7, 17)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.utils import translation

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.types import Role, System
from portevoix.intake.exceptions import NotOfThisTerritory, PersonErased
from portevoix.intake.forms import ON_PAPER, SheetForm
from portevoix.intake.services.entering import Entered, enter
from portevoix.intake.types import Sheet
from portevoix.journal.models import Entry
from portevoix.kernel import clock
from portevoix.people.exceptions import AskedTooOften, Restricted
from portevoix.people.models import Interaction, Person
from portevoix.people.selectors.elsewhere import MOST
from portevoix.people.types import Kind
from portevoix.rights import services as rights
from portevoix.rights.models import Ground
from portevoix.rights.purposes import OPTIONAL, Basis, Purpose
from tests.accounts.factories import signed_in, staff
from tests.people.factories import EmailFactory, GroundFactory, PersonFactory, PhoneFactory
from tests.territory.factories import CommuneFactory

pytestmark = pytest.mark.django_db
SYSTEM = System("tests")
ADDRESS = "/gestion/entrees/papier/"


def sheet(**more: Any) -> Sheet:
    said: dict[str, Any] = {
        "where": "marché de Rennes",
        "signed_on": clock.today() - timedelta(days=3),
        "purposes": frozenset({Purpose.NEWSLETTER}),
        "first_name": "Maëlle",
        "last_name": "Le Goff",
        "email": "maelle@mail.example",
    }
    return Sheet(**said | more)


def entered(*, actor: Any = None, **more: Any) -> Entered:
    return enter(sheet(**more), actor=actor or staff(Role.ORGANISER))


def test_a_paper_makes_a_person_with_the_grounds_that_it_proves_and_no_other() -> None:
    organiser = staff(Role.ORGANISER)
    person = entered(actor=organiser, phone="+33639981234", postcode="35000").person
    assert (person.full_name, person.postcode, person.source) == ("Maëlle Le Goff", "35000", "paper")
    assert person.emails.get().is_primary
    assert person.phones.get().number == "+33639981234"
    ground = Ground.objects.get()
    assert (ground.purpose, ground.basis, ground.source) == (Purpose.NEWSLETTER, Basis.CONSENT, "paper")
    day = (clock.today() - timedelta(days=3)).isoformat()
    said = {key: ground.evidence[key] for key in ("paper", "signed_on", "entered_by")}
    assert said == {"paper": "marché de Rennes", "signed_on": day, "entered_by": organiser.label}
    assert ground.wording is not None


def test_the_journal_and_the_timeline_say_who_entered_it() -> None:
    organiser = staff(Role.ORGANISER)
    person = entered(actor=organiser).person
    line = Entry.objects.get(command="intake.enter")
    assert (line.actor_label, line.count) == (organiser.label, 1)
    assert line.detail == {"is_new": True, "purposes": ["newsletter"]}
    told = Interaction.objects.get(person=person, kind=Kind.ENTERED)
    assert (told.by, told.detail["paper"]) == (organiser.label, "marché de Rennes")


def test_somebody_known_by_the_address_is_not_made_twice_and_keeps_what_is_known() -> None:
    known = PersonFactory(first_name="Maelle", last_name="", postcode="")
    EmailFactory(person=known, address="maelle@mail.example")
    told = entered(postcode="35000", phone="+33639981234")
    assert (told.person.pk, told.is_new) == (known.pk, False)
    known.refresh_from_db()
    assert (known.first_name, known.last_name, known.postcode) == ("Maelle", "Le Goff", "35000")
    assert Person.objects.count() == 1


def test_a_number_alone_is_a_family_s_and_with_the_name_a_person_s() -> None:
    known = PersonFactory(first_name="Maëlle", last_name="Le Goff")
    PhoneFactory(person=known, number="+33639981234")
    calls = frozenset({Purpose.CALLS})
    told = entered(email="new@mail.example", phone="+33639981234", purposes=calls)
    assert told.person.pk == known.pk
    assert entered(email="", first_name="Yann", phone="+33639981234", purposes=calls).person.pk != known.pk


@pytest.mark.parametrize("contact", [{"email": "maelle@mail.example"}, {"email": "", "phone": "+33639981234"}])
def test_whoever_was_erased_is_not_brought_back(contact: dict[str, str]) -> None:
    person = PersonFactory()
    EmailFactory(person=person, address="maelle@mail.example")
    PhoneFactory(person=person, number="+33639981234")
    rights.erase(person, actor=SYSTEM)
    with pytest.raises(PersonErased) as refusal:
        entered(**contact)
    with translation.override("fr"):
        assert "effacé" in str(refusal.value)
    assert not Person.objects.filter(last_name="Le Goff").exists()


def test_whoever_was_erased_and_shared_a_telephone_is_known_by_it_and_their_name() -> None:
    person, other = PersonFactory(first_name="Maëlle", last_name="Le Goff"), PersonFactory(last_name="Autre")
    for one in (person, other):
        PhoneFactory(person=one, number="+33639981234")
    rights.erase(person, actor=SYSTEM)
    calls = frozenset({Purpose.CALLS})
    with pytest.raises(PersonErased):
        entered(email="", first_name="Maëlle", last_name="Le Goff", phone="+33639981234", purposes=calls)
    assert entered(email="", first_name="Yann", last_name="Le Goff", phone="+33639981234", purposes=calls).is_new


def test_what_was_taken_back_since_the_paper_was_signed_stays_refused() -> None:
    known = PersonFactory()
    EmailFactory(person=known, address="maelle@mail.example")
    GroundFactory(person=known)
    rights.withdraw(known, [Purpose.NEWSLETTER], evidence={}, source="tests", actor=SYSTEM)
    told = entered(purposes=frozenset({Purpose.NEWSLETTER, Purpose.LETTERS}))
    assert told.taken_back == (Purpose.NEWSLETTER,)
    assert list(Ground.objects.live().values_list("purpose", flat=True)) == [Purpose.LETTERS]


def test_a_restricted_record_is_left_alone() -> None:
    known = PersonFactory(restricted_at=clock.now())
    EmailFactory(person=known, address="maelle@mail.example")
    with pytest.raises(Restricted):
        entered()


def test_a_local_lead_enters_those_of_their_territory_and_learns_nothing_of_the_others() -> None:
    brest = PersonFactory(in_brest=True)
    EmailFactory(person=brest, address="maelle@mail.example")
    rennes = CommuneFactory()
    lead = staff(Role.LOCAL_LEAD, rennes.departement_id)
    with pytest.raises(NotOfThisTerritory):
        entered(actor=lead, commune=rennes.pk)
    for commune in ("", brest.commune_id):
        with pytest.raises(NotOfThisTerritory):
            entered(actor=lead, email="new@mail.example", commune=commune)
    assert entered(actor=lead, email="new@mail.example", commune=rennes.pk).is_new


def test_a_local_lead_does_not_find_out_by_forms_who_of_elsewhere_is_in_the_file() -> None:
    rennes = CommuneFactory()
    lead = staff(Role.LOCAL_LEAD, rennes.departement_id)
    for number in range(MOST):
        EmailFactory(person=PersonFactory(in_brest=True), address=f"a{number}@mail.example")
        with pytest.raises(NotOfThisTerritory):
            entered(actor=lead, email=f"a{number}@mail.example", commune=rennes.pk)
    for address in ("a0@mail.example", "unknown@mail.example"):
        with pytest.raises(AskedTooOften):
            entered(actor=lead, email=address, commune=rennes.pk)
    with clock.stopped_at(clock.now() + timedelta(days=1, minutes=1)):
        assert entered(actor=lead, email="unknown@mail.example", commune=rennes.pk).is_new
    told = Entry.objects.filter(command="intake.enter", outcome="refused", actor_id=lead.ident)
    assert [line.detail["reason"] for line in told.order_by("pk")] == [
        *(["hidden_address"] * MOST),
        *(["asked_too_often"] * 2),
    ]
    assert "mail.example" not in str(list(told.values()))


@pytest.mark.parametrize("role", [Role.COMMUNICATIONS, Role.TREASURER, Role.DATA_OFFICER, Role.READER])
def test_the_others_enter_nobody(role: Role) -> None:
    with pytest.raises(NotAllowed):
        entered(actor=staff(role))


def sent(**more: Any) -> dict[str, Any]:
    said = {"where": "marché", "signed_on": clock.today().isoformat(), "last_name": "Le Goff"}
    return said | {"email": "MAELLE@mail.example", "purposes": ["newsletter"]} | more


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"purposes": []}, "purposes"),
        ({"email": ""}, "email"),
        ({"purposes": ["texts"]}, "phone"),
        ({"email": "", "last_name": "", "purposes": ["letters"]}, "last_name"),
        ({"email": "maelle"}, "email"),
        ({"phone": "12"}, "phone"),
        ({"signed_on": "2999-01-01"}, "signed_on"),
        ({"signed_on": date(2020, 1, 1).isoformat()}, "signed_on"),
    ],
)
def test_the_form_says_what_is_wrong_where_it_is(said: dict[str, Any], field: str) -> None:
    assert list(SheetForm(sent(**said)).errors) == [field]


def test_every_purpose_can_be_ticked_but_what_is_agreed_to_with_an_action() -> None:
    assert set(ON_PAPER) == set(OPTIONAL) - {Purpose.PARTICIPATION}


def test_an_organiser_enters_a_line_and_goes_on_with_the_next_of_the_same_sheet() -> None:
    client = signed_in(Role.ORGANISER)
    assert f'href="{ADDRESS}"' in client.get("/gestion/personnes/").content.decode()
    response = client.post(ADDRESS, sent(next="1"), follow=True)
    page = response.content.decode()
    assert response.redirect_chain[-1][0] == ADDRESS
    assert 'value="marché"' in page
    assert "MAELLE" not in page
    boxes = BeautifulSoup(page, "html.parser").select("[name=purposes]")
    assert len(boxes) == len(ON_PAPER)
    assert not any(box.has_attr("checked") for box in boxes)  # what the next person ticked is theirs to say
    response = client.post(ADDRESS, sent(email="yann@mail.example"))
    assert response["Location"] == f"/gestion/personnes/{Person.objects.latest('pk').pk}/"
    assert Person.objects.count() == 2


def test_a_refusal_is_said_on_the_form() -> None:
    person = PersonFactory()
    EmailFactory(person=person, address="maelle@mail.example")
    rights.erase(person, actor=SYSTEM)
    assert "effacé" in signed_in(Role.ORGANISER).post(ADDRESS, sent()).content.decode()
