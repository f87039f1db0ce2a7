"""The board of a path: a column a step, the first cards of each, in as many statements for ten as for a million."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, Prefetch, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from portevoix.accounts.types import Actor
from portevoix.kernel import clock
from portevoix.paths.models import Path, Place, PlaceQuerySet, Step
from portevoix.paths.types import State
from portevoix.people.models import Person

#: Cards of a column that are shown at a time.
CARDS = 20
#: Instead of a member of staff: the places that nobody follows.
NOBODY = "personne"


@dataclass(frozen=True)
class Wanted:
    """What the board is narrowed to: a point person (an id, or nobody), what is late, a département."""

    point_person: str = ""
    is_late: bool = False
    departement: str = ""

    def narrow(self, places: PlaceQuerySet) -> PlaceQuerySet:
        """Keep the places that are wanted."""
        if self.point_person == NOBODY:
            places = places.filter(point_person=None)
        elif self.point_person:
            places = places.filter(point_person=int(self.point_person))
        if self.departement:
            places = places.filter(person__commune__departement=self.departement)
        return places.late() if self.is_late else places


@dataclass
class Column:
    """One step of the board: how many stand there, how many are late, the first cards, and where the next begin."""

    step: Step
    count: int = 0
    late: int = 0
    cards: list[Place] = field(default_factory=list)
    after: int | None = None


@dataclass(frozen=True)
class Board:
    """A path as its board shows it, to one reader."""

    columns: list[Column]
    reached: int
    left: int

    @property
    def under_way(self) -> int:
        return sum(column.count for column in self.columns)

    @property
    def late(self) -> int:
        return sum(column.late for column in self.columns)


def board(path: Path, wanted: Wanted, actor: Actor) -> Board:
    """Return the columns with their counts and first cards: one statement for the counts, three for all the cards."""
    places = wanted.narrow(Place.objects.visible_to(actor).filter(path=path))
    columns = {step.pk: Column(step) for step in path.steps.all()}
    ended = dict.fromkeys((State.REACHED, State.LEFT), 0)
    late = Q(due_on__lt=clock.today(), state=State.UNDER_WAY)
    counted = places.order_by().values_list("step", "state").annotate(all=Count("pk"), late=Count("pk", filter=late))
    for step, state, number, number_late in counted:
        if state == State.UNDER_WAY:
            columns[step].count, columns[step].late = number, number_late
        else:
            ended[State(state)] += number
    _fill(columns, places.under_way(), actor)
    return Board(list(columns.values()), ended[State.REACHED], ended[State.LEFT])


def column(step: Step, wanted: Wanted, after: int, actor: Actor) -> Column:
    """Return the cards of a column that follow a card."""
    places = wanted.narrow(Place.objects.visible_to(actor).filter(path=step.path_id)).under_way()
    mark = Place.objects.filter(pk=after, step=step).first()
    if mark is not None:
        later = Q(due_on=mark.due_on, pk__gt=mark.pk)
        if mark.due_on is not None:
            later |= Q(due_on__gt=mark.due_on) | Q(due_on=None)
        places = places.filter(later)
    found = {step.pk: Column(step)}
    _fill(found, places, actor)
    return found[step.pk]


def _fill(columns: dict[int, Column], places: PlaceQuerySet, actor: Actor) -> None:
    """Read the first cards of every column in one statement, each by its index, then what the cards show."""
    rows = _each_by_its_index(columns, places) if actor.departements is None else _all_in_one_pass(columns, places)
    by_step: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        by_step[row["step"]].append(row["pk"])
    shown = {pk for pks in by_step.values() for pk in pks[:CARDS]}
    cards = {card.pk: card for card in shown_as_cards(Place.objects.filter(pk__in=shown), actor)}
    for step, pks in by_step.items():
        columns[step].cards = [cards[pk] for pk in pks[:CARDS] if pk in cards]
        columns[step].after = pks[CARDS - 1] if len(pks) > CARDS else None


def _each_by_its_index(columns: Iterable[int], places: PlaceQuerySet) -> Iterable[Any]:
    """Return the first places of each column: whoever sees nearly everybody finds them at the head of the index."""
    firsts = [places.filter(step=step).soonest_first().values("pk", "step")[: CARDS + 1] for step in columns]
    if len(firsts) < 2:
        return firsts[0] if firsts else []
    return firsts[0].union(*firsts[1:], all=True)


def _all_in_one_pass(columns: Iterable[int], places: PlaceQuerySet) -> Iterable[Any]:
    """Return the same for whoever sees few: those few are looked up once, not once a column."""
    soonest = [F("due_on").asc(nulls_last=True), F("pk").asc()]
    rank = Window(RowNumber(), partition_by=F("step"), order_by=soonest)
    ranked: Any = places.filter(step__in=list(columns)).order_by().annotate(rank=rank)
    first: Iterable[Any] = ranked.filter(rank__lte=CARDS + 1).order_by("rank").values("pk", "step")
    return first


def shown_as_cards(places: PlaceQuerySet, actor: Actor) -> PlaceQuerySet:
    """Read what a card shows; the persons as far as the reader may know them."""
    people = Person.objects.visible_to(actor).select_related("commune")
    return places.select_related("point_person", "step").prefetch_related(Prefetch("person", queryset=people))


@dataclass(frozen=True)
class Line:
    """A path in the list of paths, to one reader."""

    path: Path
    steps: int
    under_way: int
    late: int
    reached: int


def overview(paths: Iterable[Path], actor: Actor) -> list[Line]:
    """Return the figures of every path in two statements."""
    today = clock.today()
    kept = list(paths)
    places: QuerySet[Place] = Place.objects.visible_to(actor).filter(path__in=kept)
    under_way = Q(state=State.UNDER_WAY)
    figures = {
        path: counts
        for path, *counts in places.order_by()
        .values_list("path")
        .annotate(
            under_way=Count("pk", filter=under_way),
            late=Count("pk", filter=under_way & Q(due_on__lt=today)),
            reached=Count("pk", filter=Q(state=State.REACHED)),
        )
    }
    steps = dict(Step.objects.filter(path__in=kept).order_by().values_list("path").annotate(Count("pk")))
    return [Line(path, steps.get(path.pk, 0), *figures.get(path.pk, (0, 0, 0))) for path in kept]


def ended(path: Path, state: State, wanted: Wanted, actor: Actor) -> QuerySet[Place]:
    """Return the places that ended so, the last first."""
    places = Place.objects.visible_to(actor).filter(path=path, state=state)
    if wanted.departement:
        places = places.filter(person__commune__departement=wanted.departement)
    return shown_as_cards(places, actor).order_by(F("ended_at").desc(), "-pk")
