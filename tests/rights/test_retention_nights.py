"""A night that goes too far waits for somebody; one that is cut off goes on where it was."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.types import Role
from portevoix.kernel import clock
from portevoix.people.models import Person
from portevoix.rights import tasks
from portevoix.rights.exceptions import ChangedSince
from portevoix.rights.models import RetentionRun
from portevoix.rights.models.retention import RunState
from portevoix.rights.purposes import Channel, Purpose
from portevoix.rights.selectors import choices_of, means_of
from portevoix.rights.selectors import retention as selectors
from portevoix.rights.services import retention
from portevoix.segments.criteria.consent import Withdrew
from tests.accounts.factories import staff
from tests.rights.retaining import (
    NIGHT,
    NOW,
    ago,
    gave,
    person,
    regular,
    run,
    set_term,
    ungrounded,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_night")]


def many(number: int) -> None:
    for _one in range(number):
        ungrounded()


def test_a_night_that_would_erase_a_fifth_of_the_file_waits_for_somebody() -> None:
    many(11)
    begun = run(looked_at=False)
    assert (begun.state, Person.objects.count()) == (RunState.BRAKED, 11)
    retention.confirm_retention(begun.pk, seen=11, actor=staff(Role.DATA_OFFICER))
    assert run().erased == 11


def test_a_member_of_staff_who_begins_by_hand_looks_first() -> None:
    many(2)
    begun = retention.begin_retention(actor=staff(Role.DIRECTOR))
    assert (begun.state, retention.advance_retention(begun.pk, actor=NIGHT)) == (RunState.BRAKED, False)


def test_what_came_to_its_end_is_not_told_as_withdrawn() -> None:
    who = regular()
    gave(who, Purpose.OPINION, days=800)
    gave(who, Purpose.CALLS, days=1500)
    run()
    means = {one.channel: one.reason for one in means_of(who, who.grounds.all())}
    assert "à son terme" in means[Channel.PHONE]
    assert {choice.said for choice in choices_of(who) if not choice.is_given} == {"arrivé à son terme"}
    assert not Person.objects.filter(Withdrew(purpose=Purpose.CALLS).q()).exists()


def test_a_few_people_need_nobody() -> None:
    many(10)
    assert run(looked_at=False).erased == 10


def test_a_confirmation_is_of_what_was_seen() -> None:
    many(11)
    begun = run(looked_at=False)
    many(1)
    with pytest.raises(ChangedSince):
        retention.confirm_retention(begun.pk, seen=11, actor=staff(Role.DIRECTOR))
    assert Person.objects.count() == 12


def test_a_rule_shortened_while_the_night_is_at_work_meets_the_brake_again() -> None:
    for _one in range(30):
        gave(person(), days=500)
    begun = retention.begin_retention(actor=NIGHT)
    assert begun.state == RunState.RUNNING
    set_term("newsletter", 1)
    middle = Person.objects.order_by("pk")[15].pk
    retention.advance_retention(begun.pk, size=middle, actor=NIGHT)
    begun.refresh_from_db()
    assert (begun.state, Person.objects.count()) == (RunState.BRAKED, 14)


@pytest.mark.parametrize("role", [Role.COMMUNICATIONS, Role.ORGANISER, Role.READER])
def test_nobody_else_confirms(role: Role) -> None:
    many(11)
    begun = run(looked_at=False)
    with pytest.raises(NotAllowed):
        retention.confirm_retention(begun.pk, seen=11, actor=staff(role))


def test_a_run_can_be_stopped_and_nothing_more_goes() -> None:
    many(12)
    begun = run(looked_at=False)
    retention.stop_retention(begun.pk, actor=staff(Role.DIRECTOR))
    assert retention.advance_retention(begun.pk, actor=NIGHT) is False
    assert Person.objects.count() == 12


# -- interrupted


def test_a_night_cut_off_in_the_middle_goes_on_where_it_was() -> None:
    many(6)
    foreseen = selectors.forecast().counts
    begun = retention.begin_retention(actor=NIGHT)
    middle = Person.objects.order_by("pk")[2].pk
    assert retention.advance_retention(begun.pk, size=middle, actor=NIGHT) is True
    assert Person.objects.count() == 3
    tasks.retain(begun.pk)
    begun.refresh_from_db()
    assert (begun.counts, begun.state) == (foreseen, RunState.DONE)


def at_the_first(begun: RetentionRun) -> RetentionRun:
    """Have a run begin where persons are: earlier tests used the first numbers, and a stretch is so many of them."""
    begun.cursor = Person.objects.order_by("pk").values_list("pk", flat=True)[0] - 1
    begun.save(update_fields=["cursor"])
    return begun


def test_a_stretch_that_fails_half_way_leaves_nothing_half_done() -> None:
    many(3)
    begun = at_the_first(retention.begin_retention(actor=NIGHT))
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'disk full'; END $$;"
            "CREATE TRIGGER fail BEFORE DELETE ON people_person FOR EACH STATEMENT EXECUTE FUNCTION fail()"
        )
    with pytest.raises(Exception, match="disk full"):
        retention.advance_retention(begun.pk, actor=NIGHT)
    first = begun.cursor
    begun.refresh_from_db()
    assert (begun.cursor, begun.counts, Person.objects.count()) == (first, {}, 3)


def test_there_is_one_run_a_day_and_one_at_a_time() -> None:
    first = run()
    assert retention.begin_retention(actor=NIGHT) == first
    with pytest.raises(IntegrityError), transaction.atomic():
        RetentionRun.objects.create(day=clock.today(), people=0, foreseen=0, last=0)
    with clock.stopped_at(NOW + timedelta(days=1)):
        assert retention.begin_retention(actor=NIGHT) != first


def test_the_hourly_job_begins_once_after_three_in_paris() -> None:
    many(2)
    with clock.stopped_at(NOW.replace(hour=2, minute=35)):
        tasks.retain_every_night()
    assert not RetentionRun.objects.exists()
    for hour in (3, 4, 5):
        with clock.stopped_at(NOW.replace(hour=hour, minute=35)):
            tasks.retain_every_night()
    assert RetentionRun.objects.count() == 1


def test_many_cost_no_query_each() -> None:
    def queries() -> int:
        begun = at_the_first(retention.begin_retention(actor=NIGHT))
        if begun.state == RunState.BRAKED:
            retention.confirm_retention(begun.pk, seen=begun.foreseen, actor=staff(Role.DIRECTOR))
        with CaptureQueriesContext(connection) as told:
            retention.advance_retention(begun.pk, actor=NIGHT)
        return len(told)

    many(3)
    few = queries()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO people_person (ref, first_name, last_name, sort_key, gender, language, occupation, postcode,"
            " custom, source, created_at) SELECT gen_random_uuid(), 'A', 'B', 'b a', '', 'fr', '', '', '{}', 'tests',"
            " %s FROM generate_series(1, 400)",
            [ago(100)],
        )
    with clock.stopped_at(NOW + timedelta(days=1)):
        assert queries() <= few + 5
    assert Person.objects.count() == 0
