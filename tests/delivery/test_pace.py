"""A pace that the host has set is kept, whoever sends, and what somebody waits for is never held back."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections

from portevoix.delivery import dispatch, services
from portevoix.delivery.models import Message, Tally
from portevoix.delivery.rules import pace
from portevoix.delivery.transports.memory import MemoryTransport
from portevoix.delivery.types import Outcome
from portevoix.kernel import clock
from portevoix.people.models import EmailAddress
from tests.delivery.factories import CAMPAIGN, queue, queue_confirmation, states
from tests.people.factories import PersonFactory

MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("limits", "in_hour", "in_day", "today", "room"),
    [
        ({}, 9, 9, MONDAY, None),
        ({"per_hour": 100}, 0, 500, MONDAY, 100),
        ({"per_hour": 100}, 99, 500, MONDAY, 1),
        ({"per_hour": 100}, 120, 500, MONDAY, 0),
        ({"warm_up": (50, 100), "warm_up_from": MONDAY}, 0, 20, MONDAY, 30),
        ({"warm_up": (50, 100), "warm_up_from": MONDAY}, 0, 20, MONDAY + timedelta(1), 80),
        ({"warm_up": (50, 100), "warm_up_from": MONDAY}, 0, 20, MONDAY + timedelta(2), None),
        # A plan that is yet to begin lets nobody rush in before it.
        ({"warm_up": (50, 100), "warm_up_from": MONDAY}, 0, 0, MONDAY - timedelta(9), 50),
        ({"warm_up": (50,)}, 0, 0, MONDAY, None),
        ({"per_hour": 10, "warm_up": (50,), "warm_up_from": MONDAY}, 0, 45, MONDAY, 5),
    ],
)
def test_the_narrowest_limit_says_how_much_room_there_is(
    limits: dict[str, Any], in_hour: int, in_day: int, today: date, room: int | None
) -> None:
    assert pace.Pace(**limits).room(in_hour=in_hour, in_day=in_day, today=today) == room


def test_those_who_wait_for_a_domain_are_spread_over_the_hours() -> None:
    limits = pace.Pace(per_hour_to={"orange.fr": 60})
    assert [limits.wait("orange.fr", ahead) // pace.STEP for ahead in (0, 9, 10, 59, 60)] == [1, 1, 2, 6, 7]
    assert pace.Pace(per_hour_to={"orange.fr": 1}).wait("orange.fr", 3) == pace.STEP * 4


@pytest.mark.parametrize(("minute", "step"), [(0, 0), (9, 0), (10, 10), (59, 50)])
def test_steps_are_of_ten_minutes(minute: int, step: int) -> None:
    assert pace.step_of(datetime(2026, 11, 23, 8, minute, 30, tzinfo=UTC)) == datetime(
        2026, 11, 23, 8, step, tzinfo=UTC
    )


@pytest.fixture
def limit(settings: Any, tmp_path: Path) -> Any:
    settings.DATA_DIR = tmp_path

    def configure(**keys: Any) -> None:
        mail = settings.INSTANCE.mail.model_copy(update=keys)
        settings.INSTANCE = settings.INSTANCE.model_copy(update={"mail": mail})

    return configure


def send() -> dispatch.Summary:
    return dispatch.run(MemoryTransport, connections=1, seconds=60)


def make_due(within: timedelta = timedelta(days=9)) -> None:
    Message.objects.filter(state="queued", not_before__lte=clock.now() + within).update(not_before=clock.now())


def an_hour_passes() -> None:
    for tally in Tally.objects.order_by("at"):
        tally.at -= timedelta(minutes=70)
        tally.save()


@pytest.mark.django_db
def test_no_more_leave_in_an_hour_than_the_limit_and_the_rest_an_hour_later(limit: Any) -> None:
    limit(per_hour=4)
    batch = queue(people=10)
    summary = send()
    assert (summary.answered, summary.has_more) == (4, False), "nobody waits busily"
    assert send().answered == 0
    an_hour_passes()
    assert send().answered == 4
    an_hour_passes()
    assert send().answered == 2
    assert states(batch) == {"sent": 10}


@pytest.mark.django_db
def test_what_a_person_waits_for_leaves_though_the_hour_is_full(limit: Any) -> None:
    limit(per_hour=2)
    queue(people=5)
    send()
    waited_for = queue_confirmation(PersonFactory(with_email=True))
    assert send().answered == 1
    assert states(waited_for) == {"sent": 1}
    assert Tally.objects.get(domain="").count == 3


@pytest.mark.django_db
def test_a_warm_up_plan_grows_by_the_day(limit: Any) -> None:
    limit(warm_up=[2, 5], warm_up_from=clock.today())
    queue(people=10)
    assert send().answered == 2
    limit(warm_up=[2, 5], warm_up_from=clock.today() - timedelta(days=1))
    assert send().answered == 3
    limit(warm_up=[2, 5], warm_up_from=clock.today() - timedelta(days=2))
    assert send().answered == 5


@pytest.mark.django_db
def test_a_domain_that_is_full_does_not_hold_up_the_others(limit: Any) -> None:
    limit(per_hour_to=["orange.fr=6"])
    people = PersonFactory.create_batch(20, reachable=True)
    for at, person in enumerate(people):
        person.emails.update(address=f"p{at}@{'orange.fr' if at < 15 else 'free.fr'}")
    batch = queue()
    send()
    gone = Message.objects.filter(batch=batch, state="sent").values_list("person__emails__address", flat=True)
    assert Counter(address.partition("@")[2] for address in gone) == {"orange.fr": 6, "free.fr": 5}
    # The nine others have each a moment of their own: nobody looks at them before.
    waits = Message.objects.filter(state="queued").order_by("pk").values_list("not_before", flat=True)
    assert len(set(waits)) == 9
    assert min(waits) > clock.now()
    an_hour_passes()
    make_due()
    send()
    assert states(batch) == {"sent": 17, "queued": 3}


@pytest.mark.django_db
def test_what_no_server_took_takes_no_room(limit: Any) -> None:
    limit(per_hour=3)
    queue(people=3)
    answers = dict.fromkeys(EmailAddress.objects.values_list("address", flat=True), (Outcome.DEFERRED, 0, "line lost"))
    dispatch.run(lambda: MemoryTransport(answers=answers), connections=1, seconds=60)
    assert not Tally.objects.exists()
    make_due()
    assert send().answered == 3


@pytest.mark.django_db
def test_without_a_limit_all_are_counted_together_and_no_domain(limit: Any) -> None:
    queue(people=3)
    assert send().answered == 3
    assert [(tally.domain, tally.count) for tally in Tally.objects.all()] == [("", 3)]


@pytest.mark.django_db
def test_a_mailing_that_waits_for_its_turn_is_stopped_at_any_moment(limit: Any) -> None:
    limit(per_hour=2)
    batch = queue(people=6)
    send()
    assert services.stop(batch, actor=CAMPAIGN) == 4
    an_hour_passes()
    assert send().answered == 0
    assert states(batch) == {"sent": 2, "suppressed": 4}


@pytest.mark.django_db(transaction=True)
def test_two_workers_together_keep_one_pace(limit: Any) -> None:
    limit(per_hour=40, workers=2)
    batch = queue(people=100)
    summaries: list[int] = []

    def work() -> None:
        try:
            summaries.append(dispatch.run(MemoryTransport, connections=2, seconds=60).answered)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _worker in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(summaries) == 40
    assert states(batch) == {"sent": 40, "queued": 60}
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = %s", [dispatch.SEAT])
        assert cursor.fetchone() == (0,)
