"""Commands on one person's journey: put on a path, moved, followed, arrived, gone. The person is always held first."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.models import User
from portevoix.accounts.types import Actor
from portevoix.kernel import clock
from portevoix.paths import rules, selectors
from portevoix.paths.exceptions import MovedMeanwhile, NotPossible, OnThePath
from portevoix.paths.models import Passage, Path, Place, Step
from portevoix.paths.types import LEADERS, Act, State
from portevoix.people import interactions
from portevoix.people.models import Person, PersonRole
from portevoix.people.selectors import refuse_restricted
from portevoix.people.services import writing
from portevoix.people.types import Held, Kind, RoleKind
from portevoix.rights.selectors import hold


@command("paths.join", label=_("Put a person on a path"), roles=LEADERS)
def join(
    person: Person,
    step: Step,
    *,
    point_person: User | None = None,
    due_on: date | None = None,
    actor: Actor,
) -> Place:
    """Put a person at a step of a path; without a day, it is due after the step's usual number of days.

    Raises OutOfSight; OnThePath when they are under way on it; NotPossible for a restricted person, a path that
    was put away, or a point person who may not see the person.
    """
    hold(person, actor)
    _check_unrestricted(person.pk)
    path = Path.objects.select_for_update(no_key=True).get(pk=step.path_id)
    if path.shelved_at:
        raise NotPossible(gettext("This path was put away: nobody is put on it any more."))
    if not path.steps.filter(pk=step.pk).exists():
        raise NotPossible(gettext("One of the steps is not there any more: open the path again."))
    if Place.objects.under_way().filter(person=person, path=path).exists():
        raise OnThePath
    _check_point_person(point_person, person)
    now = clock.now()
    place = Place.objects.create(
        person=person,
        path=path,
        step=step,
        point_person=point_person,
        due_on=due_on or rules.due_day(clock.today(), step.days),
        began_at=now,
        since=now,
    )
    _tell(place, Act.JOINED, actor)
    _give_role(place, actor)
    return place


@command("paths.move", label=_("Move a person on a path"), roles=LEADERS)
def move(place: Place, step: Step, *, seen: int | None = None, actor: Actor) -> bool:
    """Move a person to another step, also one whose path had ended; return whether anything changed.

    ``seen`` is the version that was on the screen: where somebody else moved the person since, nothing is written,
    unless they are already where one wants them. Raises OutOfSight, MovedMeanwhile; OnThePath for an ended journey
    when they have begun another; NotPossible for a step of another path or gone meanwhile, or a restricted person.
    """
    kept = _held(place, actor)
    if step.path_id != kept.path_id:
        raise NotPossible(gettext("This step is of another path."))
    if kept.is_under_way and kept.step_id == step.pk:
        note(about=kept, count=0, step=step.pk)
        return False
    _check_seen(kept, seen)
    _check_unrestricted(kept.person_id)
    if not Step.objects.select_for_update(no_key=True).filter(pk=step.pk).exists():
        raise NotPossible(gettext("One of the steps is not there any more: open the path again."))
    if not kept.is_under_way and Place.objects.under_way().filter(person=kept.person_id, path=kept.path_id).exists():
        raise OnThePath
    kept.step, kept.state, kept.ended_at, kept.reason = step, State.UNDER_WAY, None, ""
    kept.since, kept.due_on = clock.now(), rules.due_day(clock.today(), step.days)
    _write(kept, Act.MOVED, actor)
    _give_role(kept, actor)
    return True


def _check_unrestricted(person_id: int) -> None:
    """Whoever had their data restricted is led nowhere, by nobody (RGPD art. 18). Raises NotPossible."""
    if Person.objects.restricted().filter(pk=person_id).exists():
        raise NotPossible(
            gettext(
                "This person’s data is restricted (GDPR art. 18): it is kept and not used. They are led nowhere until "
                "that ends."
            )
        )


@command("paths.arrive", label=_("Say that a person reached the end of a path"), roles=LEADERS)
def arrive(place: Place, *, seen: int | None = None, actor: Actor) -> bool:
    """Say that the journey is complete; return whether anything changed.

    Raises OutOfSight, Restricted, MovedMeanwhile.
    """
    return _end(place, State.REACHED, Act.REACHED, "", seen, actor)


@command("paths.leave", label=_("Take a person off a path"), roles=LEADERS)
def leave(place: Place, *, reason: str, seen: int | None = None, actor: Actor) -> bool:
    """End the journey for a reason, which the person may read.

    Raises OutOfSight, Restricted, MovedMeanwhile; NotPossible without a reason.
    """
    if not reason.strip():
        raise NotPossible(gettext("Say why."))
    return _end(place, State.LEFT, Act.LEFT, reason.strip()[:200], seen, actor)


@command("paths.follow", label=_("Say who follows a person on a path, and until when"), roles=LEADERS)
def follow(
    place: Place, *, point_person: User | None, due_on: date | None, seen: int | None = None, actor: Actor
) -> bool:
    """Change the point person and the day; return whether anything changed.

    Raises OutOfSight, Restricted, MovedMeanwhile; NotPossible for a point person who may not see the person, or a
    journey that has ended.
    """
    kept = _held(place, actor)
    if kept.point_person == point_person and kept.due_on == due_on:
        note(about=kept, count=0)
        return False
    _check_seen(kept, seen)
    if not kept.is_under_way:
        raise NotPossible(gettext("This journey has ended."))
    if point_person != kept.point_person:
        _check_point_person(point_person, kept.person)
    changed = [
        name
        for name, is_other in (
            ("point_person", kept.point_person != point_person),
            ("due_on", kept.due_on != due_on),
        )
        if is_other
    ]
    kept.point_person, kept.due_on, kept.version = point_person, due_on, kept.version + 1
    kept.save(update_fields=["point_person", "due_on", "version"])
    note(about=kept, count=len(changed), fields=changed)
    interactions.record(
        kept.person, Kind.STEPPED, about=kept, source=_source(kept), detail={"act": "followed", "fields": changed}
    )
    return True


def _end(place: Place, state: State, act: Act, reason: str, seen: int | None, actor: Actor) -> bool:
    kept = _held(place, actor)
    if kept.state == state:
        note(about=kept, count=0)
        return False
    _check_seen(kept, seen)
    kept.state, kept.reason, kept.ended_at, kept.due_on = state, reason, clock.now(), None
    _write(kept, act, actor)
    return True


def _held(place: Place, actor: Actor) -> Place:
    """Return the place as it is now; its person is held before it, as merging and erasing do.

    Of whom data is only kept, those who answer for it may still say the end. Raises Restricted for the others.
    """
    hold(Person(pk=place.person_id), actor)
    refuse_restricted([place.person_id], actor)
    try:
        found = Place.objects.select_for_update(of=("self",)).select_related("path", "step", "point_person")
        return found.get(pk=place.pk, person=place.person_id)
    except Place.DoesNotExist:
        # A merge gave it to another record, or took it away.
        raise MovedMeanwhile("") from None


def _check_seen(kept: Place, seen: int | None) -> None:
    if seen is not None and seen != kept.version:
        raise MovedMeanwhile(kept.step.name if kept.is_under_way else kept.get_state_display())


def _check_point_person(user: User | None, person: Person) -> None:
    if user is not None and not selectors.staff_who_see(person).filter(pk=user.pk).exists():
        raise NotPossible(gettext("This member of staff may not see this person."))


def _write(kept: Place, act: Act, actor: Actor) -> None:
    kept.version += 1
    kept.save()
    _tell(kept, act, actor)


def _tell(place: Place, act: Act, actor: Actor) -> None:
    """Write the history, the person's timeline and the journal's line."""
    by = actor.label[:200] if actor.kind == "staff" else ""
    Passage.objects.create(place=place, act=act, step=place.step, step_name=place.step.name, at=clock.now(), by=by)
    detail: dict[str, Any] = {"act": act.value}
    interactions.record(place.person, Kind.STEPPED, about=place, source=_source(place), detail=detail)
    note(about=place, count=1, act=act.value, path=place.path_id, step=place.step_id)


def _source(place: Place) -> str:
    """Say on the timeline which path and step it was: words of the campaign."""
    return f"{place.path.name} : {place.step.name}"[:200]


def _give_role(place: Place, actor: Actor) -> None:
    """Give the role that goes with the step, unless the person has it."""
    if not place.step.role:
        return
    held = PersonRole.objects.filter(person=place.person_id, kind=place.step.role)
    if not any(not role.is_over for role in held):
        writing.give_role(place.person, Held(RoleKind(place.step.role), since=clock.today()), actor=actor)
