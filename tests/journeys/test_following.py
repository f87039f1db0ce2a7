"""Who enters an automation: once, from where it was published on, and nobody missed who was slow to be seen."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import connection, connections, transaction

from portevoix.journal.models import Entry
from portevoix.journeys import tasks
from portevoix.journeys.models import Horizon, Trip
from portevoix.journeys.services import designing, following, publishing
from portevoix.journeys.services.designing import Place
from portevoix.journeys.types import Trigger
from portevoix.kernel import clock
from portevoix.paths.services import walking
from portevoix.people.models import Interaction, Person, PersonRole, Tag, Tagging
from portevoix.people.types import Kind, RoleKind
from portevoix.segments import services as segments
from portevoix.segments.exceptions import InUse
from portevoix.segments.models import Segment
from tests.journeys.factories import SYSTEM, drawn, happens, published, run, step, wait, where
from tests.paths.factories import PathFactory, placed
from tests.people.factories import PersonFactory
from tests.segments.factories import SegmentFactory, rule, tree

pytestmark = pytest.mark.django_db


def entered() -> set[int]:
    return set(Trip.objects.values_list("person", flat=True))


def waiting(trigger: Trigger = Trigger.HAPPENED, said: object = None, **settings: object):  # type: ignore[no-untyped-def]
    """Publish an automation whose people wait, then get a tag."""
    version = drawn(trigger, said, **settings)
    wait(version)
    step(version, "add_tag", tag=Tag.objects.get_or_create(name="Accueilli")[0].pk)
    return published(version)


def test_whoever_it_happens_to_enters_and_nobody_to_whom_it_happened_before() -> None:
    before, after, other = PersonFactory(), PersonFactory(), PersonFactory()
    happens(before)
    waiting()
    happens(after)
    happens(other, Kind.NOTED)
    run()
    assert entered() == {after.pk}


def test_what_happens_twice_lets_somebody_enter_once() -> None:
    person = PersonFactory()
    waiting()
    happens(person)
    happens(person)
    run()
    happens(person)
    run(minutes=2)
    run(days=30)
    happens(person)
    run(days=31)
    assert Trip.objects.count() == 1


def test_whoever_came_to_the_end_enters_again_after_the_days_that_are_said() -> None:
    person = PersonFactory()
    waiting(again_days=20)
    happens(person)
    run()
    run(days=4)
    happens(person)
    run(days=10)
    assert Trip.objects.count() == 1
    happens(person)
    run(days=21)
    assert Trip.objects.count() == 2


def test_whose_data_is_restricted_does_not_enter() -> None:
    person = PersonFactory(restricted_at=clock.now())
    waiting()
    happens(person)
    run()
    assert entered() == set()


def test_only_those_enter_for_whom_it_is() -> None:
    here, elsewhere = PersonFactory(first_name="Anne"), PersonFactory(first_name="Louis")
    tag = Tag.objects.create(name="Ici")
    Tagging.objects.create(person=here, tag=tag, source="tests")
    waiting(only=tree(rule("tag", tag=tag.pk)))
    happens(here)
    happens(elsewhere)
    run()
    assert entered() == {here.pk}


def test_who_comes_while_it_is_paused_enters_when_it_goes_on() -> None:
    person, journey = PersonFactory(), waiting()
    publishing.pause(journey, actor=SYSTEM)
    happens(person)
    run()
    assert entered() == set()
    publishing.resume(journey, actor=SYSTEM)
    run()
    assert entered() == {person.pk}


def test_a_step_of_a_path_starts_it_and_another_step_does_not() -> None:
    path = PathFactory()
    first, second, _third = path.steps.all()
    waiting(Trigger.STEP, {"step": second.pk})
    place = placed(path, 1)
    run()
    assert entered() == set()
    walking.move(place, second, actor=SYSTEM)
    run()
    assert entered() == {place.person_id}
    assert first.pk != second.pk


def test_the_end_of_a_path_starts_it() -> None:
    path = PathFactory()
    waiting(Trigger.STEP, {"path": path.pk})
    place, other = placed(path, 1), placed(PathFactory(), 1)
    walking.arrive(place, actor=SYSTEM)
    walking.arrive(other, actor=SYSTEM)
    run()
    assert entered() == {place.person_id}


def test_a_tag_starts_it_by_whatever_way_it_came_and_not_for_who_had_it() -> None:
    tag = Tag.objects.create(name="Volontaire")
    had, gets = PersonFactory(), PersonFactory()
    Tagging.objects.create(person=had, tag=tag, source="file")
    waiting(Trigger.TAG, {"tag": tag.pk})
    Tagging.objects.create(person=gets, tag=tag, source="file")
    run()
    assert entered() == {gets.pk}


def test_becoming_a_donor_starts_it_by_whatever_way_it_is_known() -> None:
    was, becomes, later, other = PersonFactory.create_batch(4)
    today = clock.today()
    PersonRole.objects.create(person=was, kind=RoleKind.DONOR, source="file")
    waiting(Trigger.ROLE, {"role": "donor"})
    PersonRole.objects.create(person=becomes, kind=RoleKind.DONOR, since=today, source="file")
    PersonRole.objects.create(person=later, kind=RoleKind.DONOR, since=today + timedelta(days=3), source="file")
    PersonRole.objects.create(person=other, kind=RoleKind.MEMBER, source="file")
    run()
    assert entered() == {becomes.pk}
    run(days=4)
    assert entered() == {becomes.pk, later.pk}


def test_whoever_is_there_already_enters_when_that_is_wanted() -> None:
    tag = Tag.objects.create(name="Volontaire")
    had = PersonFactory()
    Tagging.objects.create(person=had, tag=tag, source="file")
    waiting(Trigger.TAG, {"tag": tag.pk, "present": True})
    run()
    assert entered() == {had.pk}


def test_entering_and_leaving_a_segment_start_it() -> None:
    tag = Tag.objects.create(name="Volontaire")
    segment = SegmentFactory(tree=tree(rule("tag", tag=tag.pk)))
    stays, goes, comes = PersonFactory(), PersonFactory(), PersonFactory()
    for person in (stays, goes):
        Tagging.objects.create(person=person, tag=tag, source="tests")
    waiting(Trigger.SEGMENT_IN, {"segment": segment.pk})
    waiting(Trigger.SEGMENT_OUT, {"segment": segment.pk})
    Tagging.objects.filter(person=goes).delete()
    Tagging.objects.create(person=comes, tag=tag, source="tests")
    run()
    assert set(Trip.objects.values_list("journey__live__trigger", "person")) == {
        ("segment_in", comes.pk),
        ("segment_out", goes.pk),
    }
    assert stays.pk not in entered()


def test_silence_starts_it_once_and_a_sign_of_life_begins_a_new_one() -> None:
    now = clock.now()
    silent, lively = (PersonFactory(created_at=now - timedelta(days=400)) for _one in range(2))
    Interaction.objects.create(person=lively, kind=Kind.CONFIRMED, at=now - timedelta(days=10), source="tests")
    waiting(Trigger.INACTIVE, {"days": 180, "present": True}, again_days=30)
    run()
    assert entered() == {silent.pk}
    run(days=4)
    with clock.stopped_at(now + timedelta(days=5)):
        happens(silent)
    run(days=40)
    assert Trip.objects.filter(person=silent).count() == 1
    run(days=200)
    assert Trip.objects.filter(person=silent).count() == 2


def test_a_birthday_starts_it_on_the_day_from_the_hour_that_is_said() -> None:
    born = PersonFactory(born_on=date(1980, 3, 12))
    PersonFactory(born_on=date(1980, 3, 13))
    with clock.stopped_at(datetime(2028, 3, 10, 12, tzinfo=clock.PARIS)):
        waiting(Trigger.BIRTHDAY, {"hour": 9})
    run(datetime(2028, 3, 12, 8, 59, tzinfo=clock.PARIS))
    assert entered() == set()
    run(datetime(2028, 3, 12, 9, 1, tzinfo=clock.PARIS))
    assert entered() == {born.pk}


def test_whoever_was_born_on_a_leap_day_has_a_birthday_every_year() -> None:
    born = PersonFactory(born_on=date(1980, 2, 29))
    with clock.stopped_at(datetime(2027, 2, 20, 12, tzinfo=clock.PARIS)):
        waiting(Trigger.BIRTHDAY, {"hour": 9})
    run(datetime(2027, 2, 28, 10, tzinfo=clock.PARIS))
    assert entered() == {born.pk}


def test_the_end_of_a_membership_starts_it_so_many_days_before() -> None:
    member = PersonFactory()
    PersonRole.objects.create(person=member, kind="member", dues_until=date(2028, 4, 11), source="tests")
    with clock.stopped_at(datetime(2028, 3, 10, 12, tzinfo=clock.PARIS)):
        waiting(Trigger.DUES, {"days": -30, "hour": 9})
    run(datetime(2028, 3, 11, 10, tzinfo=clock.PARIS))
    assert entered() == set()
    run(datetime(2028, 3, 12, 10, tzinfo=clock.PARIS))
    assert entered() == {member.pk}


def test_a_day_starts_it_once_for_everybody_for_whom_it_is() -> None:
    person = PersonFactory()
    with clock.stopped_at(datetime(2028, 3, 10, 12, tzinfo=clock.PARIS)):
        waiting(Trigger.DAY, {"on": "2028-03-12", "hour": 9}, again_days=1)
    run(datetime(2028, 3, 12, 8, tzinfo=clock.PARIS))
    assert entered() == set()
    run(datetime(2028, 3, 13, 8, tzinfo=clock.PARIS))
    run(datetime(2028, 4, 13, 8, tzinfo=clock.PARIS))
    assert list(Trip.objects.values_list("person", flat=True)) == [person.pk]


def test_many_lines_of_the_spine_are_read_window_by_window_to_the_last() -> None:
    journey = waiting()
    people = PersonFactory.create_batch(7)
    for person in people:
        happens(person)
    until = following.settle(actor=SYSTEM)
    reads = 1
    while following.take_in(journey.pk, until=until, window=2, actor=SYSTEM):
        reads += 1
    assert reads >= 4
    assert entered() == {person.pk for person in people}


def test_the_number_of_statements_does_not_grow_with_the_people(django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    waiting()
    for person in PersonFactory.create_batch(60):
        happens(person)
    with django_assert_max_num_queries(60):
        run()
    assert Trip.objects.count() == 60


def test_the_journal_holds_no_line_of_nothing() -> None:
    waiting()
    run()
    before = Entry.objects.count()
    run(minutes=1)
    run(minutes=2)
    assert Entry.objects.count() == before


def test_one_that_asks_about_what_is_gone_keeps_no_other_waiting() -> None:
    segment = SegmentFactory()
    waiting(Trigger.SEGMENT_IN, {"segment": segment.pk})
    waiting()
    segment.delete()
    person = PersonFactory()
    happens(person)
    run()
    assert where(person)[0] == "under_way"


def test_who_is_under_way_goes_on_where_what_starts_it_is_gone() -> None:
    tag = Tag.objects.create(name="Ici")
    segment = SegmentFactory(tree=tree(rule("tag", tag=tag.pk)))
    person = PersonFactory()
    waiting(Trigger.SEGMENT_IN, {"segment": segment.pk})
    Tagging.objects.create(person=person, tag=tag, source="tests")
    run()
    segment.delete()
    run(days=4)
    assert where(person)[0] == "done"
    assert Tagging.objects.filter(person=person, tag__name="Accueilli").exists()


def test_a_question_about_what_is_gone_stops_those_who_come_to_it_and_nobody_else() -> None:
    segment = SegmentFactory()
    first, second = PersonFactory(), PersonFactory()
    version = drawn()
    wait(version)
    asks = step(version, "condition", tree=tree(rule("segment", segment=segment.pk)))
    step(version, "add_tag", Place(parent=asks.key, branch="yes"), tag=Tag.objects.create(name="Oui").pk)
    step(version, "add_tag", Place(after=asks.key), tag=Tag.objects.create(name="Fin").pk)
    journey = published(version)
    happens(first)
    run()
    newer = designing.begin_version(journey, actor=SYSTEM)
    designing.remove_step(newer.steps.get(kind="condition"), actor=SYSTEM)
    publishing.publish(newer, actor=SYSTEM)
    happens(second)
    run()
    Segment.objects.filter(pk=segment.pk).delete()
    run(days=4)
    assert where(first)[0] == "failed"
    assert where(second)[0] == "done"


@pytest.mark.parametrize("where_asked", ["trigger", "only", "goal", "condition", "snapshot"])
def test_a_segment_that_people_are_led_by_cannot_be_deleted(where_asked: str) -> None:
    segment = SegmentFactory()
    asked = tree(rule("segment", segment=segment.pk))
    if where_asked == "trigger":
        journey = waiting(Trigger.SEGMENT_IN, {"segment": segment.pk})
    elif where_asked in {"only", "goal"}:
        journey = waiting(**{where_asked: asked})
    else:
        version = drawn()
        if where_asked == "snapshot":
            asked = tree(rule("snapshot", snapshot=segments.freeze(segment, actor=SYSTEM).pk))
        wait(version)
        asks = step(version, "condition", tree=asked)
        step(version, "add_tag", Place(parent=asks.key, branch="yes"), tag=Tag.objects.create(name="Oui").pk)
        journey = published(version)
    with pytest.raises(InUse, match=journey.name):
        segments.delete(segment, actor=SYSTEM)
    publishing.archive(journey, actor=SYSTEM)
    segments.delete(segment, actor=SYSTEM)
    assert not Segment.objects.filter(pk=segment.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_who_was_written_first_and_seen_last_is_not_passed_over() -> None:
    """Two write on the spine: the one with the smaller number is committed after the greater one was read."""
    slow, quick = PersonFactory(), PersonFactory()
    waiting()
    other = connections.create_connection("default")
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute(
                "INSERT INTO people_interaction (person_id, kind, at, about_kind, source, by, detail)"
                " VALUES (%s, 'confirmed', now(), '', 'tests', '', '{}')",
                [slow.pk],
            )
        happens(quick)
        tasks.follow()
        tasks.follow()
        assert slow.pk not in entered()
        other.commit()
    finally:
        other.close()
    tasks.follow()
    tasks.follow()
    assert entered() == {slow.pk, quick.pk}
    assert Horizon.objects.count() == 1
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM journeys_trip")
        assert cursor.fetchone() == (2,)
    assert Person.objects.count() == 2


def refuse(table: str, condition: str) -> None:
    """Let the database refuse rows, in words that quote somebody."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE FUNCTION refuse_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF {condition} THEN RAISE EXCEPTION 'it is <lea@exemple.fr>'; END IF; RETURN NEW; END $$"
        )
        cursor.execute(
            f"CREATE TRIGGER refuse_it BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_{table}()"
        )


def allow(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP FUNCTION refuse_{table} CASCADE")


def test_an_automation_that_meets_a_fault_keeps_no_other_waiting_and_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bad, good = waiting(), waiting()
    person = PersonFactory()
    happens(person)
    refuse("journeys_trip", f"NEW.journey_id = {bad.pk}")
    run()
    assert list(Trip.objects.values_list("journey", flat=True)) == [good.pk]
    bad.refresh_from_db()
    assert "P0001 journeys/services/following.py" in bad.fault
    since = bad.faulty_since
    assert since is not None
    run(minutes=5)
    entries = Entry.objects.filter(command="journeys.note_fault")
    assert [(one.about_id, one.detail["fault"]) for one in entries] == [(str(bad.pk), bad.fault)], "told once"
    written = caplog.text + str(list(entries.values()))
    assert "lea@" not in written
    allow("journeys_trip")
    run(minutes=6)
    bad.refresh_from_db()
    assert (bad.fault, bad.faulty_since) == ("", None)
    assert Trip.objects.filter(journey=bad, person=person).exists(), "what could not be done then is done now"


def test_a_step_that_meets_a_fault_keeps_nobody_waiting_at_another_step() -> None:
    person, later = PersonFactory(), PersonFactory()
    journey = waiting()
    happens(person)
    run()
    refuse("journeys_mark", "NEW.kind = 'add_tag'")
    happens(later)
    run(days=4)
    assert set(entered()) == {person.pk, later.pk}, "others enter"
    assert where(person)[0] == "under_way"
    journey.refresh_from_db()
    assert "journeys/services/leading.py" in journey.fault
    allow("journeys_mark")
    run(days=4, minutes=1)
    assert where(person)[0] == "done"
