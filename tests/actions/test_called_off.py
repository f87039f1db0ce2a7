"""A meeting that is called off: its page says so, and nothing of it goes on by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from portevoix.accounts.types import Role, System, Visitor
from portevoix.actions import services
from portevoix.actions.exceptions import TooLate
from portevoix.actions.models import Attendance, EventPage
from portevoix.actions.rules import reminders as rules
from portevoix.actions.selectors import calling_off as reads
from portevoix.actions.selectors import reminders
from portevoix.actions.services import calling_off
from portevoix.delivery.models import Batch, Message
from portevoix.intake.links import confirmation_token
from portevoix.journal.models import Entry
from portevoix.kernel import clock
from portevoix.people.models import EmailAddress
from tests.accounts.factories import signed_in
from tests.actions.factories import participation, published
from tests.territory.factories import election

pytestmark = pytest.mark.django_db
CAMPAIGN = System("tests")


@pytest.fixture
def page() -> EventPage:
    starts_at = clock.now() + timedelta(days=3)
    return published(
        EventPage(
            title="Réunion", slug="reunion", starts_at=starts_at, place="Salle des fêtes", capacity=1, most_guests=0
        )
    )


def called_off(page: EventPage) -> EventPage:
    EventPage.objects.filter(pk=page.pk).update(cancelled_at=clock.now())
    return EventPage.objects.get(pk=page.pk)


def test_its_page_says_so_to_people_and_machines_and_has_no_form(page: EventPage) -> None:
    before = Client().get(page.url).content.decode()
    assert "Cette réunion est annulée." not in before
    assert "EventCancelled" not in before
    assert "<form" in before[before.index("<main") :]
    page = called_off(page)
    after = Client().get(page.url).content.decode()
    assert "Cette réunion est annulée." in after
    assert "https://schema.org/EventCancelled" in after
    assert 'name="email"' not in after
    assert not page.is_open


def test_a_draft_from_before_does_not_bring_it_back(page: EventPage) -> None:
    draft = page.save_revision()
    called_off(page)
    draft.publish()
    assert EventPage.objects.get(pk=page.pk).cancelled_at is not None


def test_its_copy_is_a_meeting_of_its_own(page: EventPage) -> None:
    copied = called_off(page).copy(update_attrs={"slug": "autre"}, keep_live=False)
    assert copied.cancelled_at is None


def test_nobody_is_reminded_of_it(page: EventPage) -> None:
    participation(page)
    eve = rules.leaves_at(page.starts_at)
    Attendance.objects.update(since=eve - timedelta(days=1))
    assert reminders.coming_to(page).count() == 1
    assert reminders.coming_to(called_off(page)).count() == 0


@pytest.mark.parametrize("is_off", [False, True])
def test_a_seat_freed_there_is_given_to_nobody(page: EventPage, is_off: bool) -> None:
    first = participation(page, email="un@mail.example")
    second = participation(page, email="deux@mail.example")
    if is_off:
        called_off(page)
    services.retract(first, actor=Visitor())
    assert Attendance.objects.get(person=second.person).is_waiting is is_off


class TestCallingOff:
    def test_whoever_comes_or_waits_is_told_once_in_their_language_and_with_the_reason(self, page: EventPage) -> None:
        participation(page, email="un@mail.example")
        participation(page, email="deux@mail.example", language="en")
        before = Batch.objects.count()
        told = calling_off.cancel_meeting(page, reason="La salle est inondée.", actor=CAMPAIGN)
        again = calling_off.cancel_meeting(page, reason="Autre chose", actor=CAMPAIGN)
        assert (told, again) == (2, 0)
        assert Batch.objects.count() == before + 2
        french, english = Batch.objects.order_by("-pk")[:2][::-1]
        assert french.subject.startswith("Annulé")
        assert english.subject.startswith("Cancelled")
        assert "La salle est inondée." in french.text
        assert "Salle des fêtes" in french.text
        assert not EventPage.objects.get(pk=page.pk).is_open
        assert Entry.objects.filter(command="actions.cancel_meeting").count() == 2

    def test_a_letter_that_cannot_leave_is_announced_before(self, page: EventPage) -> None:
        participation(page, email="un@mail.example")
        EmailAddress.objects.filter(address="un@mail.example").update(status="bouncing")
        participation(page, email="deux@mail.example")
        told = reads.figures(page)
        assert (told.coming, told.waiting, told.reached, told.unreached) == (1, 1, 1, 1)
        assert calling_off.cancel_meeting(page, actor=CAMPAIGN) == 1

    def test_whoever_took_their_answer_back_hears_nothing(self, page: EventPage) -> None:
        services.retract(participation(page), actor=Visitor())
        assert calling_off.cancel_meeting(page, actor=CAMPAIGN) == 0

    def test_it_may_be_brought_back_and_all_are_told(self, page: EventPage) -> None:
        first = participation(page, email="un@mail.example")
        second = participation(page, email="deux@mail.example")
        calling_off.cancel_meeting(page, actor=CAMPAIGN)
        services.retract(first, actor=Visitor())
        assert calling_off.restore_meeting(page, actor=CAMPAIGN) == 1
        assert calling_off.restore_meeting(page, actor=CAMPAIGN) == 0
        assert EventPage.objects.get(pk=page.pk).is_open
        assert not Attendance.objects.get(person=second.person).is_waiting, "the seat freed meanwhile is theirs"
        assert Message.objects.filter(person=second.person, batch__subject__startswith="Finalement").exists()

    def test_nothing_is_called_off_or_brought_back_once_it_has_begun(self, page: EventPage) -> None:
        EventPage.objects.filter(pk=page.pk).update(starts_at=clock.now() - timedelta(minutes=1))
        for act in (calling_off.cancel_meeting, calling_off.restore_meeting):
            with pytest.raises(TooLate):
                act(page, actor=CAMPAIGN)

    def test_a_form_confirmed_afterwards_gives_no_seat(self, page: EventPage) -> None:
        late = participation(page, confirmed=False)
        calling_off.cancel_meeting(page, actor=CAMPAIGN)
        services.confirm(confirmation_token(late.submission), actor=Visitor())
        kept = Attendance.objects.filter(page=page.pk)
        assert not kept.coming().exists()

    def test_in_electoral_silence_the_letter_leaves_without_free_words(self, page: EventPage) -> None:
        participation(page)
        election(clock.today())
        assert reads.is_silent()
        assert calling_off.cancel_meeting(page, reason="Votez pour nous !", actor=CAMPAIGN) == 1
        assert "Votez" not in Batch.objects.latest("pk").text

    def test_a_calendar_that_asks_again_is_told(self, page: EventPage) -> None:
        address = f"/rendez-vous/{page.pk}.ics"
        assert b"STATUS" not in Client().get(address).content
        calling_off.cancel_meeting(page, actor=CAMPAIGN)
        assert b"STATUS:CANCELLED" in Client().get(address).content


class TestTheScreen:
    def test_shows_whom_it_concerns_then_cancels_and_offers_the_way_back(self, page: EventPage) -> None:
        participation(page)
        other = published(EventPage(title="Autre", slug="autre", starts_at=page.starts_at, place="Mairie"))
        client = signed_in(Role.ORGANISER)
        who_comes = f"/gestion/actions/{page.pk}/presents/"
        address = f"/gestion/actions/{page.pk}/annulation/"
        assert address in client.get(who_comes).content.decode()
        shown = client.get(address).content.decode()
        assert "reçoivent une lettre" in shown
        assert EventPage.objects.get(pk=page.pk).cancelled_at is None, "looking changes nothing"
        done = client.post(address, {"reason": ""}, follow=True).content.decode()
        assert "C’est fait, et 1 lettre part." in done
        assert "rappel" in client.get(who_comes.replace(str(page.pk), str(other.pk))).content.decode()
        assert "rappel" not in done, "no word of a reminder of what does not take place"
        back = f"/gestion/actions/{page.pk}/retablissement/"
        assert back in done
        assert client.get(back).status_code == 200
        client.post(back)
        assert EventPage.objects.get(pk=page.pk).cancelled_at is None

    def test_words_that_are_too_long_are_said_and_nothing_is_lost(self, page: EventPage) -> None:
        client = signed_in(Role.ORGANISER)
        response = client.post(f"/gestion/actions/{page.pk}/annulation/", {"reason": "mot " * 100})
        assert response.status_code == 422
        assert "mot mot" in response.content.decode()
        assert EventPage.objects.get(pk=page.pk).cancelled_at is None
