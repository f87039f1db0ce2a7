"""Reminders: once a day, at seven in Paris whatever the clock does, with numbers only, and not against one's will."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portevoix.accounts.models import Mandate, Notice, User
from portevoix.accounts.types import Role
from portevoix.journal.models import Entry
from portevoix.kernel import clock
from portevoix.paths import rules, tasks
from portevoix.paths.models import Place, Reminding
from portevoix.paths.services import reminding
from tests.accounts.factories import UserFactory
from tests.paths.factories import SYSTEM, PathFactory, TaskFactory, placed
from tests.people.factories import PersonFactory

pytestmark = pytest.mark.django_db
DAY = date(2028, 1, 10)
SEVEN = datetime(2028, 1, 10, 6, 0, tzinfo=UTC)


def remind(at: datetime = SEVEN) -> int:
    with clock.stopped_at(at):
        return reminding.remind_staff(actor=SYSTEM)


def followed(user: User, due_on: date, **known: object) -> Place:
    place = placed(PathFactory(name=f"Secret {Place.objects.count()}"), **known)
    Place.objects.filter(pk=place.pk).update(point_person=user, due_on=due_on)
    return place


def test_a_letter_says_how_much_waits_and_names_neither_persons_nor_tasks() -> None:
    user = UserFactory()
    person = PersonFactory(first_name="Maëlle", last_name="Quéméneur")
    TaskFactory(assignee=user, due_on=DAY, title="Call Maëlle", note="private", person=person)
    TaskFactory(assignee=user, due_on=DAY - timedelta(days=2), title="Ask Quéméneur")
    followed(user, DAY - timedelta(days=1), last_name="Quéméneur")
    followed(user, DAY, last_name="Quéméneur")
    assert remind() == 1
    notice = Notice.objects.get()
    assert (notice.user, notice.path) == (user, "/gestion/taches/")
    told = notice.subject + notice.body + str(list(Entry.objects.values()))
    for secret in ("Maëlle", "Quéméneur", "Call", "Ask", "private", "Secret"):
        assert secret not in told
    assert "2" in notice.subject
    assert notice.body.count("1") == 4


def test_each_is_reminded_once_a_day_and_again_the_next_day() -> None:
    TaskFactory(assignee=UserFactory(), due_on=DAY)
    assert (remind(), remind(SEVEN + timedelta(hours=1))) == (1, 0)
    Notice.objects.update(sent_at=SEVEN)
    assert remind(SEVEN + timedelta(hours=3)) == 0
    assert remind(SEVEN + timedelta(days=1)) == 1


def test_nobody_is_reminded_of_what_is_done_due_later_or_over() -> None:
    user = UserFactory()
    TaskFactory(assignee=user, due_on=DAY + timedelta(days=1))
    TaskFactory(assignee=user, due_on=DAY, done_at=SEVEN)
    place = followed(user, DAY)
    Place.objects.filter(pk=place.pk).update(state="reached", ended_at=SEVEN)
    assert remind() == 0
    assert not Notice.objects.exists()


def test_who_does_not_want_it_who_left_and_who_may_not_see_the_person_any_more_gets_no_letter() -> None:
    unwilling, gone, elsewhere, without = (
        UserFactory(),
        UserFactory(is_active=False),
        UserFactory(role=Role.LOCAL_LEAD, departement="35"),
        UserFactory(),
    )
    Reminding.objects.create(user=unwilling, is_wanted=False)
    Mandate.objects.filter(user=without).delete()
    for user in (unwilling, gone, elsewhere, without):
        followed(user, DAY, in_brest=True)
        TaskFactory(assignee=user, due_on=DAY, person=PersonFactory(in_brest=True))
    assert remind() == 0


def test_only_what_the_mandate_covers_counts() -> None:
    lead = UserFactory(role=Role.LOCAL_LEAD, departement="35")
    followed(lead, DAY, in_rennes=True)
    followed(lead, DAY, in_brest=True)
    followed(lead, DAY)
    remind()
    assert "1" in Notice.objects.get().body
    assert "3" not in Notice.objects.get().subject


def test_many_people_and_tasks_cost_no_more_queries_than_one() -> None:
    user = UserFactory()
    counts = []
    for number in (1, 20):
        for _one in range(number):
            TaskFactory(assignee=user, due_on=DAY, person=PersonFactory(in_rennes=True))
            followed(user, DAY, in_rennes=True)
        Reminding.objects.update(reminded_on=None)
        Notice.objects.all().delete()
        with CaptureQueriesContext(connection) as asked:
            remind()
        counts.append(len([one for one in asked if "SAVEPOINT" not in one["sql"]]))
    assert counts[1] <= counts[0]


@pytest.mark.parametrize("day", [date(2028, 3, 25), date(2028, 3, 26), date(2027, 10, 30), date(2027, 10, 31), DAY])
def test_the_day_has_one_time_to_remind_and_it_is_seven_in_paris_the_night_the_clock_changes_too(day: date) -> None:
    TaskFactory(assignee=UserFactory(), due_on=day)
    told = []
    for hour in range(24):
        moment = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hour)
        if moment.hour in {5, 6}:  # when the queue asks
            with clock.stopped_at(moment):
                tasks.remind_staff()
                if Notice.objects.exists() and not told:
                    told.append(moment.astimezone(clock.PARIS).hour)
    assert told == [7]
    assert Notice.objects.count() == 1


def test_a_worker_that_comes_late_reminds_all_the_same() -> None:
    assert rules.is_time_to_remind(datetime(2028, 1, 10, 11, 40, tzinfo=UTC), clock.PARIS)
    assert not rules.is_time_to_remind(datetime(2028, 1, 10, 5, 0, tzinfo=UTC), clock.PARIS)


def test_the_periodic_job_is_there() -> None:
    from portevoix.kernel import jobs

    assert {job.name: job.cron for job in jobs.schedule()}["paths.remind_staff"] == "0 5,6 * * *"
