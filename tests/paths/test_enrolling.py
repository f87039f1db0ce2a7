"""Many put on a path at once: by one statement, told to each, passed over where they are, and taken out again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.models import Mandate, User
from portevoix.accounts.types import Role, Staff
from portevoix.kernel import clock
from portevoix.paths import selectors
from portevoix.paths.exceptions import NotPossible
from portevoix.paths.models import Enrolment, Passage, Path, Place
from portevoix.paths.services import enrolling, walking
from portevoix.paths.tasks import advance_enrolment
from portevoix.paths.types import Act, Putting, State
from portevoix.people import interactions
from portevoix.people.models import Interaction, Person, PersonRole
from portevoix.people.services.writing import correct_role
from portevoix.people.types import Kind, RoleKind
from portevoix.segments.models import Segment
from tests.accounts.factories import UserFactory, signed_in, staff
from tests.kernel.worker import run_the_worker
from tests.paths.factories import SYSTEM, PathFactory, placed
from tests.people.factories import PersonFactory
from tests.segments.factories import SegmentFactory, rule, tree

pytestmark = pytest.mark.django_db
MANY = 20_000


def enrol(segment: Segment, path: Path, expected: int = 1, **more):  # type: ignore[no-untyped-def]
    return enrolling.enrol(segment, path.steps.all()[0], expected=expected, **{"actor": SYSTEM, **more})


def crowd(number: int) -> None:
    Person.objects.bulk_create(Person(last_name=f"N{one}", source="tests") for one in range(number))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE people_person")  # as the database does by itself, once a transaction is over


def test_whom_a_segment_finds_is_put_on_the_path_without_those_who_are_on_it() -> None:
    path, segment = PathFactory(), SegmentFactory()
    on_it = placed(path, 2)
    ended = placed(path, 1)
    walking.arrive(ended, actor=SYSTEM)
    newcomer, _restricted = PersonFactory(), PersonFactory(restricted_at=clock.now())
    assert selectors.to_enrol(segment, path, SYSTEM).count() == 2
    done = enrol(segment, path)
    assert (done.state, done.count) == (Putting.DONE, 2)
    under_way = Place.objects.under_way()
    assert set(under_way.values_list("person", flat=True)) == {on_it.person_id, newcomer.pk, ended.person_id}
    on_it.refresh_from_db()
    assert (on_it.step.name, on_it.enrolment) == ("Bénévole", None)


def test_each_reads_it_on_their_timeline_and_in_the_history_and_gets_the_role_once() -> None:
    path, segment = PathFactory(), SegmentFactory()
    path.steps.filter(position=1).update(role=RoleKind.SUPPORTER)
    new, held = PersonFactory.create_batch(2)
    PersonRole.objects.create(person=held, kind=RoleKind.SUPPORTER, source="tests")
    lead = staff(Role.ORGANISER)
    enrol(segment, path, actor=lead)
    for person in (new, held):
        assert person.roles.count() == 1
        told = Interaction.objects.get(person=person, kind=Kind.STEPPED)
        assert (told.source, told.by) == (f"{path.name} : Sympathisant", lead.label)
    assert set(Passage.objects.values_list("act", "step_name")) == {(Act.JOINED, "Sympathisant")}
    assert Place.objects.get(person=new).due_on == clock.today() + timedelta(days=14)


def test_undoing_takes_the_role_back_that_the_act_gave_and_that_nothing_else_gave_since() -> None:
    path, beside, segment = PathFactory(), PathFactory(), SegmentFactory()
    path.steps.filter(position=1).update(role=RoleKind.SUPPORTER)
    beside.steps.filter(position=1).update(role=RoleKind.SUPPORTER)
    names = ("new", "held", "given_again", "corrected", "elsewhere")
    people = dict(zip(names, PersonFactory.create_batch(5), strict=True))
    PersonRole.objects.create(person=people["held"], kind=RoleKind.SUPPORTER, source="tests")
    done = enrol(segment, path)
    assert PersonRole.objects.count() == 5
    with clock.stopped_at(clock.now() + timedelta(minutes=1)):
        role = people["corrected"].roles.get()
        correct_role(role, {"until": clock.today()}, seen={"until": None}, actor=SYSTEM)
        interactions.record(people["given_again"], Kind.PLAYED, source="staff", detail={"role": RoleKind.SUPPORTER})
        walking.join(people["elsewhere"], beside.steps.all()[0], actor=SYSTEM)
        enrolling.undo(done, actor=SYSTEM)
    assert not Place.objects.filter(path=path).exists()
    assert set(PersonRole.objects.values_list("person", flat=True)) == {
        people[name].pk for name in names if name != "new"
    }
    told = Interaction.objects.filter(person=people["new"], kind=Kind.PLAYED).order_by("at")
    assert [line.detail for line in told] == [{"role": "supporter"}, {"removed": "supporter"}]


def test_twenty_thousand_are_put_on_a_path_by_one_statement_and_taken_out_by_one() -> None:
    crowd(MANY)
    path, segment = PathFactory(), SegmentFactory()
    asked = enrol(segment, path, expected=MANY)
    assert (asked.count, asked.state) == (0, Putting.UNDER_WAY)  # the worker's
    with CaptureQueriesContext(connection) as queries:
        done = enrolling.advance(asked.pk, portion=MANY + 1, actor=SYSTEM)
    assert (done.count, done.state) == (MANY, Putting.DONE)
    assert len([one for one in queries if "paths_place" in one["sql"] and "INSERT" in one["sql"]]) == 1
    assert len(queries) < 12
    assert Place.objects.count() == Passage.objects.count() == MANY
    assert Interaction.objects.filter(kind=Kind.STEPPED).count() == MANY
    moved = Place.objects.order_by("pk")[0]
    walking.move(moved, path.steps.all()[1], actor=SYSTEM)
    enrolling.undo(done, actor=SYSTEM)
    with CaptureQueriesContext(connection) as queries:
        done = enrolling.advance(asked.pk, portion=MANY + 1, actor=SYSTEM)
    assert len([one for one in queries if "DELETE" in one["sql"]]) == 1
    assert (done.state, done.taken_back) == (Putting.UNDONE, MANY - 1)
    assert Place.objects.get() == moved
    assert Passage.objects.count() == 2


def test_work_cut_short_goes_on_where_it_was_and_puts_nobody_twice() -> None:
    crowd(25)
    path, segment = PathFactory(), SegmentFactory()
    asked = enrol(segment, path, expected=10_000)
    for _portion in range(2):
        enrolling.advance(asked.pk, portion=10, actor=SYSTEM)
    assert Place.objects.count() == 20
    advance_enrolment(asked.pk)
    advance_enrolment(asked.pk)
    asked.refresh_from_db()
    assert (asked.count, asked.state, Place.objects.count()) == (25, Putting.DONE, 25)


@pytest.mark.django_db(transaction=True)
def test_the_worker_does_what_a_screen_does_not_wait_for() -> None:
    crowd(5)
    asked = enrol(SegmentFactory(), PathFactory(), expected=enrolling.AT_ONCE + 1)
    run_the_worker()
    asked.refresh_from_db()
    assert (asked.count, asked.state) == (5, Putting.DONE)


def test_a_local_lead_puts_and_takes_out_their_own_people_only() -> None:
    near, far = PersonFactory(in_rennes=True), PersonFactory(in_brest=True)
    path, segment, lead = PathFactory(), SegmentFactory(), staff(Role.LOCAL_LEAD, "35")
    done = enrol(segment, path, actor=lead)
    assert list(Place.objects.values_list("person", flat=True)) == [near.pk]
    everywhere = enrol(segment, path)
    assert Place.objects.filter(person=far).exists()
    with pytest.raises(NotPossible):
        enrolling.undo(everywhere, actor=lead)
    with pytest.raises(NotPossible):
        enrolling.undo(done, actor=staff(Role.LOCAL_LEAD, "29"))
    enrolling.undo(done, actor=lead)
    assert list(Place.objects.values_list("person", flat=True)) == [far.pk]


def test_a_mandate_that_ends_meanwhile_ends_the_work() -> None:
    crowd(3)
    lead = staff(Role.ORGANISER)
    asked = enrol(SegmentFactory(), PathFactory(), expected=10_000, actor=lead)
    Mandate.objects.filter(user=int(lead.ident)).delete()
    assert enrolling.advance(asked.pk, actor=SYSTEM).state == Putting.DONE
    assert not Place.objects.exists()


def test_a_segment_that_goes_or_a_path_put_away_meanwhile_stops_the_work() -> None:
    crowd(3)
    segment, path = SegmentFactory(), PathFactory()
    gone, shelved = enrol(segment, path, expected=10_000), enrol(segment, path, expected=10_000)
    Segment.objects.all().delete()
    assert enrolling.advance(gone.pk, actor=SYSTEM).state == Putting.STOPPED
    Path.objects.update(shelved_at=clock.now())
    assert enrolling.advance(shelved.pk, actor=SYSTEM).state == Putting.STOPPED
    assert not Place.objects.exists()


def test_undoing_leaves_whoever_was_touched_since_and_is_done_once() -> None:
    path, segment = PathFactory(), SegmentFactory()
    moved, followed, left, untouched = PersonFactory.create_batch(4)
    done = enrol(segment, path)
    place = {one.person_id: one for one in Place.objects.all()}
    walking.move(place[moved.pk], path.steps.all()[1], actor=SYSTEM)
    walking.follow(place[followed.pk], point_person=UserFactory(), due_on=None, actor=SYSTEM)
    walking.leave(place[left.pk], reason="x", actor=SYSTEM)
    undone = enrolling.undo(done, actor=SYSTEM)
    assert (undone.state, undone.taken_back) == (Putting.UNDONE, 1)
    assert not Place.objects.filter(person=untouched).exists()
    assert Place.objects.count() == 3
    told = Interaction.objects.filter(person=untouched, kind=Kind.STEPPED)
    assert [one.detail["act"] for one in told.order_by("pk")] == ["joined", "taken_back"]
    with pytest.raises(NotPossible):
        enrolling.undo(done, actor=SYSTEM)


def test_the_point_person_of_many_sees_all_of_them() -> None:
    PersonFactory(in_rennes=True)
    path, segment = PathFactory(), SegmentFactory()
    lead = UserFactory(role=Role.LOCAL_LEAD, departement="35")
    with pytest.raises(NotPossible):
        enrol(segment, path, point_person=lead)
    enrol(segment, path, point_person=lead, actor=Staff(lead))
    assert Place.objects.get().point_person == lead


def test_who_only_reads_puts_nobody_on_a_path() -> None:
    with pytest.raises(NotAllowed):
        enrol(SegmentFactory(), PathFactory(), actor=staff(Role.READER))


def test_the_screen_counts_first_confirms_then_tells_and_undoes() -> None:
    browser, path = signed_in(), PathFactory()
    segment = SegmentFactory(name="<b>Bretagne</b>", tree=tree(rule("known_within", days=30)))
    PersonFactory.create_batch(2)
    placed(path)
    said = {"segment": segment.pk, "step": path.steps.first().pk}
    address = f"/gestion/parcours/{path.pk}/segment/"
    page = browser.post(address, {**said, "act": "count"}).content.decode()
    assert 'name="expected" value="2"' in page
    assert not Enrolment.objects.exists()
    answer = browser.post(address, {**said, "act": "confirm", "expected": 2})
    done = Enrolment.objects.get()
    assert answer["Location"] == f"/gestion/parcours/groupes/{done.pk}/"
    page = browser.get(answer["Location"]).content.decode()
    assert "<b>Bretagne" not in page
    assert browser.get(f"/gestion/parcours/groupes/{done.pk}/avancement/").status_code == 200
    browser.post(f"/gestion/parcours/groupes/{done.pk}/annuler/")
    assert Place.objects.filter(state=State.UNDER_WAY).count() == 1


def test_what_somebody_of_another_territory_did_is_not_shown() -> None:
    PersonFactory(in_brest=True)
    done = enrol(SegmentFactory(), PathFactory(), actor=staff(Role.LOCAL_LEAD, "29"))
    assert signed_in(Role.LOCAL_LEAD, "35").get(f"/gestion/parcours/groupes/{done.pk}/").status_code == 404
    assert signed_in().get(f"/gestion/parcours/groupes/{done.pk}/").status_code == 200
    assert User.objects.count() == 3
