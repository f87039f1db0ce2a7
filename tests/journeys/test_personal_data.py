"""What runs of automations owe to people: told, erased, carried over by a merge and given back when it is undone."""

from __future__ import annotations

import pytest

from portevoix.accounts.types import Role
from portevoix.journeys.models import Seen, Trip
from portevoix.journeys.types import Trigger
from portevoix.kernel import clock
from portevoix.people.models import Tag, Tagging
from portevoix.rights import services as rights
from portevoix.rights.selectors import everything_about
from portevoix.rights.selectors.closing import kept
from portevoix.rights.services import merging
from tests.accounts.factories import staff
from tests.journeys.factories import SYSTEM, drawn, happens, published, run, step, wait
from tests.people.factories import PersonFactory

pytestmark = pytest.mark.django_db


def on_it(*people):  # type: ignore[no-untyped-def]
    version = drawn()
    wait(version, 3)
    step(version, "add_tag", tag=Tag.objects.get_or_create(name="Accueilli")[0].pk)
    journey = published(version)
    for person in people:
        happens(person)
    run()
    return journey


def test_a_person_is_told_on_which_automations_they_are() -> None:
    person = PersonFactory()
    journey = on_it(person)
    run(days=4)
    told = everything_about(person)
    assert [(row["journey__name"], row["state"]) for row in told["journeys.trip"]] == [(journey.name, "done")]
    assert [row["kind"] for row in told["journeys.mark"]] == ["add_tag"]


def test_a_merge_carries_a_run_over_and_undoing_it_gives_it_back() -> None:
    mine, theirs = PersonFactory(), PersonFactory()
    on_it(theirs)
    merge = merging.merge(mine.pk, theirs.pk, actor=SYSTEM)
    assert list(Trip.objects.under_way().values_list("person", flat=True)) == [mine.pk]
    merging.undo_merge(merge.pk, actor=SYSTEM)
    assert list(Trip.objects.under_way().values_list("person", flat=True)) == [theirs.pk]


def test_of_two_runs_under_way_one_goes_on_and_undoing_the_merge_lets_both() -> None:
    mine, theirs = PersonFactory(), PersonFactory()
    on_it(mine, theirs)
    merge = merging.merge(mine.pk, theirs.pk, actor=SYSTEM)
    assert sorted(Trip.objects.filter(person=mine).values_list("state", "why")) == [
        ("left", "merged"),
        ("under_way", ""),
    ]
    merging.undo_merge(merge.pk, actor=SYSTEM)
    assert set(Trip.objects.under_way().values_list("person", flat=True)) == {mine.pk, theirs.pk}


def test_an_undone_merge_enters_nobody_twice() -> None:
    mine, theirs = PersonFactory(), PersonFactory()
    tag = Tag.objects.create(name="Volontaire")
    for person in (mine, theirs):
        Tagging.objects.create(person=person, tag=tag, source="tests")
    version = drawn(Trigger.TAG, {"tag": tag.pk})
    wait(version)
    step(version, "add_tag", tag=Tag.objects.create(name="Accueilli").pk)
    published(version)
    merge = merging.merge(mine.pk, theirs.pk, actor=SYSTEM)
    merging.undo_merge(merge.pk, actor=SYSTEM)
    run(minutes=10)
    assert (Trip.objects.count(), Seen.objects.count()) == (0, 2)


def test_erasing_takes_runs_and_presences_away() -> None:
    person = PersonFactory()
    journey = on_it(person)
    Seen.objects.create(journey=journey, person=person)
    rights.erase(person, actor=SYSTEM)
    assert (Trip.objects.count(), Seen.objects.count()) == (0, 0)


def test_how_long_each_table_is_kept_is_said() -> None:
    told = {label for line in kept() for label in line.tables}
    assert {"journeys.Trip", "journeys.Mark", "journeys.Seen", "journeys.Call"} <= told
    assert clock.today().year > 2000


def test_a_local_lead_counts_their_own_people_only() -> None:
    here, there = PersonFactory(in_rennes=True), PersonFactory(in_brest=True)
    on_it(here, there)
    seen = Trip.objects.visible_to(staff(Role.LOCAL_LEAD, "35"))
    assert list(seen.values_list("person", flat=True)) == [here.pk]
