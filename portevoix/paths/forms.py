"""Shape and wording of what the screens of paths and tasks ask."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.models import User
from portevoix.accounts.types import Actor
from portevoix.kernel import clock
from portevoix.paths import selectors
from portevoix.paths.criteria import StepChoice
from portevoix.paths.models import Path, Place, Step, Task
from portevoix.paths.selectors.columns import NOBODY, Wanted
from portevoix.paths.types import StepDraft, TaskDraft
from portevoix.people.models import Person
from portevoix.people.types import RoleKind
from portevoix.segments.models import Segment
from portevoix.territory.models import Departement

#: What the menu of a card leads to, beside the path's steps.
END, LEAVE = "arrivee", "sortie"
#: Blank lines for further steps on the form of a path.
BLANK_STEPS = 2


def _day(label: Any, **more: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, **more)


def _staff(users: QuerySet[User], label: Any, **more: Any) -> forms.ModelChoiceField:  # type: ignore[type-arg]
    field = forms.ModelChoiceField(users, label=label, required=False, **more)
    field.label_from_instance = name_of  # type: ignore[method-assign, assignment]
    return field


def name_of(user: User) -> str:
    """Return how a member of staff is called."""
    return user.get_full_name() or user.get_username()


class BoardForm(forms.Form):
    """What the board is narrowed to."""

    suivi = forms.ChoiceField(label=_("Followed by"), required=False)
    territoire = forms.ChoiceField(label=_("Département"), required=False)
    retard = forms.BooleanField(label=_("Late only"), required=False)

    def __init__(self, actor: Actor, data: Any) -> None:
        super().__init__(data)
        everybody = [(str(user.pk), name_of(user)) for user in selectors.workers()]
        me = [(actor.ident, gettext("me"))] if actor.kind == "staff" else []
        others = [one for one in everybody if one[0] != actor.ident]
        self.fields["suivi"].choices = [("", gettext("everybody")), *me, (NOBODY, gettext("nobody")), *others]  # type: ignore[attr-defined]
        seen = Departement.objects.all()
        if actor.departements is not None:
            seen = seen.filter(pk__in=actor.departements)
        places = [(one.pk, str(one)) for one in seen]
        self.fields["territoire"].choices = [("", gettext("everywhere")), *places]  # type: ignore[attr-defined]

    @property
    def wanted(self) -> Wanted:
        """What is asked for; a word that is none of the choices narrows nothing."""
        self.is_valid()
        said = self.cleaned_data
        return Wanted(said.get("suivi", ""), bool(said.get("retard")), said.get("territoire", ""))


class PathForm(forms.Form):
    name = forms.CharField(label=_("Name of the path"), max_length=120)
    purpose = forms.CharField(label=_("What it is for"), max_length=300, required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)


class StepForm(forms.Form):
    """One step; a line without a name is no step."""

    pk = forms.IntegerField(widget=forms.HiddenInput, required=False)
    order = forms.IntegerField(label=_("Order"), min_value=1, max_value=99, required=False)
    name = forms.CharField(label=_("Step"), max_length=80, required=False)
    expected = forms.CharField(label=_("What is expected"), max_length=300, required=False)
    days = forms.IntegerField(label=_("Days until due"), min_value=0, max_value=3_650, required=False)
    role = forms.ChoiceField(label=_("Role given"), choices=[("", _("none")), *RoleKind.choices], required=False)

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if said.get("pk") and not said.get("name"):
            raise ValidationError({"name": gettext("A step keeps a name. To remove it, use “Remove”.")})
        return said


StepForms = forms.formset_factory(StepForm, extra=0)


def step_forms(path: Path | None, data: Any = None, *, blank: int = BLANK_STEPS) -> Any:
    """Return the lines of the steps of a path, then blank ones."""
    if data is not None:
        return StepForms(data, prefix="steps")
    steps = list(path.steps.all()) if path else []
    lines: list[dict[str, Any]] = [
        {
            "pk": step.pk,
            "order": step.position,
            "name": step.name,
            "expected": step.expected,
            "days": step.days,
            "role": step.role,
        }
        for step in steps
    ]
    first = len(lines) + 1
    lines += [{"order": first + number} for number in range(blank if path else blank + 2)]
    return StepForms(initial=lines, prefix="steps")


def drafts(lines: Any) -> list[StepDraft]:
    """Return the steps that the lines say, in the order of their numbers."""
    said = [line.cleaned_data for line in lines if line.cleaned_data.get("name")]
    ranked = sorted(enumerate(said), key=lambda one: (one[1].get("order") or 99, one[0]))
    return [
        StepDraft(name=one["name"], expected=one["expected"], days=one["days"], role=one["role"], pk=one.get("pk"))
        for _number, one in ranked
    ]


class RemoveStepForm(forms.Form):
    """Where those go who stand on a step that is removed."""

    def __init__(self, step: Step, number: int, data: Any = None) -> None:
        super().__init__(data)
        if number:
            others = step.path.steps.exclude(pk=step.pk)
            self.fields["to"] = forms.ModelChoiceField(others, label=gettext("They go to"), empty_label=None)


class MoveForm(forms.Form):
    """Where a card goes: a step, the end, or off the path."""

    to = forms.CharField(max_length=20)
    seen = forms.IntegerField(min_value=0)
    retour = forms.CharField(required=False, max_length=500)


class LeaveForm(forms.Form):
    reason = forms.CharField(
        label=_("Why"), max_length=200, help_text=_("A few words that the person could read: it is their right.")
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)


class FollowForm(forms.Form):
    """Who follows a person, and until when."""

    due_on = _day(_("Due on"), required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, place: Place, data: Any = None) -> None:
        initial = {"point_person": place.point_person_id, "due_on": place.due_on, "seen": place.version}
        super().__init__(data, initial=initial)
        self.fields["point_person"] = _staff(
            selectors.staff_who_see(place.person), gettext("Point person"), empty_label=gettext("nobody")
        )
        self.order_fields(["point_person", "due_on"])


class JoinForm(forms.Form):
    """At which step of which path a person is put; only paths they are not on."""

    due_on = _day(_("Due on"), required=False, help_text=_("Empty: after the usual number of days of the step."))

    def __init__(self, person: Person, data: Any = None, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        taken = Place.objects.under_way().filter(person=person).values("path")
        steps = Step.objects.filter(path__shelved_at=None).exclude(path__in=taken).select_related("path")
        self.fields["step"] = StepChoice(steps.order_by("path__name", "position"), label=gettext("Path and step"))
        self.fields["point_person"] = _staff(
            selectors.staff_who_see(person), gettext("Point person"), empty_label=gettext("nobody")
        )
        self.order_fields(["step", "point_person", "due_on"])


class EnrolForm(forms.Form):
    """Whom to put on a path, and where; ``expected`` is the number that was shown."""

    segment = forms.ModelChoiceField(Segment.objects.order_by("name"), label=_("Segment"))
    expected = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=1_000_000_000)

    def __init__(self, path: Path, actor: Actor, data: Any = None, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self.fields["step"] = forms.ModelChoiceField(path.steps.all(), label=gettext("At the step"), empty_label=None)
        self.fields["point_person"] = _staff(
            selectors.staff_who_see_all(actor), gettext("Point person"), empty_label=gettext("nobody")
        )
        self.order_fields(["segment", "step", "point_person"])


class TaskForm(forms.Form):
    """A task. Whom it is about is said by the address it is asked at, not here."""

    title = forms.CharField(label=_("What is to be done"), max_length=200)
    due_on = _day(_("By the"), required=True)
    due_at = forms.TimeField(
        label=_("At (optional)"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    note = forms.CharField(label=_("Note"), max_length=2_000, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, actor: Actor, person: Person | None, task: Task | None = None, data: Any = None, user: int | None = None
    ) -> None:
        initial: dict[str, Any] = {"assignee": user, "due_on": clock.today()}
        if task:
            names = ("title", "note", "due_on", "due_at", "assignee", "step")
            initial = {name: getattr(task, name) for name in names} | {"seen": task.version}
        super().__init__(data, initial=initial)
        self.person = person
        able = selectors.staff_who_see(person) if person else selectors.workers()
        self.fields["assignee"] = _staff(able, gettext("To be done by"), empty_label=gettext("nobody yet"))
        steps = Step.objects.filter(path__shelved_at=None).select_related("path").order_by("path__name", "position")
        self.fields["step"] = StepChoice(steps, label=gettext("For the step (optional)"), required=False)
        if person is None:
            self.fields["note"].help_text = gettext(
                "Name nobody of the campaign here: give the task from the person’s record instead."
            )
        self.order_fields(["title", "due_on", "due_at", "assignee", "step", "note"])

    def clean_due_on(self) -> date:
        day: date = self.cleaned_data["due_on"]
        if not 2000 <= day.year <= 2100:
            raise ValidationError(gettext("This day is too far away."))
        return day

    @property
    def draft(self) -> TaskDraft:
        """What was said."""
        said = self.cleaned_data
        return TaskDraft(
            title=said["title"],
            due_on=said["due_on"],
            due_at=said["due_at"],
            note=said["note"],
            assignee_id=said["assignee"].pk if said["assignee"] else None,
            person_id=self.person.pk if self.person else None,
            step_id=said["step"].pk if said["step"] else None,
        )
