"""What steps may do: each through the command of the room whose matter it is, for the whole set at once.

A room above, or a channel to come, adds its own by ``ACTIONS.add``.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext, ngettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.models import User
from portevoix.accounts.types import Actor
from portevoix.delivery import services as delivery
from portevoix.delivery.exceptions import LetterError
from portevoix.journeys import letters, selectors
from portevoix.journeys.exceptions import CannotAct
from portevoix.journeys.models import Step
from portevoix.journeys.selectors import ACTOR
from portevoix.journeys.types import ACTIONS, MAIL, Action, Did, Why
from portevoix.kernel import clock
from portevoix.paths import selectors as paths
from portevoix.paths.criteria import StepChoice
from portevoix.paths.models import Step as PathStep
from portevoix.paths.services import following
from portevoix.paths.types import TaskDraft
from portevoix.people import interactions
from portevoix.people.exceptions import ProtectedName
from portevoix.people.models import Person, Tag
from portevoix.people.services.acts import AddTag as BulkAddTag
from portevoix.people.services.acts import RemoveTag as BulkRemoveTag
from portevoix.people.types import Kind
from portevoix.rights import gate

logger = logging.getLogger(__name__)
LEAVES, GOES_ON = "leave", "go_on"


class Writes(Action):
    """What letters and texts have in common: some people cannot be written to."""

    keeps_quiet = True

    def otherwise(self, label: Any) -> forms.ChoiceField:
        """Ask what becomes of those who cannot be written to."""
        choices = [(LEAVES, _("leaves the automation")), (GOES_ON, _("goes on without it"))]
        return forms.ChoiceField(choices=choices, label=label, initial=LEAVES)

    def leaves(self, step: Step) -> bool:
        """Tell whether whoever cannot be written to leaves."""
        return bool(step.said.get("otherwise", LEAVES) == LEAVES)

    def did(self, step: Step, people: Sequence[int], reached: set[int]) -> Did:
        """Say for whom the step was done, and who leaves there."""
        missed = [person for person in people if person not in reached]
        return Did(sorted(reached), {Why.UNREACHABLE: missed} if self.leaves(step) and missed else {})


class Write(Writes):
    """Send a letter to those who agreed to news and can be reached, as the gate says at that very moment."""

    key = MAIL
    label = _("Send an e-mail")
    icon = "mail"
    rank = 10

    def fields(self, actor: Actor) -> dict[str, forms.Field]:
        return {"otherwise": self.otherwise(_("Whoever did not agree to news, or has no address that works"))}

    def sentence(self, step: Step) -> str:
        subject = letters.subject_of(step)
        return gettext("E-mail: “%(subject)s”") % {"subject": subject or gettext("no words yet")}

    def faults(self, step: Step) -> list[str]:
        wrong = letters.fault(step)
        return [wrong] if wrong else []

    def do(self, step: Step, people: Sequence[int], *, actor: Actor) -> Did:
        audience = _admitted(step, people)
        reached = set(audience.grounds.values_list("person_id", flat=True))
        if reached:
            try:
                delivery.send(letters.compose(step), audience, about=step, actor=actor)
            except LetterError as error:
                raise CannotAct(str(error)) from error
        return self.did(step, people, reached)

    def foresee(self, step: Step, person_id: int, at: datetime) -> tuple[bool, str]:
        if _admitted(step, [person_id]).count():
            return True, self.sentence(step)
        if self.leaves(step):
            return False, gettext("No e-mail: they may not, or cannot, be written to. They leave here.")
        return False, gettext("No e-mail: they may not, or cannot, be written to. They go on.")


def _admitted(step: Step, people: Sequence[int]) -> gate.Audience:
    chosen = Person.objects.filter(pk__in=list(people))
    advertising = selectors.advertising_of(step)
    return gate.admit(chosen, purpose=letters.PURPOSE, channel=letters.CHANNEL, advertising=advertising)


class _OfATag(Action):
    """What adding and removing a tag have in common."""

    icon = "tag"

    def fields(self, actor: Actor) -> dict[str, forms.Field]:
        return {"tag": forms.ModelChoiceField(Tag.objects.alphabetical(), label=_("Tag"))}

    def faults(self, step: Step) -> list[str]:
        return [] if _tag(step) else [gettext("The tag is gone: choose another.")]

    def named(self, step: Step) -> dict[str, str]:
        return {"tag": str(_tag(step) or gettext("(deleted)"))}


def _tag(step: Step) -> Tag | None:
    return Tag.objects.filter(pk=step.said.get("tag")).first()


def _refusal(step: Step) -> list[str]:
    """Return why nobody is given the tag, in a sentence: its name says what the law protects (RGPD art. 9)."""
    tag = _tag(step)
    what = tag.protection if tag else None
    return [str(ProtectedName(tag.name, what))] if tag and what else []


class AddTag(_OfATag):
    key = "add_tag"
    label = pgettext_lazy("automation", "Add a tag")
    rank = 20

    def sentence(self, step: Step) -> str:
        if _refusal(step):
            return gettext("Gives nobody the tag “%(tag)s”: it says what the law protects") % self.named(step)
        return gettext("Give the tag “%(tag)s”") % self.named(step)

    def faults(self, step: Step) -> list[str]:
        return super().faults(step) or _refusal(step)

    def do(self, step: Step, people: Sequence[int], *, actor: Actor) -> Did:
        """Give it; a tag that says what the law protects to nobody, who all go on without it."""
        tag = _tag(step)
        if tag is None:
            raise CannotAct("the tag is gone")
        if tag.protection:
            logger.warning("step %d gives nobody a tag that says what the law protects", step.key)
            return Did([])
        given = [one.person_id for one in BulkAddTag().do(people, {"tag": tag.pk})]
        source = step.version.journey.name[:200]
        interactions.record_all(given, Kind.TAGGED, at=clock.now(), about=tag, source=source, detail={"tags": 1})
        return Did(given)


class RemoveTag(_OfATag):
    key = "remove_tag"
    label = pgettext_lazy("automation", "Remove a tag")
    rank = 21

    def sentence(self, step: Step) -> str:
        return gettext("Take the tag “%(tag)s” away") % self.named(step)

    def do(self, step: Step, people: Sequence[int], *, actor: Actor) -> Did:
        tag = _tag(step)
        if tag is None:
            return Did([])
        taken = [one.person_id for one in BulkRemoveTag().do(people, {"tag": tag.pk})]
        source = step.version.journey.name[:200]
        interactions.record_all(taken, Kind.UNTAGGED, at=clock.now(), about=tag, source=source, detail={"tags": 1})
        return Did(taken)


class GiveTask(Action):
    """Have somebody of the team do something about the person."""

    key = "task"
    label = _("Give the team a task")
    icon = "tasks"
    rank = 30

    def fields(self, actor: Actor) -> dict[str, forms.Field]:
        workers = paths.staff_who_see_all(ACTOR)
        choice = forms.ModelChoiceField(workers, label=_("For"), required=False, empty_label=_("whoever takes it"))
        choice.label_from_instance = _name_of  # type: ignore[method-assign,assignment]
        return {
            "title": forms.CharField(label=pgettext("automation", "What is to be done"), max_length=200),
            "days": forms.IntegerField(label=_("Within how many days"), min_value=0, max_value=365, initial=3),
            "assignee": choice,
        }

    def sentence(self, step: Step) -> str:
        days = int(step.said.get("days", 0))
        words = ngettext("Task within %(days)d day: %(title)s", "Task within %(days)d days: %(title)s", days)
        return words % {"days": days, "title": step.said.get("title", "")}

    def faults(self, step: Step) -> list[str]:
        who = step.said.get("assignee")
        if who and not paths.staff_who_see_all(ACTOR).filter(pk=who).exists():
            return [gettext("Whoever should do the task does not see everybody any more: choose somebody else.")]
        return [] if step.said.get("title") else [gettext("Say what is to be done.")]

    def do(self, step: Step, people: Sequence[int], *, actor: Actor) -> Did:
        said = step.said
        draft = TaskDraft(
            title=said["title"],
            due_on=clock.today() + timedelta(days=int(said["days"])),
            note=gettext("Given by the automation “%(name)s”.") % {"name": step.version.journey.name},
            assignee_id=said.get("assignee"),
        )
        following.give_tasks(people, draft, actor=actor)
        return Did(people)


def _name_of(user: User) -> str:
    return user.get_full_name() or user.get_username()


class LeadOn(Action):
    """Put the person at a step of a path; whoever is further on it already stays there."""

    key = "path"
    label = _("Put at a step of a path")
    icon = "list-ol"
    rank = 31

    def fields(self, actor: Actor) -> dict[str, forms.Field]:
        steps = PathStep.objects.filter(path__shelved_at=None).select_related("path").order_by("path__name", "position")
        return {"step": StepChoice(steps, label=_("Path and step"))}

    def sentence(self, step: Step) -> str:
        target = _path_step(step)
        name = f"{target.path.name} : {target.name}" if target else gettext("(deleted)")
        return gettext("Put at the step “%(step)s”") % {"step": name}

    def faults(self, step: Step) -> list[str]:
        target = _path_step(step)
        if target is None or target.path.shelved_at:
            return [gettext("The step is gone, or its path was put away: choose another.")]
        return []

    def do(self, step: Step, people: Sequence[int], *, actor: Actor) -> Did:
        target = _path_step(step)
        if target is None or target.path.shelved_at:
            raise CannotAct("the step of the path is gone")
        following.lead(people, target, actor=actor)
        return Did(people)


def _path_step(step: Step) -> PathStep | None:
    return PathStep.objects.select_related("path").filter(pk=step.said.get("step")).first()


for _action in (Write(), AddTag(), RemoveTag(), GiveTask(), LeadOn()):
    ACTIONS.add(_action.key, _action)
