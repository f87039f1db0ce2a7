"""Paths, places on them, tasks."""

from __future__ import annotations

from datetime import date
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from portevoix.accounts.types import System
from portevoix.paths.models import Path, Place, Step, Task
from portevoix.paths.services import walking
from portevoix.people.models import Person
from tests.people.factories import PersonFactory

SYSTEM = System("tests")


class PathFactory(DjangoModelFactory[Path]):
    """A path of three steps: supporter, volunteer, local lead."""

    class Meta:
        model = Path
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Path {n}")

    @factory.post_generation
    def steps(path: Path, create: bool, names: Any, **_more: Any) -> None:  # noqa: N805
        for position, name in enumerate(names or ("Sympathisant", "Bénévole", "Responsable"), 1):
            Step.objects.create(path=path, position=position, name=name, days=14)


class TaskFactory(DjangoModelFactory[Task]):
    class Meta:
        model = Task

    title = factory.Sequence(lambda n: f"Call back {n}")
    due_on = date(2028, 1, 10)
    created_at = factory.LazyFunction(timezone.now)


def placed(path: Path, number: int = 1, person: Person | None = None, **known: Any) -> Place:
    """Return the place of somebody put at a step of a path, told by its number."""
    step = path.steps.all()[number - 1]
    return walking.join(person or PersonFactory(**known), step, actor=SYSTEM)
