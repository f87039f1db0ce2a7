"""A meeting that is called off: its page says so, and nothing of it goes on by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from portevoix.accounts.types import System, Visitor
from portevoix.actions import services
from portevoix.actions.models import Attendance, EventPage
from portevoix.actions.rules import reminders as rules
from portevoix.actions.selectors import reminders
from portevoix.kernel import clock
from tests.actions.factories import participation, published

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
    assert "Cette rencontre est annulée." not in before
    assert "EventCancelled" not in before
    assert "<form" in before[before.index("<main") :]
    page = called_off(page)
    after = Client().get(page.url).content.decode()
    assert "Cette rencontre est annulée." in after
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
