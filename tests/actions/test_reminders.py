"""Reminders: of a form that waits for one click, of a meeting to who comes; each once, and no further than is right."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from portevoix.accounts.types import Role, System, Visitor
from portevoix.actions import services, tasks
from portevoix.actions.models import ActionPage, Attendance, EventPage, Participation, SignUpPage
from portevoix.actions.rules import reminders as rules
from portevoix.actions.types import REMIND_CONFIRM as CONFIRM
from portevoix.actions.types import REMIND_MEETING as MEETING
from portevoix.correspondence import services as standards
from portevoix.correspondence.types import Words
from portevoix.delivery import services as delivery
from portevoix.delivery.models import Batch, Message
from portevoix.kernel import clock
from portevoix.people.models import EmailAddress, Person
from portevoix.rights import services as rights
from portevoix.rights.purposes import Purpose
from tests.accounts.factories import signed_in, staff
from tests.actions.factories import participation, petition, published, sign_up_page
from tests.mailings.factories import deliver
from tests.territory.factories import CommuneFactory, DepartementFactory, election

pytestmark = pytest.mark.django_db
CAMPAIGN = System("tests")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def read(sent: Any) -> list[EmailMessage]:
    found = [message_from_bytes(one.content, policy=policy.default) for one in sent]
    return [one for one in found if isinstance(one, EmailMessage)]


def plain(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def reminded() -> list[EmailMessage]:
    """Run the reminder's job twice, and return what left."""
    tasks.remind()
    tasks.remind()
    return read(deliver().sent)


def silence(begins_at: datetime, **fields: Any) -> None:
    departement = fields.pop("departement", None) or DepartementFactory(code="23")
    election(date(2028, 4, 23), departements=(departement.pk,)).silences.update(
        begins_at=begins_at, ends_at=begins_at + 2 * DAY
    )


class TestForms:
    @pytest.fixture(autouse=True)
    def _on(self) -> None:
        standards.turn(CONFIRM, on=True, actor=staff())

    def asked(self, page: ActionPage | None = None, ago: timedelta = 25 * HOUR, **said: Any) -> Participation:
        """Return a form that was sent some time ago, and for which a letter left."""
        page = page or SignUpPage.objects.first() or sign_up_page()
        taken = participation(page, confirmed=False, **said)
        tasks.ask_to_confirm()
        deliver()
        for batch in Batch.objects.unfinished():
            delivery.finish(batch, actor=CAMPAIGN)
        Participation.objects.filter(pk=taken.pk).update(created_at=clock.now() - ago)
        return taken

    def test_who_did_not_confirm_is_reminded_once_with_a_link_that_works(self) -> None:
        taken = self.asked()
        (sent,) = reminded()
        assert sent["Subject"] == "Il ne manque qu’un clic"
        address = next(word for word in plain(sent).split() if "/confirmer/" in word)
        assert Client().post(urlsplit(address).path).status_code < 400
        taken.refresh_from_db()
        assert taken.confirmed_at is not None
        assert Batch.objects.latest("id").purpose == Purpose.SERVICE

    def test_without_the_campaigns_wish_nobody_is(self) -> None:
        standards.turn(CONFIRM, on=False, actor=staff())
        self.asked()
        assert reminded() == []

    @pytest.mark.parametrize("ago", [23 * HOUR, 8 * DAY])
    def test_not_within_a_day_nor_once_the_form_lapsed(self, ago: timedelta) -> None:
        self.asked(ago=ago)
        assert reminded() == []

    def test_not_once_the_page_is_closed_or_taken_down(self) -> None:
        closed, gone = petition(slug="a"), petition(slug="b")
        self.asked(closed)
        self.asked(gone, email="b@mail.example")
        type(closed).objects.filter(pk=closed.pk).update(closes_on=clock.today() - DAY)
        gone.unpublish()
        assert reminded() == []

    def test_who_was_asked_three_times_in_a_week_is_left_alone(self) -> None:
        for number in range(3):
            self.asked(petition(slug=f"p{number}"))
        assert reminded() == []

    def test_of_two_forms_of_one_person_one_is_recalled(self) -> None:
        for number in range(2):
            self.asked(petition(slug=f"p{number}"))
        assert len(reminded()) == 1

    def test_who_confirmed_by_another_form_is_not_reminded_of_the_first(self) -> None:
        page = petition()
        self.asked(page)
        participation(page)
        deliver()
        assert reminded() == []

    def test_nor_who_is_restricted_or_whose_address_came_back(self) -> None:
        first = self.asked()
        self.asked(email="b@mail.example")
        Person.objects.filter(pk=first.person_id).update(restricted_at=clock.now())
        EmailAddress.objects.filter(address="b@mail.example").update(status="bouncing")
        assert reminded() == []

    def test_nor_whose_first_letter_has_not_left(self) -> None:
        taken = participation(sign_up_page(), confirmed=False)
        Participation.objects.filter(pk=taken.pk).update(created_at=clock.now() - 25 * HOUR)
        tasks.remind()
        assert Batch.objects.count() == 0

    def test_a_worker_that_dies_before_the_end_has_written_to_nobody(self) -> None:
        self.asked()
        with transaction.atomic():
            tasks.remind()
            transaction.set_rollback(True)  # as its death leaves it
        assert len(reminded()) == 1

    def test_in_electoral_silence_it_waits_and_leaves_after_it(self) -> None:
        taken = self.asked()
        departement = DepartementFactory(code="23")
        Person.objects.filter(pk=taken.person_id).update(commune=CommuneFactory(departement=departement))
        silence(clock.now() + HOUR / 2, departement=departement)
        assert reminded() == []
        assert Participation.objects.get().reminded_at is None

    @pytest.mark.parametrize(("on", "promise"), [(True, "encore une fois au plus"), (False, "rien d’autre ne vous")])
    def test_the_first_letter_promises_what_is_then_done(self, on: bool, promise: str) -> None:
        standards.turn(CONFIRM, on=on, actor=staff())
        participation(sign_up_page(), confirmed=False)
        tasks.ask_to_confirm()
        (sent,) = read(deliver().sent)
        assert promise in " ".join(plain(sent).split())


class TestMeetings:
    START = datetime(2028, 3, 18, 18, 30, tzinfo=clock.PARIS)
    EVE = datetime(2028, 3, 17, 10, 30, tzinfo=clock.PARIS)

    @pytest.fixture(autouse=True)
    def _on(self) -> None:
        standards.turn(MEETING, on=True, actor=staff())

    @pytest.fixture
    def page(self) -> EventPage:
        return published(
            EventPage(
                title="Réunion publique", slug="reunion", starts_at=self.START, place="Salle des fêtes", capacity=2
            )
        )

    def comes(self, page: EventPage, name: str = "maelle", **said: Any) -> Participation:
        with clock.stopped_at(self.EVE - 3 * DAY):
            taken = participation(page, email=f"{name}@mail.example", **said)
        return taken

    def reminded(self, at: datetime = EVE) -> list[EmailMessage]:
        deliver()
        with clock.stopped_at(at):
            tasks.remind()
            tasks.remind()
        Batch.objects.update(not_after=None)  # the database’s own clock is not stopped
        return read(deliver().sent)

    def test_who_comes_is_told_the_day_before_once(self, page: EventPage) -> None:
        self.comes(page)
        (sent,) = self.reminded()
        assert sent["Subject"] == "Rappel : Réunion publique, samedi 18 mars"
        assert "Salle des fêtes" in plain(sent)
        assert sent["Auto-Submitted"] is not None or Batch.objects.latest("id").purpose == Purpose.SERVICE
        assert self.reminded(self.EVE + HOUR) == []

    @pytest.mark.parametrize("at", [EVE - HOUR, START - HOUR, START + HOUR])
    def test_not_before_that_hour_nor_at_the_last(self, page: EventPage, at: datetime) -> None:
        self.comes(page)
        assert self.reminded(at) == []

    def test_a_worker_that_was_down_catches_up(self, page: EventPage) -> None:
        self.comes(page)
        assert len(self.reminded(self.START - 8 * HOUR)) == 1

    def test_who_waits_for_a_seat_took_it_back_or_withdrew_is_not(self, page: EventPage) -> None:
        kept, back, withdrawn, _waits = (self.comes(page, name) for name in ("un", "deux", "trois", "quatre"))
        assert Attendance.objects.waiting().count() == 2
        with clock.stopped_at(self.EVE - 2 * DAY):
            services.retract(back, actor=Visitor())
            rights.withdraw(withdrawn.person, [Purpose.PARTICIPATION], evidence={}, source="tests", actor=CAMPAIGN)
        deliver()
        people = self.reminded()
        assert [one["To"] for one in people] == ["un@mail.example"]
        assert Attendance.objects.exclude(reminded_of=None).get().person == kept.person

    def test_who_says_so_after_the_reminders_left_needs_none(self, page: EventPage) -> None:
        with clock.stopped_at(self.EVE):
            participation(page)
        assert self.reminded(self.EVE + HOUR) == []

    def test_a_meeting_put_off_to_another_day_is_recalled_again(self, page: EventPage) -> None:
        self.comes(page)
        assert len(self.reminded()) == 1
        EventPage.objects.filter(pk=page.pk).update(starts_at=self.START + HOUR)
        assert self.reminded(self.EVE + HOUR) == []
        EventPage.objects.filter(pk=page.pk).update(starts_at=self.START + 7 * DAY)
        assert len(self.reminded(self.EVE + 7 * DAY)) == 1

    def test_a_meeting_taken_down_is_not(self, page: EventPage) -> None:
        self.comes(page)
        page.unpublish()
        assert self.reminded() == []

    def test_without_the_campaigns_wish_nobody_is(self, page: EventPage) -> None:
        standards.turn(MEETING, on=False, actor=staff())
        self.comes(page)
        assert self.reminded() == []

    def test_each_reads_it_in_their_language_in_the_campaigns_words(self, page: EventPage) -> None:
        ours = Words(subject="{{ meeting }} : venez !", title="À demain", opening="{{ first_name|À vous }}, {{ day }}.")
        standards.edit(MEETING, "fr", ours, actor=staff(Role.COMMUNICATIONS))
        self.comes(page, "un")
        self.comes(page, "two", language="en")
        assert {one["Subject"] for one in self.reminded()} == {
            "Réunion publique : venez !",
            "Reminder: Réunion publique, Saturday 18 March",
        }

    def test_in_electoral_silence_nobody_is_told_nor_later(self, page: EventPage) -> None:
        self.comes(page)
        silence(self.EVE - HOUR)
        Person.objects.update(commune=CommuneFactory(departement=DepartementFactory(code="23")))
        assert self.reminded() == []
        assert not Message.objects.filter(batch__about_id=page.pk).exists()

    def test_what_has_not_left_when_silence_begins_never_does(self, page: EventPage) -> None:
        self.comes(page)
        silence(self.EVE + 14 * HOUR)
        deliver()
        with clock.stopped_at(self.EVE):
            tasks.remind()
        assert Batch.objects.latest("id").not_after == self.EVE + 14 * HOUR

    def test_a_worker_that_dies_has_neither_written_nor_marked(self, page: EventPage) -> None:
        self.comes(page)
        with clock.stopped_at(self.EVE), transaction.atomic():
            tasks.remind()
            transaction.set_rollback(True)  # as its death leaves it
        assert len(self.reminded()) == 1

    def test_the_desk_of_the_meeting_says_what_leaves(self, page: EventPage) -> None:
        self.comes(page)
        address = reverse("actions_people:attendances", args=[page.pk])
        with clock.stopped_at(self.EVE - DAY):
            client = signed_in(Role.DIRECTOR)
            assert "Un rappel partira" in client.get(address).content.decode()
            standards.turn(MEETING, on=False, actor=staff())
            assert "Aucun rappel ne part" in client.get(address).content.decode()


def test_the_eve_is_counted_in_paris() -> None:
    # 00:30 on the 19th in Paris is still the 18th in UTC.
    late = datetime(2028, 3, 18, 23, 30, tzinfo=clock.PARIS) + HOUR
    assert rules.leaves_at(late) == datetime(2028, 3, 18, 10, tzinfo=clock.PARIS)
    assert rules.is_time(late, rules.leaves_at(late))
    assert not rules.is_time(late, late - rules.TOO_LATE)
