"""What waits for a member of staff: tasks and steps, late, today, later; for the screens and for the reminders."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Case, CharField, Count, F, Prefetch, Q, Value, When

from portevoix.accounts.types import Actor
from portevoix.kernel import clock
from portevoix.paths.models import Place, Reminding, Task, TaskQuerySet
from portevoix.people.models import Person

#: What each part of the agenda shows.
SHOWN = 50


@dataclass
class Waiting:
    """How much waits: no names, no titles."""

    late_tasks: int = 0
    tasks_today: int = 0
    late_steps: int = 0
    steps_today: int = 0

    @property
    def tasks(self) -> int:
        return self.late_tasks + self.tasks_today

    @property
    def steps(self) -> int:
        return self.late_steps + self.steps_today

    def add(self, name: str, number: int) -> None:
        setattr(self, name, getattr(self, name) + number)


@dataclass(frozen=True)
class Agenda:
    """One's own tasks and the people one follows, by when they are due, and the tasks done last."""

    late: list[Task]
    today: list[Task]
    later: list[Task]
    done: list[Task]
    steps: list[Place]
    more: dict[str, int] = field(default_factory=dict)


#: Nobody is reminded of whoever had their data restricted (RGPD art. 18).
UNRESTRICTED = Q(person__restricted_at=None)


def agenda(user_id: int, actor: Actor) -> Agenda:
    """Return what a member of staff has to do, as far as their mandate goes today."""
    today = clock.today()
    mine = _shown(Task.objects.visible_to(actor).filter(UNRESTRICTED, assignee=user_id), actor)
    waiting = mine.open().soonest_first()
    now = clock.now().astimezone(clock.PARIS).time()
    gone = Q(due_on__lt=today) | Q(due_on=today, due_at__lt=now)
    people = Person.objects.visible_to(actor).select_related("commune")
    steps = Place.objects.visible_to(actor).under_way().filter(UNRESTRICTED, point_person=user_id, due_on__lte=today)
    return Agenda(
        late=list(waiting.filter(gone)[:SHOWN]),
        today=list(waiting.filter(due_on=today).exclude(gone)[:SHOWN]),
        later=list(waiting.filter(due_on__gt=today)[:SHOWN]),
        done=list(mine.exclude(done_at=None).order_by("-done_at")[:10]),
        steps=list(
            steps.soonest_first()
            .select_related("path", "step", "point_person")
            .prefetch_related(Prefetch("person", queryset=people))[:SHOWN]
        ),
    )


def _shown(tasks: TaskQuerySet, actor: Actor) -> TaskQuerySet:
    people = Person.objects.visible_to(actor)
    return tasks.select_related("step__path").prefetch_related(Prefetch("person", queryset=people))


def waiting_of(user_id: int, actor: Actor) -> Waiting:
    """Return how much waits for a member of staff today, in two statements."""
    today = clock.today()
    tasks = Task.objects.visible_to(actor).open().filter(UNRESTRICTED, assignee=user_id, due_on__lte=today)
    steps = Place.objects.visible_to(actor).under_way().filter(UNRESTRICTED, point_person=user_id, due_on__lte=today)
    late = Q(due_on__lt=today)
    first = tasks.aggregate(late=Count("pk", filter=late), today=Count("pk", filter=~late))
    second = steps.aggregate(late=Count("pk", filter=late), today=Count("pk", filter=~late))
    return Waiting(first["late"], first["today"], second["late"], second["today"])


def waiting_by_user() -> dict[int, dict[str, Waiting]]:
    """Return how much waits today, by member of staff and by where the persons live, in two statements.

    A département's code, "" for persons whose commune is not known, "*" for tasks about nobody. Those who were
    reminded today, or do not want to be, are not there.
    """
    today = clock.today()
    quiet = Reminding.objects.filter(Q(is_wanted=False) | Q(reminded_on=today)).values("user")
    where = Case(
        When(person=None, then=Value("*")),
        When(person__commune=None, then=Value("")),
        default=F("person__commune__departement"),
        output_field=CharField(),
    )
    late = Q(due_on__lt=today)
    found: dict[int, dict[str, Waiting]] = defaultdict(lambda: defaultdict(Waiting))
    tasks = Task.objects.open().filter(UNRESTRICTED, due_on__lte=today, assignee__is_active=True)
    tasks = tasks.exclude(assignee__in=quiet)
    steps = Place.objects.under_way().filter(UNRESTRICTED, due_on__lte=today, point_person__is_active=True)
    steps = steps.exclude(point_person__in=quiet)
    for rows, who, names in (
        (tasks, "assignee", ("late_tasks", "tasks_today")),
        (steps, "point_person", ("late_steps", "steps_today")),
    ):
        counted = (
            rows.order_by()
            .values_list(who, where)
            .annotate(late=Count("pk", filter=late), today=Count("pk", filter=~late))
        )
        for user, place, number_late, number_today in counted:
            found[user][place].add(names[0], number_late)
            found[user][place].add(names[1], number_today)
    return {user: dict(places) for user, places in found.items()}
