"""What a person's record shows of paths and tasks; whom a segment would put on a path."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from portevoix.accounts.types import Actor
from portevoix.paths.models import Enrolment, Path, Place, Task
from portevoix.people.models import Person, PersonQuerySet
from portevoix.segments import selectors as segments
from portevoix.segments.models import Segment

#: Journeys and tasks shown on a record.
SHOWN = 20


def journeys(person: Person) -> list[Place]:
    """Return a person's journeys, those under way first."""
    places = person.places.select_related("path", "step", "point_person").order_by("ended_at", "-began_at")[:SHOWN]
    return sorted(places, key=lambda place: not place.is_under_way)


def tasks_about(person: Person) -> list[Task]:
    """Return the open tasks about a person, what is due first."""
    return list(person.tasks.open().select_related("assignee").soonest_first()[:SHOWN])


def to_enrol(segment: Segment, path: Path, actor: Actor) -> PersonQuerySet:
    """Return whom a segment finds, of those whom ``actor`` may see, without those on the path. Raises InvalidTree.

    Whoever had their data restricted is led nowhere (RGPD art. 18).
    """
    on_it = Place.objects.under_way().filter(person=OuterRef("pk"), path=path)
    return segments.people_of(segment, actor).unrestricted().filter(~Exists(on_it))


def found_by(segment: Segment, actor: Actor) -> int:
    """Return how many a segment finds among those whom ``actor`` may see. Raises InvalidTree."""
    return segments.people_of(segment, actor).count()


def enrolments(path: Path, actor: Actor) -> QuerySet[Enrolment]:
    """Return the last puttings of many on a path: those over all of France see all, the others their own."""
    found = Enrolment.objects.filter(path=path)
    if actor.departements is not None:
        found = found.filter(asked_by=int(actor.ident))
    return found
