"""Which people a segment finds: always one statement, always within the territory of who asks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled

from portevoix.accounts.types import Actor
from portevoix.people.models import Person, PersonQuerySet
from portevoix.rights import gate
from portevoix.rights.purposes import Channel, Purpose
from portevoix.segments import rules
from portevoix.segments.exceptions import InvalidTree
from portevoix.segments.models import Segment
from portevoix.segments.types import Group, Names

#: What a screen waits for a count.
MOST_SECONDS = 20


@dataclass(frozen=True)
class Reach:
    """How many a question finds, and how many of them may lawfully be written to by e-mail."""

    count: int
    by_email: int


def people_who(question: Group, actor: Actor) -> PersonQuerySet:
    """Return whom a question finds, among those whom ``actor`` may see."""
    return Person.objects.visible_to(actor).filter(rules.condition(question))


def people_of(segment: Segment, actor: Actor) -> PersonQuerySet:
    """Return whom a segment finds now, among those whom ``actor`` may see. Raises InvalidTree."""
    return people_who(segment.question, actor)


def count(question: Group, actor: Actor) -> int:
    """Return how many people a question finds."""
    return people_who(question, actor).count()


def reach(question: Group, actor: Actor) -> Reach:
    """Return how many people a question finds, and how many the newsletter may go to."""
    people = people_who(question, actor)
    audience = gate.admit(people, purpose=Purpose.NEWSLETTER, channel=Channel.EMAIL)
    return Reach(people.count(), audience.count())


def reach_in_time(question: Group, actor: Actor, seconds: int = MOST_SECONDS) -> Reach | None:
    """Return what a question finds, or None when the database would look for longer than a reader waits."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{seconds}s"])
            found = reach(question, actor)
            cursor.execute("SELECT set_config('statement_timeout', '0', true)")
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            return None
        raise
    return found


def sentences(segments: Iterable[Segment]) -> dict[int, str]:
    """Return each segment in plain words, by id: as many queries as there are kinds of things they name."""
    names, questions, said = Names(), {}, {}
    for segment in segments:
        try:
            questions[segment.pk] = segment.question
        except InvalidTree as fault:
            said[segment.pk] = str(fault)
    names.read(criterion for question in questions.values() for criterion in question.criteria())
    return said | {pk: rules.sentence(question, names) for pk, question in questions.items()}
