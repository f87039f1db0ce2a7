"""Commands that draw an automation: only the version that is being written is ever changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from django.db.models import F, Max
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor
from portevoix.journeys.exceptions import NotPossible
from portevoix.journeys.models import Journey, Letter, Step, StepAdvert, Version
from portevoix.journeys.rules import plan
from portevoix.journeys.types import (
    ACTIONS,
    CONDITION,
    DESIGNERS,
    LEAVE,
    MAIL,
    WAIT,
    Settings,
    State,
    Trigger,
)
from portevoix.kernel import clock
from portevoix.mailings.models import new_code
from portevoix.mailings.types import Declaration
from portevoix.people.types import Kind


@dataclass(frozen=True)
class Place:
    """Where a new step goes: after the step ``after``, or first in a branch of ``parent``, or first of all."""

    after: int | None = None
    parent: int | None = None
    branch: str = ""


@command("journeys.create", label=_("Begin an automation"), roles=DESIGNERS, nationwide=True)
def create(*, name: str, aim: str = "", actor: Actor) -> Journey:
    """Begin an automation, without a step: nothing runs before it is published. Raises NotPossible for a name taken."""
    if Journey.objects.filter(name=name).exists():
        raise NotPossible(gettext("Another automation has this name."))
    journey = Journey.objects.create(name=name, aim=aim, created_at=clock.now())
    Version.objects.create(journey=journey, number=1, trigger=Trigger.HAPPENED, said={"kinds": [Kind.CONFIRMED]})
    note(about=journey, count=1)
    return journey


@command("journeys.rename", label=_("Rename an automation"), roles=DESIGNERS, nationwide=True)
def rename(journey: Journey, *, name: str, aim: str, actor: Actor) -> None:
    """Say otherwise what an automation is called and what it is for. Raises NotPossible for a name taken."""
    if Journey.objects.filter(name=name).exclude(pk=journey.pk).exists():
        raise NotPossible(gettext("Another automation has this name."))
    Journey.objects.filter(pk=journey.pk).update(name=name, aim=aim)
    note(about=journey)


@command("journeys.begin_version", label=_("Write a new version of an automation"), roles=DESIGNERS, nationwide=True)
def begin_version(journey: Journey, *, actor: Actor) -> Version:
    """Return the version that is being written, made from the published one where there is none."""
    kept = Journey.objects.locked(journey.pk)
    if kept.state == State.ARCHIVED:
        raise NotPossible(gettext("This automation is archived."))
    note(about=kept)
    if draft := kept.draft:
        return draft
    former = kept.live
    assert former is not None  # noqa: S101  # an automation without draft has been published
    number = (kept.versions.aggregate(most=Max("number"))["most"] or 0) + 1
    copied = ("trigger", "said", "only", "goal", "again_days", "quiet_from", "quiet_until")
    version = Version.objects.create(journey=kept, number=number, **{name: getattr(former, name) for name in copied})
    made: dict[int, Step] = {}
    for step in sorted(former.steps.select_related("parent", "letter", "advert__election"), key=lambda one: one.rank):
        parent = made[step.parent.key] if step.parent else None
        made[step.key] = Step.objects.create(
            version=version,
            parent=parent,
            **{name: getattr(step, name) for name in ("key", "kind", "said", "branch", "position")},
        )
        if step.words:
            Letter.objects.create(step=made[step.key], **step.words.words())
        if step.declared:
            # Other words may follow: another version is another advertisement, with a notice of its own.
            facts = {one.name: getattr(step.declared, one.name) for one in fields(Declaration)}
            StepAdvert.objects.create(step=made[step.key], code=new_code(), **facts)
    note(count=len(made), number=number)
    return version


@command(
    "journeys.drop_version", label=_("Drop what is being written of an automation"), roles=DESIGNERS, nationwide=True
)
def drop_version(version: Version, *, actor: Actor) -> None:
    """Forget the version that is being written; with the first one, the automation goes. Raises NotPossible."""
    kept = _written(version)
    journey = kept.journey
    note(about=journey, count=1)
    kept.delete()
    if journey.live_id is None:
        journey.delete()


@command("journeys.set", label=_("Say what starts an automation"), roles=DESIGNERS, nationwide=True)
def set_up(version: Version, settings: Settings, *, actor: Actor) -> None:
    """Say what starts it, for whom it is, when one leaves, how often one enters, and when it is quiet."""
    kept = _written(version)
    kept.trigger, kept.said = settings.trigger, dict(settings.said)
    kept.only = dict(settings.only) if settings.only else None
    kept.goal = dict(settings.goal) if settings.goal else None
    kept.again_days = settings.again_days
    kept.quiet_from, kept.quiet_until = settings.quiet_from, settings.quiet_until
    kept.save()
    note(about=kept.journey, count=1, trigger=kept.trigger)


@command("journeys.add_step", label=_("Add a step to an automation"), roles=DESIGNERS, nationwide=True)
def add_step(version: Version, kind: str, said: Mapping[str, Any], place: Place, *, actor: Actor) -> Step:
    """Put a new step where it is wanted. Raises NotPossible for a kind or a place that is not there."""
    kept = _written(version)
    if kind not in {WAIT, CONDITION, LEAVE, *ACTIONS}:
        raise NotPossible(gettext("This kind of step does not exist any more."))
    if kept.steps.count() >= plan.MOST_STEPS:
        raise NotPossible(
            gettext("It has more than %(most)d steps: make two automations of it.") % {"most": plan.MOST_STEPS}
        )
    parent, branch, position = _position(kept, place)
    key = (Step.objects.filter(version__journey=kept.journey).aggregate(most=Max("key"))["most"] or 0) + 1
    kept.steps.filter(parent=parent, branch=branch, position__gte=position).update(position=F("position") + 1)
    step = Step.objects.create(
        version=kept, key=key, kind=kind, said=dict(said), parent=parent, branch=branch, position=position
    )
    if kind == MAIL:
        Letter.objects.create(step=step)
    note(about=kept.journey, count=1, step=key, kind=kind)
    return step


def _position(version: Version, place: Place) -> tuple[Step | None, str, int]:
    if place.after is not None:
        before = version.steps.select_related("parent").filter(key=place.after).first()
        if before is None:
            raise NotPossible(gettext("The step after which it should come is gone."))
        return before.parent, before.branch, before.position + 1
    if place.parent is None:
        return None, "", 0
    parent = version.steps.filter(key=place.parent, kind=CONDITION).first()
    if parent is None or place.branch not in {"yes", "no"}:
        raise NotPossible(gettext("The condition whose branch it should be in is gone."))
    return parent, place.branch, 0


@command("journeys.change_step", label=_("Change a step of an automation"), roles=DESIGNERS, nationwide=True)
def change_step(step: Step, said: Mapping[str, Any], *, actor: Actor) -> None:
    """Say otherwise what a step does. Raises NotPossible for a version that was published meanwhile."""
    kept = _written(step.version)
    kept.steps.filter(pk=step.pk).update(said=dict(said))
    note(about=kept.journey, count=1, step=step.key)


@command("journeys.write_letter", label=_("Write a letter of an automation"), roles=DESIGNERS, nationwide=True)
def write_letter(step: Step, *, subject: str, preheader: str, body: Any, actor: Actor) -> None:
    """Write what a step sends. Raises NotPossible for a version that was published meanwhile."""
    kept = _written(step.version)
    letter = Letter.objects.get(step=step)
    letter.subject, letter.preheader, letter.body = subject, preheader, body
    letter.save()
    note(about=kept.journey, count=1, step=step.key)


@command("journeys.move_step", label=_("Move a step of an automation"), roles=DESIGNERS, nationwide=True)
def move_step(step: Step, *, up: bool, actor: Actor) -> None:
    """Change a step with its neighbour in the same sequence; the first goes no further up, nor the last down."""
    kept = _written(step.version)
    row = list(kept.steps.filter(parent=step.parent_id, branch=step.branch).order_by("position", "key"))
    at = next(number for number, one in enumerate(row) if one.pk == step.pk)
    to = at - 1 if up else at + 1
    if 0 <= to < len(row):
        row[at], row[to] = row[to], row[at]
        for position, one in enumerate(row):
            Step.objects.filter(pk=one.pk).update(position=position)
    note(about=kept.journey, count=1, step=step.key)


@command("journeys.remove_step", label=_("Remove a step of an automation"), roles=DESIGNERS, nationwide=True)
def remove_step(step: Step, *, actor: Actor) -> int:
    """Remove a step, with all that stands in its branches; return how many steps went."""
    kept = _written(step.version)
    keys = plan.below(kept.nodes, step.key)
    kept.steps.filter(key__in=keys).delete()
    note(about=kept.journey, count=len(keys), step=step.key)
    return len(keys)


def _written(version: Version) -> Version:
    """Return a version that is being written, changed by nobody else. Raises NotPossible for a published one."""
    Journey.objects.locked(version.journey_id)
    kept = Version.objects.select_related("journey").filter(pk=version.pk, published_at=None).first()
    if kept is None:
        raise NotPossible(gettext("This version is published: it changes no more. Write a new one."))
    return kept
