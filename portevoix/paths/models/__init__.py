"""Paths, the places of people on them, and tasks."""

from portevoix.paths.models.places import Enrolment, Passage, Place, PlaceQuerySet
from portevoix.paths.models.plan import Path, Step
from portevoix.paths.models.tasks import Reminding, Task, TaskQuerySet

__all__ = [
    "Enrolment",
    "Passage",
    "Path",
    "Place",
    "PlaceQuerySet",
    "Reminding",
    "Step",
    "Task",
    "TaskQuerySet",
]
