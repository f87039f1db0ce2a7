"""One person's journey: each change is told once, nothing is overwritten, nobody outside the territory is touched."""

from __future__ import annotations

import threading
from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.types import Role, System, Visitor
from portevoix.journal.models import Entry
from portevoix.kernel import clock
from portevoix.paths.exceptions import MovedMeanwhile, NotPossible, OnThePath
from portevoix.paths.models import Path, Place
from portevoix.paths.services import walking
from portevoix.paths.types import State
from portevoix.people.exceptions import OutOfSight, Restricted
from portevoix.people.models import Interaction, Person, PersonRole
from portevoix.people.types import Kind, RoleKind
from tests.accounts.factories import UserFactory, signed_in, staff
from tests.paths.factories import PathFactory, placed
from tests.people.factories import PersonFactory

pytestmark = pytest.mark.django_db
SYSTEM = System("tests")


def step(path: Path, number: int):  # type: ignore[no-untyped-def]
    return path.steps.all()[number - 1]


def test_a_person_put_on_a_path_is_due_after_the_usual_days_and_it_is_told_everywhere() -> None:
    path, person, lead = PathFactory(), PersonFactory(in_rennes=True), staff(Role.LOCAL_LEAD, "35")
    with clock.stopped_at(datetime(2027, 10, 20, 12, tzinfo=clock.PARIS)):
        place = walking.join(person, step(path, 1), actor=lead)
    assert place.due_on == date(2027, 11, 3)
    told = Interaction.objects.get(person=person, kind=Kind.STEPPED)
    assert (told.source, told.by) == (f"{path.name} : Sympathisant", lead.label)
    assert [(line.act, line.step_name, line.by) for line in place.passages.all()] == [
        ("joined", "Sympathisant", lead.label)
    ]
    line = Entry.objects.get(command="paths.join")
    assert (line.count, person.last_name in str(line.detail)) == (1, False)


def test_moving_tells_history_timeline_and_journal_once() -> None:
    place = placed(PathFactory())
    assert walking.move(place, step(place.path, 2), seen=0, actor=SYSTEM)
    place.refresh_from_db()
    assert (place.step.name, place.version) == ("Bénévole", 1)
    assert place.passages.count() == 2
    assert Interaction.objects.filter(person=place.person, kind=Kind.STEPPED).count() == 2
    assert Entry.objects.filter(command="paths.move").count() == 1


def test_moving_to_where_somebody_stands_already_changes_nothing() -> None:
    place = placed(PathFactory())
    assert not walking.move(place, step(place.path, 1), seen=99, actor=SYSTEM)
    assert place.passages.count() == 1


def test_whoever_moves_an_old_card_is_told_where_it_is_now_and_overwrites_nothing() -> None:
    place = placed(PathFactory())
    walking.move(place, step(place.path, 2), seen=0, actor=SYSTEM)
    with pytest.raises(MovedMeanwhile) as told:
        walking.move(place, step(place.path, 3), seen=0, actor=SYSTEM)
    assert told.value.now == "Bénévole"
    with pytest.raises(MovedMeanwhile):
        walking.arrive(place, seen=0, actor=SYSTEM)
    with pytest.raises(MovedMeanwhile):
        walking.follow(place, point_person=None, due_on=date(2028, 1, 1), seen=0, actor=SYSTEM)
    place.refresh_from_db()
    assert (place.step.name, place.state) == ("Bénévole", State.UNDER_WAY)


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_move_one_card_at_once_one_is_told() -> None:
    place = placed(PathFactory())
    start, outcomes = threading.Barrier(2), []

    def act(number: int) -> None:
        start.wait()
        try:
            walking.move(Place.objects.get(pk=place.pk), step(place.path, number), seen=0, actor=SYSTEM)
            outcomes.append("moved")
        except MovedMeanwhile:
            outcomes.append("told")
        finally:
            connection.close()

    hands = [threading.Thread(target=act, args=(number,)) for number in (2, 3)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert sorted(outcomes) == ["moved", "told"]
    assert place.passages.count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_put_one_person_on_a_path_at_once_one_is_told() -> None:
    path, person = PathFactory(), PersonFactory()
    start, outcomes = threading.Barrier(2), []

    def act() -> None:
        start.wait()
        try:
            walking.join(person, step(path, 1), actor=SYSTEM)
            outcomes.append("put")
        except OnThePath:
            outcomes.append("told")
        finally:
            connection.close()

    hands = [threading.Thread(target=act) for _one in range(2)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert sorted(outcomes) == ["put", "told"]


def test_the_database_holds_one_live_place_a_person_and_path() -> None:
    place = placed(PathFactory())
    with pytest.raises(IntegrityError, match="one_live_place_a_path"), transaction.atomic():
        Place.objects.create(person=place.person, path=place.path, step=place.step)


def test_the_database_refuses_a_step_of_another_path() -> None:
    place, other = placed(PathFactory()), PathFactory()
    with pytest.raises(IntegrityError, match="place_on_its_path"), transaction.atomic():
        Place.objects.filter(pk=place.pk).update(step=step(other, 1))
    with pytest.raises(NotPossible):
        walking.move(place, step(other, 1), actor=SYSTEM)


@pytest.mark.parametrize("broken", [{"state": State.LEFT}, {"state": State.REACHED}, {"reason": "x"}])
def test_the_database_refuses_an_end_without_its_day_or_its_reason(broken: dict[str, str]) -> None:
    place = placed(PathFactory())
    with pytest.raises(IntegrityError), transaction.atomic():
        Place.objects.filter(pk=place.pk).update(**broken)


def test_a_journey_ends_by_reaching_the_end_or_by_leaving_with_a_reason() -> None:
    path = PathFactory()
    arrived, gone = placed(path, 3), placed(path, 2)
    walking.arrive(arrived, actor=SYSTEM)
    with pytest.raises(NotPossible):
        walking.leave(gone, reason="  ", actor=SYSTEM)
    walking.leave(gone, reason="Moved to another country", actor=SYSTEM)
    with pytest.raises(NotPossible):
        walking.follow(gone, point_person=None, due_on=date(2028, 1, 1), actor=SYSTEM)
    arrived.refresh_from_db()
    gone.refresh_from_db()
    assert (arrived.state, gone.state, gone.reason) == (State.REACHED, State.LEFT, "Moved to another country")
    assert walking.move(gone, step(path, 1), actor=SYSTEM)
    gone.refresh_from_db()
    assert (gone.state, gone.reason, gone.ended_at) == (State.UNDER_WAY, "", None)


def test_an_ended_journey_is_not_taken_up_beside_another() -> None:
    path = PathFactory()
    place = placed(path)
    walking.arrive(place, actor=SYSTEM)
    placed(path, person=place.person)
    with pytest.raises(OnThePath):
        walking.move(place, step(path, 1), actor=SYSTEM)


def test_a_person_of_another_departement_is_out_of_sight_for_every_act() -> None:
    path, lead = PathFactory(), staff(Role.LOCAL_LEAD, "35")
    place = placed(path, in_brest=True)
    for act in (
        lambda: walking.join(PersonFactory(in_brest=True), step(path, 1), actor=lead),
        lambda: walking.move(place, step(path, 2), actor=lead),
        lambda: walking.arrive(place, actor=lead),
        lambda: walking.leave(place, reason="x", actor=lead),
        lambda: walking.follow(place, point_person=None, due_on=None, actor=lead),
    ):
        with pytest.raises(OutOfSight):
            act()
    place.refresh_from_db()
    assert place.version == 0


@pytest.mark.parametrize("role", [Role.READER, Role.COMMUNICATIONS, Role.TREASURER, Role.DATA_OFFICER])
def test_who_does_not_lead_moves_nobody(role: Role) -> None:
    place = placed(PathFactory())
    with pytest.raises(NotAllowed):
        walking.move(place, step(place.path, 2), actor=staff(role))
    with pytest.raises(NotAllowed):
        walking.join(PersonFactory(), step(place.path, 1), actor=Visitor())


def test_a_point_person_is_active_and_may_see_the_person() -> None:
    place = placed(PathFactory(), in_brest=True)
    near, far = UserFactory(role=Role.LOCAL_LEAD, departement="29"), UserFactory(role=Role.LOCAL_LEAD, departement="35")
    gone, nobody = UserFactory(is_active=False), UserFactory(mandate=None)
    for user in (far, gone, nobody):
        with pytest.raises(NotPossible):
            walking.follow(place, point_person=user, due_on=None, actor=SYSTEM)
    assert walking.follow(place, point_person=near, due_on=date(2028, 2, 1), actor=SYSTEM)
    place.refresh_from_db()
    assert (place.point_person, place.due_on) == (near, date(2028, 2, 1))


def test_somebody_whose_commune_is_not_known_is_followed_from_all_of_france_only() -> None:
    place = placed(PathFactory())
    lead = UserFactory(role=Role.LOCAL_LEAD, departement="29")
    with pytest.raises(NotPossible):
        walking.follow(place, point_person=lead, due_on=None, actor=SYSTEM)
    assert walking.follow(place, point_person=UserFactory(), due_on=None, actor=SYSTEM)


def test_reaching_a_step_gives_its_role_once() -> None:
    path, person = PathFactory(), PersonFactory()
    path.steps.filter(position=2).update(role=RoleKind.VOLUNTEER)
    place = placed(path, person=person)
    assert not PersonRole.objects.exists()
    walking.move(place, step(path, 2), actor=SYSTEM)
    walking.move(place, step(path, 1), actor=SYSTEM)
    walking.move(place, step(path, 2), actor=SYSTEM)
    role = PersonRole.objects.get(person=person)
    assert (role.kind, role.since) == (RoleKind.VOLUNTEER, clock.today())


def test_a_step_due_over_the_change_of_the_clock_is_late_from_midnight_of_paris() -> None:
    path = PathFactory()
    path.steps.update(days=1)
    with clock.stopped_at(datetime(2027, 10, 30, 23, 30, tzinfo=clock.PARIS)):
        place = placed(path)
    assert place.due_on == date(2027, 10, 31)  # a day of twenty-five hours
    with clock.stopped_at(datetime(2027, 10, 31, 23, 59, tzinfo=clock.PARIS)):
        assert not place.is_late
        assert not Place.objects.late().exists()
    with clock.stopped_at(datetime(2027, 11, 1, 0, 0, tzinfo=clock.PARIS)):
        assert (place.is_late, place.days_late, Place.objects.late().count()) == (True, 1, 1)


def test_a_path_put_away_takes_nobody_more_and_loses_nobody() -> None:
    place = placed(PathFactory())
    Path.objects.update(shelved_at=clock.now() - timedelta(days=1))
    with pytest.raises(NotPossible):
        placed(place.path)
    assert walking.move(place, step(place.path, 2), actor=SYSTEM)


def test_nobody_is_put_at_a_step_that_was_removed_meanwhile() -> None:
    path = PathFactory()
    stale = step(path, 2)
    path.steps.filter(pk=stale.pk).delete()
    with pytest.raises(NotPossible):
        walking.join(PersonFactory(), stale, actor=SYSTEM)


def test_nobody_is_moved_to_a_step_that_was_removed_meanwhile() -> None:
    path = PathFactory()
    place, gone = placed(path, 1), step(path, 2)
    path.steps.filter(pk=gone.pk).delete()
    with pytest.raises(NotPossible, match="n’existe plus"):
        walking.move(place, gone, actor=SYSTEM)


def test_whose_data_is_restricted_is_led_nowhere_and_the_reason_is_said() -> None:
    path = PathFactory()
    place, stranger = placed(path, 1), PersonFactory(restricted_at=clock.now())
    Person.objects.filter(pk=place.person_id).update(restricted_at=clock.now())
    with pytest.raises(NotPossible, match="limitées"):
        walking.move(place, step(path, 2), actor=SYSTEM)
    with pytest.raises(NotPossible, match="limitées"):
        walking.join(stranger, step(path, 1), actor=SYSTEM)


def test_somebody_erased_meanwhile_is_out_of_sight() -> None:
    place = placed(PathFactory())
    Person.objects.filter(pk=place.person_id).delete()
    with pytest.raises((OutOfSight, MovedMeanwhile)):
        walking.move(place, step(place.path, 2), actor=staff())


def of_somebody_kept_only(path: Path) -> Place:
    place = placed(path, 1)
    Person.objects.filter(pk=place.person_id).update(restricted_at=clock.now())
    return place


def test_nothing_is_changed_on_the_journey_of_whose_data_is_only_kept() -> None:
    place, lead = of_somebody_kept_only(PathFactory()), staff(Role.ORGANISER)
    before = Place.objects.values().get(pk=place.pk)
    for act in (
        lambda: walking.arrive(place, actor=lead),
        lambda: walking.leave(place, reason="Déménagement", actor=lead),
        lambda: walking.follow(place, point_person=None, due_on=date(2028, 1, 1), actor=lead),
        lambda: walking.move(place, step(place.path, 2), actor=lead),
    ):
        with pytest.raises(Restricted, match="limitées"):
            act()
    assert Place.objects.values().get(pk=place.pk) == before
    assert walking.leave(place, reason="À sa demande", actor=staff(Role.DIRECTOR)), "who answers for it may"


def test_the_screen_says_why_nothing_was_changed() -> None:
    place = of_somebody_kept_only(PathFactory())
    browser = signed_in(Role.ORGANISER)
    said = {"reason": "Déménagement", "seen": place.version}
    page = browser.post(f"/gestion/parcours/places/{place.pk}/quitter/", said, follow=True)
    assert "limitées" in page.content.decode()
    place.refresh_from_db()
    assert place.is_under_way
