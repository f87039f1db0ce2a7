"""Which people a segment finds: always one statement, always within the territory of who asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import reduce
from operator import or_
from typing import TypeVar

from django.db import OperationalError, connection, transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext
from psycopg.errors import QueryCanceled
from wagtail import hooks

from portevoix.accounts.types import Actor
from portevoix.people.models import Person, PersonQuerySet
from portevoix.rights import gate
from portevoix.rights.gate import Census
from portevoix.segments import rules
from portevoix.segments.exceptions import InvalidTree
from portevoix.segments.models import Segment, Snapshot
from portevoix.segments.selectors import asking
from portevoix.segments.types import ASKERS_HOOK, Group, Line, Match, Named, Names

T = TypeVar("T")

#: What a screen waits for a count.
MOST_SECONDS = 20
#: People shown as an example of whom a question finds.
SAMPLE = 10


def resolved(question: Group, *, of: Segment | None = None) -> Group:
    """Return a question with those of the segments that it names in their places, so that all is one statement.

    Reads the trees of the named ones, level by level. ``of`` is the segment that asks: it may not name itself by any
    way. Raises InvalidTree when segments go round in a circle, when one is gone, or is no question any more.
    """
    known: dict[int, tuple[str, Group]] = {}
    if of is not None and of.pk:
        known[of.pk] = (of.name, question)
    wanted = _named(question)
    while missing := wanted - known.keys():
        found = {one.pk: (one.name, one.question) for one in Segment.objects.filter(pk__in=missing)}
        if gone := missing - found.keys():
            raise InvalidTree(
                {
                    "": gettext("A segment that is named here does not exist any more (%(number)d).")
                    % {"number": min(gone)}
                }
            )
        known |= found
        wanted = set().union(*(_named(inner) for _name, inner in found.values()))
    return rules.resolved(question, known, (of.pk,) if of is not None and of.pk else ())


def leans_on_one_thing(those: Iterable[Segment]) -> bool:
    """Tell whether a segment asks for what was told for one thing alone. One that cannot be read leans on nothing."""
    try:
        questions = [resolved(one.question, of=one) for one in those]
    except InvalidTree:
        return False
    return any(criterion.leans_on_one_thing for question in questions for criterion in question.criteria())


def check_reader(question: Group, actor: Actor) -> None:
    """Refuse figures that ``actor`` may not be told. Raises InvalidTree."""
    people_who(question, actor, for_figures=True)


def check_editor(segment: Segment, actor: Actor) -> None:
    """Refuse that ``actor`` changes or copies a segment that asks what they may not ask. Raises NotToBeAsked.

    A segment that is no question any more is anybody's to mend.
    """
    try:
        question = segment.question
        whole = resolved(question, of=segment)
    except InvalidTree:
        return
    asking.check_writer(question, whole, actor)


def check_draft(question: Group, actor: Actor) -> None:
    """Refuse a question that ``actor`` may not write. Raises InvalidTree, also when it cannot be resolved."""
    asking.check_writer(question, resolved(question), actor)


def _named(question: Group) -> set[int]:
    return {one.segment for one in question.criteria() if isinstance(one, Named)}


def people_who(question: Group, actor: Actor, *, for_figures: bool = False) -> PersonQuerySet:
    """Return whom a question finds, among those whom ``actor`` may see. Raises InvalidTree.

    ``for_figures`` promises that they are counted and never told apart: without it, opinions are not asked about.
    """
    whole = resolved(question)
    seen = Person.objects.visible_to(asking.seen_by(whole, actor, for_figures=for_figures))
    return seen.filter(rules.condition(whole))


def people_of(segment: Segment, actor: Actor) -> PersonQuerySet:
    """Return whom a segment finds now, among those whom ``actor`` may see. Raises InvalidTree."""
    return people_who(segment.question, actor)


def people_of_some(included: Iterable[Segment], excluded: Iterable[Segment], actor: Actor) -> PersonQuerySet:
    """Return whom at least one of some segments finds and none of others, among those whom ``actor`` may see.

    One statement, whatever they ask. Raises InvalidTree. Without ``included`` it is nobody.
    """
    wanted = [resolved(one.question) for one in included]
    unwanted = [resolved(one.question) for one in excluded]
    whole = Group(Match.ALL, (*wanted, *unwanted))
    seen = Person.objects.visible_to(asking.seen_by(whole, actor, for_figures=False))
    conditions = [rules.condition(one) for one in wanted]
    denied = [rules.condition(one) for one in unwanted]
    # A condition that says nothing holds for everybody; Django's Q would leave it out of a sum.
    if not conditions or not all(denied):
        return seen.none()
    if all(conditions):
        seen = seen.filter(reduce(or_, conditions))
    return seen.filter(*(~one for one in denied))


def count(question: Group, actor: Actor) -> int:
    """Return how many people a question finds."""
    return people_who(question, actor, for_figures=True).count()


def sample(question: Group, actor: Actor) -> list[Person]:
    """Return some of those found, always the same ones: by their random references, so that none is preferred."""
    return list(people_who(question, actor).select_related("commune").order_by("ref")[:SAMPLE])


def reach(question: Group, actor: Actor) -> Census:
    """Return how many people a question finds, and how they stand on every way of reaching them: one statement."""
    return gate.census(people_who(question, actor, for_figures=True))


def reach_in_time(question: Group, actor: Actor, seconds: int = MOST_SECONDS) -> Census | None:
    """Return what ``reach`` does, or None when the database would look for longer than a reader waits."""
    return _in_time(lambda: reach(question, actor), seconds)


def census_in_time(find: Callable[[], QuerySet[Person]], seconds: int = MOST_SECONDS) -> Census | None:
    """Return how those found stand on every way, or None when the database would look for longer than a reader waits.

    ``find`` may itself ask the database, as a search does.
    """
    return _in_time(lambda: gate.census(find()), seconds)


def sample_in_time(question: Group, actor: Actor, seconds: int = MOST_SECONDS) -> list[Person]:
    """Return what ``sample`` does, or nobody when the database would look for longer than a reader waits."""
    return _in_time(lambda: sample(question, actor), seconds) or []


def _in_time(ask: Callable[[], T], seconds: int) -> T | None:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{seconds}s"])
            answer = ask()
            cursor.execute("SELECT set_config('statement_timeout', '0', true)")
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            return None
        raise
    return answer


def said(segment: Segment) -> list[Line]:
    """Return a segment line by line, when groups in groups make its sentence long; else nothing. Raises InvalidTree."""
    question = segment.question
    if not any(isinstance(part, Group) and len(part.parts) > 1 for part in question.parts):
        return []
    names = Names()
    names.read(question.criteria())
    return rules.outline(question, names)


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


def used_by(segment: Segment) -> list[Segment]:
    """Return the other segments that ask about this one, or about one of its snapshots."""
    asks = Q(uses__of_segment=segment) | Q(uses__of_snapshot__segment=segment)
    return list(Segment.objects.filter(asks).exclude(pk=segment.pk).distinct())


def named_by(segment: Segment) -> list[str]:
    """Return the names of what keeps a segment from being deleted."""
    own = set(segment.snapshots.values_list("pk", flat=True))
    return [other.name for other in used_by(segment)] + asking_about({segment.pk}, own)


def asking_about(segments: set[int], snapshots: set[int]) -> list[str]:
    """Return the names of what runs in the rooms above and asks about some segments or snapshots."""
    return [name for ask in hooks.get_hooks(ASKERS_HOOK) for name in ask(segments, snapshots)]


def snapshots(segment: Segment, actor: Actor) -> QuerySet[Snapshot]:
    """Return a segment's snapshots, the last first; ``left`` counts those still in it whom ``actor`` may see."""
    seen = Q(members__person__in=Person.objects.visible_to(actor)) if actor.departements is not None else None
    return segment.snapshots.annotate(left=Count("members", filter=seen)).order_by("-taken_at", "-id")
