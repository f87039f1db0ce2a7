"""What steps do, and for whom: once, at their moment, and only what may be done."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import translation

from portevoix.accounts.types import Role
from portevoix.delivery.models import Batch, Message
from portevoix.journeys import tasks
from portevoix.journeys.models import Mark, Step, Trip
from portevoix.journeys.services import designing, leading, publishing
from portevoix.journeys.services.designing import Place
from portevoix.journeys.types import ACTIONS
from portevoix.kernel import clock
from portevoix.paths.models import Passage, Task
from portevoix.paths.models import Place as PathPlace
from portevoix.people.models import Interaction, Person, Tag, Tagging
from portevoix.people.types import Kind
from portevoix.rights import services as rights
from portevoix.rights.purposes import Purpose
from tests.accounts.factories import UserFactory
from tests.delivery.factories import withdraw
from tests.journeys.factories import SYSTEM, drawn, happens, published, run, step, wait, where
from tests.paths.factories import PathFactory, placed
from tests.people.factories import PersonFactory
from tests.segments.factories import rule, tree

pytestmark = pytest.mark.django_db
NOON = datetime(2028, 3, 15, 12, tzinfo=clock.PARIS)


def tag(name: str = "Accueilli") -> Tag:
    return Tag.objects.get_or_create(name=name)[0]


def carries(person: Person, name: str = "Accueilli") -> bool:
    return Tagging.objects.filter(person=person, tag__name=name).exists()


def test_a_wait_holds_until_it_is_over_and_then_the_step_is_done() -> None:
    person, version = PersonFactory(), drawn()
    wait(version, 3)
    step(version, "add_tag", tag=tag().pk)
    published(version)
    happens(person)
    run()
    run(days=2, hours=23)
    assert not carries(person)
    run(days=3, minutes=1)
    assert carries(person)
    assert where(person)[0] == "done"
    assert Interaction.objects.filter(person=person, kind=Kind.TAGGED, source=version.journey.name).count() == 1


def test_a_letter_goes_to_who_agreed_and_who_did_not_leaves() -> None:
    willing, other = PersonFactory(reachable=True), PersonFactory(with_email=True)
    version = drawn()
    step(version, "mail", otherwise="leave")
    step(version, "add_tag", tag=tag().pk)
    published(version)
    happens(willing)
    happens(other)
    run()
    assert list(Message.objects.values_list("person", flat=True)) == [willing.pk]
    assert Batch.objects.get().about_kind == "journeys.step"
    assert (where(willing)[0], carries(willing)) == ("done", True)
    assert (where(other), carries(other)) == (("left", 1, "unreachable"), False)


def test_who_cannot_be_written_to_goes_on_where_the_step_says_so() -> None:
    other, version = PersonFactory(), drawn()
    step(version, "mail", otherwise="go_on")
    step(version, "add_tag", tag=tag().pk)
    published(version)
    happens(other)
    run()
    assert (where(other)[0], carries(other), Batch.objects.count()) == ("done", True, 0)


def test_who_withdraws_while_waiting_gets_no_letter() -> None:
    person, version = PersonFactory(reachable=True), drawn()
    wait(version, 3)
    step(version, "mail", otherwise="leave")
    published(version)
    happens(person)
    run()
    withdraw(person)
    run(days=4)
    assert (Message.objects.count(), where(person)[2]) == (0, "unreachable")


def test_whose_data_is_restricted_meanwhile_leaves_at_once() -> None:
    person, version = PersonFactory(), drawn()
    wait(version, 30)
    step(version, "add_tag", tag=tag().pk)
    published(version)
    happens(person)
    run()
    Person.objects.filter(pk=person.pk).update(restricted_at=clock.now())
    run(minutes=1)
    assert where(person)[::2] == ("left", "restricted")


def test_a_condition_sends_each_its_own_way_and_the_ways_meet_again() -> None:
    version = drawn()
    asked = step(version, "condition", tree=tree(rule("tag", tag=tag("Bénévole").pk)))
    step(version, "add_tag", Place(parent=asked.key, branch="yes"), tag=tag("Oui").pk)
    step(version, "add_tag", Place(parent=asked.key, branch="no"), tag=tag("Non").pk)
    step(version, "add_tag", tag=tag().pk)
    published(version)
    yes, no = PersonFactory(), PersonFactory()
    Tagging.objects.create(person=yes, tag=tag("Bénévole"), source="tests")
    happens(yes)
    happens(no)
    run()
    assert [carries(yes, name) for name in ("Oui", "Non", "Accueilli")] == [True, False, True]
    assert [carries(no, name) for name in ("Oui", "Non", "Accueilli")] == [False, True, True]


def test_a_step_that_says_so_ends_it() -> None:
    person, version = PersonFactory(), drawn()
    asked = step(version, "condition", tree=tree(rule("tag", tag=tag("Bénévole").pk)))
    step(version, "leave", Place(parent=asked.key, branch="no"))
    step(version, "add_tag", tag=tag().pk)
    published(version)
    happens(person)
    run()
    assert (where(person)[::2], carries(person)) == (("left", "step"), False)


def test_whoever_reached_the_goal_leaves_before_the_next_step() -> None:
    version = drawn(goal=tree(rule("tag", tag=tag("Membre").pk)))
    wait(version, 3)
    step(version, "add_tag", tag=tag().pk)
    published(version)
    arrived, other = PersonFactory(), PersonFactory()
    happens(arrived)
    happens(other)
    run()
    Tagging.objects.create(person=arrived, tag=tag("Membre"), source="tests")
    run(days=4)
    assert (where(arrived)[::2], carries(arrived)) == (("left", "goal"), False)
    assert (where(other)[0], carries(other)) == ("done", True)


def test_letters_wait_for_the_end_of_the_quiet_hours_and_tags_do_not() -> None:
    person, version = PersonFactory(reachable=True), drawn(quiet_from=21, quiet_until=8)
    step(version, "add_tag", tag=tag().pk)
    step(version, "mail", otherwise="leave")
    published(version)
    happens(person)
    night = NOON.replace(hour=23)
    run(night)
    assert (carries(person), Message.objects.count()) == (True, 0)
    run(night + timedelta(hours=8))
    assert Message.objects.count() == 0
    run(night + timedelta(hours=9, minutes=1))
    assert Message.objects.count() == 1


def test_a_task_is_given_about_each_person_to_who_sees_all_of_france() -> None:
    director, local = UserFactory(role=Role.DIRECTOR), UserFactory(role=Role.LOCAL_LEAD, departement="35")
    version = drawn()
    step(version, "task", title="Appeler", days=2, assignee=director.pk)
    assert local.pk != director.pk
    published(version)
    people = PersonFactory.create_batch(3)
    for person in people:
        happens(person)
    run()
    assert set(Task.objects.values_list("person", "assignee", "title")) == {
        (person.pk, director.pk, "Appeler") for person in people
    }


def test_a_task_for_who_does_not_see_everybody_is_a_fault() -> None:
    local, version = UserFactory(role=Role.LOCAL_LEAD, departement="35"), drawn()
    step(version, "task", title="Appeler", days=2, assignee=local.pk)
    with pytest.raises(publishing.Faulty, match=r"\w"):
        published(version)


def test_a_step_of_a_path_takes_in_leads_on_and_never_back() -> None:
    path = PathFactory()
    first, second, _third = path.steps.all()
    fresh, behind, ahead = PersonFactory(), placed(path, 1).person, placed(path, 3).person
    version = drawn()
    step(version, "path", step=second.pk)
    published(version)
    for person in (fresh, behind, ahead):
        happens(person)
    run()
    at = dict(PathPlace.objects.under_way().values_list("person", "step__position"))
    assert at == {fresh.pk: 2, behind.pk: 2, ahead.pk: 3}
    moved = Passage.objects.filter(place__person=behind).latest("pk")
    assert (moved.act, moved.step_name, first.pk != second.pk) == ("moved", second.name, True)
    assert Interaction.objects.filter(person=behind, kind=Kind.STEPPED).count() == 2


def test_a_tag_is_taken_away() -> None:
    person, version = PersonFactory(), drawn()
    Tagging.objects.create(person=person, tag=tag(), source="tests")
    step(version, "remove_tag", tag=tag().pk)
    published(version)
    happens(person)
    run()
    assert not carries(person)
    assert Interaction.objects.filter(person=person, kind=Kind.UNTAGGED).count() == 1


def test_what_was_done_is_not_done_again_when_somebody_comes_by_a_second_time() -> None:
    person, version = PersonFactory(reachable=True), drawn()
    sent = step(version, "mail", otherwise="leave")
    published(version)
    happens(person)
    run()
    # As after a move to a version in which the same step comes later.
    Trip.objects.update(state="under_way", ended_at=None, due_at=clock.now())
    run(minutes=1)
    assert (Message.objects.count(), Mark.objects.filter(key=sent.key).count()) == (1, 1)


def test_a_step_that_cannot_be_done_stops_people_where_they_can_be_seen_and_let_go_on() -> None:
    person, version = PersonFactory(), drawn()
    step(version, "add_tag", tag=tag().pk)
    journey = published(version)
    tag().delete()
    happens(person)
    run()
    assert where(person) == ("failed", 1, "fault")
    assert Mark.objects.count() == 0
    Tag.objects.create(pk=Step.objects.get().said["tag"], name="De retour")
    assert publishing.try_again(journey, actor=SYSTEM) == 1
    run(minutes=1)
    assert (where(person)[0], carries(person, "De retour")) == ("done", True)


def test_whom_a_fault_stopped_goes_on_by_the_new_version_that_mends_it() -> None:
    person, version = PersonFactory(), drawn()
    given = step(version, "add_tag", tag=tag().pk)
    journey = published(version)
    tag().delete()
    happens(person)
    run()
    mended = designing.begin_version(journey, actor=SYSTEM)
    designing.change_step(mended.steps.get(key=given.key), {"tag": tag("Bienvenue").pk}, actor=SYSTEM)
    publishing.publish(mended, actor=SYSTEM)
    assert publishing.try_again(journey, actor=SYSTEM) == 1
    run(minutes=1)
    assert (where(person)[0], carries(person, "Bienvenue")) == ("done", True)


def test_people_are_counted_as_they_pass() -> None:
    version = drawn()
    first = wait(version, 1)
    step(version, "add_tag", tag=tag().pk)
    published(version)
    for person in PersonFactory.create_batch(5):
        happens(person)
    run()
    run(days=2)
    first.refresh_from_db()
    assert (first.passed, Trip.objects.filter(state="done").count()) == (5, 5)


def test_statements_do_not_grow_with_the_people(django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    version = drawn()
    step(version, "add_tag", tag=tag().pk)
    step(version, "mail", otherwise="leave")
    step(version, "task", title="Appeler", days=1)
    published(version)
    for person in PersonFactory.create_batch(50, reachable=True):
        happens(person)
    with django_assert_max_num_queries(130):
        run()
    assert (Message.objects.count(), Task.objects.count()) == (50, 50)


def test_portions_come_to_the_same_as_all_at_once() -> None:
    version = drawn()
    step(version, "add_tag", tag=tag().pk)
    journey = published(version)
    people = PersonFactory.create_batch(11)
    for person in people:
        happens(person)
    until = tasks.following.settle(actor=SYSTEM)
    tasks.lead(journey, until=until, portion=3)
    assert Tagging.objects.filter(tag=tag()).count() == 11
    assert leading.advance(Step.objects.select_related("version__journey").get(), actor=SYSTEM) == 0


def test_nobody_is_led_on_while_it_is_paused() -> None:
    person, version = PersonFactory(), drawn()
    wait(version, 1)
    step(version, "add_tag", tag=tag().pk)
    journey = published(version)
    happens(person)
    run()
    publishing.pause(journey, actor=SYSTEM)
    run(days=5)
    assert not carries(person)
    publishing.resume(journey, actor=SYSTEM)
    run(days=5)
    assert carries(person)


def test_an_erased_person_is_on_nothing_any_more() -> None:
    person, version = PersonFactory(reachable=True), drawn()
    step(version, "mail", otherwise="leave")
    wait(version, 5)
    step(version, "add_tag", tag=tag().pk)
    published(version)
    happens(person)
    run()
    rights.erase(person, actor=SYSTEM)
    run(days=6)
    assert (Trip.objects.count(), Mark.objects.count()) == (0, 0)
    assert Purpose.NEWSLETTER == "newsletter"


def test_a_tag_that_says_an_opinion_is_given_to_nobody_and_everybody_goes_on() -> None:
    person, version = PersonFactory(), drawn()
    made = step(version, "add_tag", tag=tag("Relais").pk)
    step(version, "add_tag", tag=tag().pk)
    published(version)
    Tag.objects.filter(name="Relais").update(name="Opposant")  # it was published before names were read
    happens(person)
    run()
    assert (carries(person, "Opposant"), carries(person), where(person)[0]) == (False, True, "done")
    assert not Interaction.objects.filter(person=person, kind=Kind.TAGGED, about_id=made.said["tag"]).exists()
    with translation.override("fr"):
        assert "à personne" in ACTIONS["add_tag"].sentence(made)
