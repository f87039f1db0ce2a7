"""Messages to the campaign: they come confirmed, are answered by somebody, and do not stay."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse

from portevoix.accounts.models import Notice
from portevoix.accounts.types import Role, System, Visitor
from portevoix.actions import services as actions
from portevoix.actions.exceptions import NobodyThere, NotTheirs
from portevoix.actions.models import ContactPage, Enquiry, EnquiryAnswer, Participation
from portevoix.actions.selectors import is_taken_part_in
from portevoix.actions.services import inbox as services
from portevoix.actions.types import EnquiryState
from portevoix.intake.links import confirmation_token
from portevoix.journal.models import Entry
from portevoix.kernel import clock
from portevoix.people.models import Consultation
from portevoix.people.types import ContactStatus
from portevoix.rights import services as rights
from tests.accounts.factories import UserFactory, signed_in, staff
from tests.actions.factories import fill, last_letter, participation, published
from tests.territory.factories import CommuneFactory

pytestmark = pytest.mark.django_db
SAID = {"q_subject": "Le car scolaire", "q_message": "Il ne passe plus à 7 h."}


@pytest.fixture
def page() -> ContactPage:
    return published(ContactPage(title="Nous écrire", slug="contact"))


def written(page: ContactPage, **said: Any) -> Enquiry:
    participation(page, answers=SAID, **said)
    return Enquiry.objects.latest("pk")


def words(client: Client, address: str) -> str:
    return " ".join(BeautifulSoup(client.get(address).content, "html.parser").get_text(" ").split())


def test_a_message_arrives_once_its_address_is_confirmed(page: ContactPage) -> None:
    assert fill(Client(), page, **SAID).status_code == 302
    assert not Enquiry.objects.exists()
    actions.confirm(confirmation_token(Participation.objects.get().submission), actor=System("tests"))
    enquiry = Enquiry.objects.get()
    assert (enquiry.subject, enquiry.text, enquiry.state) == (*SAID.values(), EnquiryState.NEW)


def test_a_second_message_takes_nothing_from_the_first(page: ContactPage) -> None:
    written(page)
    written(page)
    assert Enquiry.objects.count() == 2


def test_the_answer_leaves_by_e_mail_and_the_message_is_answered(page: ContactPage) -> None:
    enquiry = written(page)
    client = signed_in(Role.COMMUNICATIONS)
    address = reverse("actions_people:enquiry", args=[enquiry.pk])
    assert "Il ne passe plus" in words(client, address)
    assert client.post(address, {"text": "Nous écrivons à la Région."}).status_code == 302
    enquiry.refresh_from_db()
    assert enquiry.state == EnquiryState.ANSWERED
    assert enquiry.answerer is not None
    assert "Nous écrivons à la Région." in last_letter()
    assert "Le car scolaire" in last_letter()


def test_opening_a_message_is_written_down(page: ContactPage) -> None:
    enquiry = written(page)
    signed_in(Role.ORGANISER).get(reverse("actions_people:enquiry", args=[enquiry.pk]))
    assert Consultation.objects.get().person == enquiry.person


def test_whom_no_letter_reaches_is_said_and_nothing_is_kept(page: ContactPage) -> None:
    enquiry = written(page)
    enquiry.person.emails.update(status=ContactStatus.BOUNCING)
    with pytest.raises(NobodyThere):
        services.answer_message(enquiry, "Bonjour.", actor=staff())
    assert not EnquiryAnswer.objects.exists()
    enquiry.refresh_from_db()
    assert enquiry.state == EnquiryState.NEW


def test_who_is_to_answer_is_told_without_a_name_or_a_word_of_it(page: ContactPage) -> None:
    enquiry = written(page, last_name="Le Bihan")
    user = UserFactory(role=Role.ORGANISER)
    services.assign_message(enquiry, user, actor=staff())
    notice = Notice.objects.get(user=user)
    said = notice.subject + notice.body
    assert not any(word in said for word in ("Le Bihan", "maelle", "car scolaire", "7 h"))
    assert notice.path == reverse("actions_people:enquiry", args=[enquiry.pk])


def test_nobody_is_to_answer_what_they_may_not_see(page: ContactPage) -> None:
    enquiry = written(page)
    with pytest.raises(NotTheirs):
        services.assign_message(enquiry, UserFactory(role=Role.READER), actor=staff())


def test_a_local_lead_sees_the_messages_of_their_departement(page: ContactPage) -> None:
    near = written(page, commune=CommuneFactory().pk)
    far = written(page, email="loin@mail.example", commune=CommuneFactory(brest=True).pk)
    client = signed_in(Role.LOCAL_LEAD, "35")
    assert client.get(reverse("actions_people:enquiry", args=[near.pk])).status_code == 200
    for name in ("enquiry", "assign", "close"):
        assert client.post(reverse(f"actions_people:{name}", args=[far.pk])).status_code == 404
    assert words(client, reverse("actions_people:enquiries")).count("Le car scolaire") == 1


def test_a_message_is_closed_without_an_answer_and_opened_again(page: ContactPage) -> None:
    enquiry, client = written(page), signed_in(Role.DIRECTOR)
    client.post(reverse("actions_people:close", args=[enquiry.pk]))
    enquiry.refresh_from_db()
    assert enquiry.state == EnquiryState.CLOSED
    client.post(reverse("actions_people:close", args=[enquiry.pk]))
    enquiry.refresh_from_db()
    assert (enquiry.state, enquiry.closed_at) == (EnquiryState.NEW, None)


def test_answered_messages_go_after_two_months_and_others_stay(page: ContactPage) -> None:
    old, recent, waiting = (written(page, email=f"p{number}@mail.example") for number in range(3))
    for enquiry, days in ((old, 70), (recent, 20)):
        closed_at = clock.now() - timedelta(days=days)
        Enquiry.objects.filter(pk=enquiry.pk).update(state=EnquiryState.ANSWERED, closed_at=closed_at)
    assert services.forget_messages(actor=System("tests")) == 1
    assert set(Enquiry.objects.all()) == {recent, waiting}


def test_an_erased_persons_messages_go_with_them(page: ContactPage) -> None:
    enquiry = written(page)
    services.answer_message(enquiry, "Bonjour.", actor=staff())
    rights.forget(enquiry.person, actor=System("tests"))
    assert not Enquiry.objects.exists()
    assert not EnquiryAnswer.objects.exists()


def test_a_message_is_taken_back_until_it_is_answered(page: ContactPage) -> None:
    written(page, email="un@mail.example")
    answered = written(page, email="deux@mail.example")
    services.answer_message(answered, "Bonjour.", actor=staff())
    for taken in Participation.objects.all():
        actions.retract(taken, actor=Visitor())
    assert list(Enquiry.objects.all()) == [answered]
    assert is_taken_part_in([page])  # the page that it came by stays


def test_the_journal_holds_nothing_of_what_was_written(page: ContactPage) -> None:
    services.answer_message(written(page), "Nous écrivons à la Région.", actor=staff())
    kept = " ".join(str(entry.detail) for entry in Entry.objects.all())
    assert "Région" not in kept
    assert "scolaire" not in kept
