"""The demo's path, with people on each step, and a few tasks. Written once."""

from __future__ import annotations

from datetime import time, timedelta
from itertools import islice

from portevoix.accounts.models import User
from portevoix.accounts.types import System
from portevoix.kernel import clock
from portevoix.paths.models import Path
from portevoix.paths.services import designing, tasking, walking
from portevoix.paths.types import StepDraft, TaskDraft
from portevoix.people.models import Person
from portevoix.people.types import RoleKind

ACTOR = System("demo")
#: Département whose local lead follows their own people.
LOIRE = "42"
NAME = "De sympathisant à responsable local"
PURPOSE = "Accompagner celles et ceux qui veulent faire plus, sans en perdre un seul en route."
STEPS = (
    StepDraft("Sympathisant", "Un premier appel : qui, où, envie de quoi", days=7),
    StepDraft("Première action", "Venir une fois : un tractage, une réunion", days=21),
    StepDraft("Bénévole", "Une action par mois, à son rythme", days=45, role=RoleKind.VOLUNTEER),
    StepDraft("Responsable local", "Une équipe, un quartier, une réunion par mois", days=60),
)
#: People put on each step.
CROWD = (34, 17, 9, 4)
#: What is to be done, in how many days, at what hour, by whom, about somebody of the path or not.
TASKS = (
    ("Rappeler pour le porte-à-porte de samedi", -1, None, "direction", True),
    ("Proposer de tenir la table du marché", 0, time(18, 30), "direction", True),
    ("Confirmer la salle de la réunion publique", 0, None, "organisation", False),
    ("Prendre un café, parler de la suite", 3, time(9, 0), "loire", True),
    ("Préparer le kit des nouveaux bénévoles", 6, None, "direction", False),
)


def build_paths() -> int:
    """Lay the demo's path and put people on it; return how many."""
    if Path.objects.exists():
        return 0
    path = designing.design(None, name=NAME, purpose=PURPOSE, steps=STEPS, actor=ACTOR)
    staff = {user.username: user for user in User.objects.all()}
    at_home = Person.objects.filter(commune__departement=LOIRE).select_related("commune").order_by("ref")
    elsewhere = Person.objects.exclude(commune__departement=LOIRE).exclude(commune=None).order_by("ref")
    people = iter([*at_home[:12], *elsewhere.select_related("commune")[: sum(CROWD)]][: sum(CROWD)])
    put: list[Person] = []
    for step, number in zip(path.steps.all(), CROWD, strict=True):
        for rank, person in enumerate(islice(people, number)):
            begun = clock.now() - timedelta(days=(rank * 5) % 30)
            is_near = person.commune is not None and person.commune.departement_id == LOIRE
            who = "loire" if is_near else ("direction", "organisation", "")[rank % 3]
            with clock.stopped_at(begun):
                walking.join(person, step, point_person=staff.get(who), actor=ACTOR)
            put.append(person)
    _tasks(put, staff)
    return len(put)


def _tasks(people: list[Person], staff: dict[str, User]) -> None:
    about = iter(people)
    for title, days, at, who, is_about in TASKS:
        if user := staff.get(who):
            person = next(about, None) if is_about else None
            draft = TaskDraft(
                title=title,
                due_on=clock.today() + timedelta(days=days),
                due_at=at,
                assignee_id=user.pk,
                person_id=person.pk if person else None,
            )
            tasking.write(None, draft, actor=ACTOR)
