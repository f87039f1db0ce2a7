"""What people are owed: their journeys and tasks are told, erased and merged, and parted again to the letter."""

from __future__ import annotations

from typing import Any

import pytest

from portevoix.paths.models import Passage, Place, Task
from portevoix.paths.services import walking
from portevoix.people.models import Person
from portevoix.rights import services
from portevoix.rights.selectors import everything_about
from portevoix.rights.services import merging
from portevoix.rights.types import as_rows
from tests.paths.factories import SYSTEM, PathFactory, TaskFactory, placed

pytestmark = pytest.mark.django_db


def record() -> dict[str, Any]:
    return {model.__name__: as_rows(model._default_manager.all()) for model in (Place, Passage, Task)}


def merge(kept: Person, absorbed: Person) -> Any:
    return merging.merge(kept.pk, absorbed.pk, actor=SYSTEM)


def test_a_person_is_told_their_journeys_their_steps_and_the_tasks_about_them() -> None:
    place = placed(PathFactory(name="Le chemin"))
    TaskFactory(person=place.person, title="Call", note="Likes tea")
    told = everything_about(place.person)
    assert told["paths.place"][0]["path__name"] == "Le chemin"
    assert told["paths.passage"][0]["step_name"] == "Sympathisant"
    assert (told["paths.task"][0]["title"], told["paths.task"][0]["note"]) == ("Call", "Likes tea")


def test_erasing_a_person_takes_their_journeys_and_the_tasks_about_them_and_nobody_elses() -> None:
    path = PathFactory()
    gone, other = placed(path), placed(path)
    TaskFactory(person=gone.person, note="Ill")
    kept = TaskFactory(person=other.person)
    touched = services.erase(gone.person, actor=SYSTEM)
    assert (touched["paths.task"], Place.objects.get(), Task.objects.get()) == (1, other, kept)
    assert set(Passage.objects.values_list("place", flat=True)) == {other.pk}


@pytest.mark.parametrize(("kept_at", "absorbed_at"), [(1, 3), (3, 1), (2, 2)])
def test_of_two_journeys_on_one_path_the_further_is_kept_with_the_history_of_both(
    kept_at: int, absorbed_at: int
) -> None:
    path = PathFactory()
    kept, absorbed = placed(path, kept_at), placed(path, absorbed_at)
    walking.arrive(placed(PathFactory(), person=absorbed.person), actor=SYSTEM)
    before = record()
    done = merge(kept.person, absorbed.person)
    place = Place.objects.under_way().get()
    assert (place.person_id, place.step.position) == (kept.person_id, max(kept_at, absorbed_at))
    assert place.passages.count() == 2
    assert Place.objects.count() == 2
    assert record() != before
    merging.undo_merge(done.pk, actor=SYSTEM)
    assert record() == before


def test_journeys_on_different_paths_and_tasks_go_along_and_come_back() -> None:
    kept, absorbed = placed(PathFactory()), placed(PathFactory())
    TaskFactory(person=absorbed.person)
    before = record()
    done = merge(kept.person, absorbed.person)
    assert kept.person.places.count() == 2
    assert kept.person.tasks.count() == 1
    merging.undo_merge(done.pk, actor=SYSTEM)
    assert record() == before


def test_a_journey_moved_since_the_merge_stays_moved_when_it_is_undone() -> None:
    path = PathFactory()
    kept, absorbed = placed(path, 1), placed(path, 2)
    done = merge(kept.person, absorbed.person)
    walking.move(Place.objects.get(), path.steps.all()[2], actor=SYSTEM)
    merging.undo_merge(done.pk, actor=SYSTEM)
    assert Place.objects.get(person=kept.person_id).step.position == 1
    assert Place.objects.get(person=absorbed.person_id).step.position == 3


def test_a_step_removed_since_the_merge_does_not_keep_it_from_being_undone() -> None:
    path = PathFactory()
    kept, absorbed = placed(path, 1), placed(path, 2)
    done = merge(kept.person, absorbed.person)
    path.steps.filter(position=1).delete()
    merging.undo_merge(done.pk, actor=SYSTEM)
    assert Place.objects.get().person_id == absorbed.person_id
    assert Person.objects.count() == 2
