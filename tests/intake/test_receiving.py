from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from portevoix.accounts.types import System, Visitor
from portevoix.intake.exceptions import LinkUnusable
from portevoix.intake.links import confirmation_token, submission_of
from portevoix.intake.models import Submission
from portevoix.intake.services import receiving
from portevoix.intake.types import SignUp
from portevoix.kernel import clock
from portevoix.people.models import Interaction, Person
from portevoix.people.types import Kind
from portevoix.rights import services as rights
from portevoix.rights.models import Ground
from portevoix.rights.purposes import WORDINGS, Basis, Purpose
from tests.people.factories import PersonFactory, reachable
from tests.territory.factories import CommuneFactory

pytestmark = pytest.mark.django_db
VISITOR = Visitor()


def receive(**said: object) -> Submission:
    form = {"email": "maelle@mail.example", "source": "/agir/", "purposes": frozenset({Purpose.NEWSLETTER})} | said
    return receiving.receive(SignUp(**form), actor=VISITOR)  # type: ignore[arg-type]


def confirm(submission: Submission) -> Submission:
    return receiving.confirm(confirmation_token(submission), actor=VISITOR)


def newsletter() -> list[Ground]:
    return list(Ground.objects.live().filter(purpose=Purpose.NEWSLETTER))


def test_a_form_makes_a_person_but_no_consent_until_it_is_confirmed() -> None:
    receive(first_name="Maëlle")
    assert Person.objects.get().emails.get().status == "unverified"
    assert newsletter() == []


def test_a_confirmation_verifies_the_address_and_gives_what_was_agreed_to() -> None:
    submission = confirm(receive(purposes=frozenset({Purpose.NEWSLETTER, Purpose.CALLS}), phone="+33639981234"))
    person = Person.objects.get()
    assert person.emails.get().status == "verified"
    assert person.phones.get().number == "+33639981234"
    live = Ground.objects.live().filter(basis=Basis.CONSENT)
    assert {ground.purpose for ground in live} == {Purpose.NEWSLETTER, Purpose.CALLS}
    words = live[0].wording_id
    assert live[0].evidence == {"submission": submission.pk, "double_opt_in": True, "wording": words}


def test_the_walk_is_written_on_the_spine() -> None:
    confirm(receive())
    kinds = Interaction.objects.order_by("id").values_list("kind", flat=True)
    assert list(kinds) == [Kind.SIGNED_UP, Kind.CONFIRMED, Kind.CONSENTED]


def test_knowing_an_address_is_not_enough_to_edit_its_owners_record() -> None:
    owner = reachable("maelle@mail.example", first_name="Maëlle")
    receive(email="maelle@mail.example", first_name="Mallory", last_name="X")
    owner.refresh_from_db()
    assert owner.first_name == "Maëlle"


def test_a_confirmation_fills_blanks_and_overwrites_nothing() -> None:
    commune = CommuneFactory()
    PersonFactory(first_name="Maëlle", last_name="", with_email=True)
    email = Person.objects.get().emails.get().address
    confirm(receive(email=email, first_name="Autre", last_name="Le Bihan", commune=commune.pk))
    person = Person.objects.get()
    assert (person.first_name, person.last_name, person.commune_id) == ("Maëlle", "Le Bihan", commune.pk)
    assert person.sort_key == "le bihan maelle"


def test_a_link_followed_again_gives_nothing_back_to_the_campaign() -> None:
    submission = confirm(receive())
    rights.withdraw(submission.person, [Purpose.NEWSLETTER], evidence={}, source="tests", actor=VISITOR)
    confirm(submission)
    assert newsletter() == []


@pytest.mark.parametrize("token", ["", "1", "1:x:y", "2:1tabcd:forged"])
def test_a_link_that_was_changed_confirms_nothing(token: str) -> None:
    receive()
    with pytest.raises(LinkUnusable):
        receiving.confirm(token, actor=VISITOR)
    assert newsletter() == []


def test_a_link_of_another_kind_confirms_nothing() -> None:
    token = confirmation_token(receive())
    with pytest.raises(LinkUnusable):
        submission_of(token.replace(token.split(":")[0], "999999", 1))


def test_a_form_never_confirmed_is_forgotten_after_a_month() -> None:
    with clock.stopped_at(clock.now() - timedelta(days=31)):
        receive()
    assert receiving.forget_unconfirmed(actor=System("tests")) == 1
    assert not Person.objects.exists()


def test_a_person_known_otherwise_is_not_forgotten_with_their_form() -> None:
    owner = reachable("maelle@mail.example", external_ref="nationbuilder:1")
    with clock.stopped_at(clock.now() - timedelta(days=31)):
        receive(email="maelle@mail.example")
    assert receiving.forget_unconfirmed(actor=System("tests")) == 0
    assert list(Person.objects.all()) == [owner]
    assert not Submission.objects.exists()


def test_a_recent_form_is_not_forgotten() -> None:
    receive()
    assert receiving.forget_unconfirmed(actor=System("tests")) == 0


def test_a_consent_keeps_the_words_that_were_on_the_form(monkeypatch: pytest.MonkeyPatch) -> None:
    """RGPD art. 7(1): neither the language of the record nor words changed meanwhile are what the person read."""
    reachable("maelle@mail.example", language="en")
    Ground.objects.all().delete()
    submission = receive(language="fr")
    read = WORDINGS[Purpose.NEWSLETTER]["fr"]
    monkeypatch.setitem(WORDINGS, Purpose.NEWSLETTER, {"fr": "Autre chose.", "en": "Something else."})
    confirm(submission)
    [ground] = newsletter()
    assert ground.wording is not None
    assert ground.wording.text == read


def test_a_confirmed_form_takes_the_place_of_what_a_file_declared() -> None:
    person = reachable("maelle@mail.example")
    Ground.objects.update(basis=Basis.DECLARED_AT_IMPORT)
    confirm(receive())
    assert [(ground.person_id, ground.basis) for ground in newsletter()] == [(person.pk, Basis.CONSENT)]
    assert Ground.objects.get(basis=Basis.DECLARED_AT_IMPORT).withdrawal == {"replaced_by": "consent"}


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_twice_in_the_same_second_makes_one_person() -> None:
    found: list[int] = []

    def send_again() -> None:
        found.append(receive().person_id)
        connection.close()

    with transaction.atomic():
        first = receive()
        second = threading.Thread(target=send_again)
        second.start()
        second.join(0.3)
        assert second.is_alive()  # it waits for the address
    second.join(5)
    assert found == [first.person_id]
    assert Person.objects.count() == 1
