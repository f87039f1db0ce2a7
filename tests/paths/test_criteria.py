"""What segments may ask about paths and tasks, within one statement, and how it is said."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from portevoix.kernel import clock
from portevoix.paths.models import Place
from portevoix.paths.services import walking
from portevoix.people.models import Person
from portevoix.segments import rules, selectors
from portevoix.segments.models import Segment
from tests.accounts.factories import signed_in
from tests.paths.factories import SYSTEM, PathFactory, TaskFactory, placed
from tests.people.factories import PersonFactory
from tests.segments.factories import SegmentFactory, rule, tree

pytestmark = pytest.mark.django_db


def found(*parts: dict[str, Any], match: str = "all") -> set[Person]:
    return set(selectors.people_who(rules.read(tree(*parts, match=match)), SYSTEM))


def test_who_is_on_a_path_at_a_step_or_at_its_end_is_found() -> None:
    path, other = PathFactory(), PathFactory()
    first, second, arrived = placed(path, 1), placed(path, 2), placed(path, 3)
    walking.arrive(arrived, actor=SYSTEM)
    placed(other)
    stranger = PersonFactory()
    assert found(rule("on_path", path=path.pk)) == {first.person, second.person}
    assert found(rule("at_step", step=second.step_id)) == {second.person}
    assert found(rule("reached_end_of_path", path=path.pk)) == {arrived.person}
    assert stranger in found(rule("on_path", path=path.pk), match="none")


def test_who_is_late_is_late_from_midnight_of_paris() -> None:
    place = placed(PathFactory())
    late = rule("late_on_path", path=place.path_id)
    Place.objects.update(due_on="2027-10-30")
    with clock.stopped_at(datetime(2027, 10, 30, 23, 59, tzinfo=clock.PARIS)):
        assert found(late) == set()
    with clock.stopped_at(datetime(2027, 10, 31, 0, 1, tzinfo=clock.PARIS)):
        assert found(late) == {place.person}


def test_who_is_in_an_open_task_is_found() -> None:
    late, later, done = PersonFactory.create_batch(3)
    TaskFactory(person=late, due_on="2020-01-01")
    TaskFactory(person=later, due_on="2099-01-01")
    TaskFactory(person=done, done_at=clock.now())
    assert found(rule("open_task")) == {late, later}
    assert found(rule("open_task", is_late=True)) == {late}


def test_a_question_about_paths_is_said_in_words_also_when_the_path_is_gone() -> None:
    path = PathFactory(name="<i>Chemin</i>")
    parts = [rule("on_path", path=path.pk), rule("at_step", step=999_999), rule("open_task", is_late=True)]
    segment = SegmentFactory(tree=tree(*parts))
    said = selectors.sentences([segment])[segment.pk]
    assert "<i>Chemin</i>" in said
    page = signed_in().get(f"/gestion/segments/{segment.pk}/").content.decode()
    assert "<i>Chemin" not in page
    assert Segment.objects.count() == 1


def test_the_editor_offers_the_questions_about_paths() -> None:
    path = PathFactory()
    segment = SegmentFactory(tree=tree(rule("on_path", path=path.pk), rule("at_step", step=path.steps.first().pk)))
    page = signed_in().get(f"/gestion/segments/{segment.pk}/modifier/").content.decode()
    assert f"{path.name} : Sympathisant" in page


def test_whose_step_is_due_soon_is_found_by_the_day_and_the_late_are_not() -> None:
    path = PathFactory(name="Accueil")
    places = [placed(path) for _one in range(4)]
    with clock.stopped_at(datetime(2027, 10, 30, 23, 59, tzinfo=clock.PARIS)):
        for place, day in zip(places, ("2027-10-29", "2027-10-30", "2027-11-06", None), strict=True):
            Place.objects.filter(pk=place.pk).update(due_on=day)
        _late, today, soon, _undated = (place.person for place in places)
        assert found(rule("step_soon", path=path.pk, days=0)) == {today}
        assert found(rule("step_soon", path=path.pk, days=6)) == {today}
        assert found(rule("step_soon", path=path.pk, days=7)) == {today, soon}
        walking.arrive(places[1], actor=SYSTEM)
        assert found(rule("step_soon", path=path.pk, days=7)) == {soon}
    segment = SegmentFactory(tree=tree(rule("step_soon", path=path.pk, days=7)))
    said = selectors.sentences([segment])[segment.pk]
    assert said == "Les personnes qui ont une étape du parcours «\xa0Accueil\xa0» à faire d’ici 7 jours."
