"""What segments may ask about paths and tasks. What is late is so on the day of Paris on which one asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.kernel import clock
from portevoix.paths.models import Path, Place, Step, Task
from portevoix.paths.types import State
from portevoix.segments.types import Criterion, Family, Names, Pointer, register

if TYPE_CHECKING:
    Choice = forms.ModelChoiceField[Step]
else:
    Choice = forms.ModelChoiceField


class StepChoice(Choice):
    """A step, named with its path."""

    def label_from_instance(self, obj: Step) -> str:
        return f"{obj.path.name} : {obj.name}"


class OnSomePath(Criterion):
    """A question about one path."""

    family: ClassVar = Family.HISTORY
    points_to: ClassVar = {"path": Pointer(Path)}

    path: int

    def named(self, names: Names) -> dict[str, str]:
        """Return the path's name, for a sentence."""
        return {"path": names.of(self.points_to["path"], self.path)}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"path": forms.ModelChoiceField(Path.objects.all(), label=_("Path"))}


@register
class OnPath(OnSomePath):
    key: ClassVar = "on_path"
    label: ClassVar = _("Is on a path")

    def q(self) -> Q:
        return Q(Exists(Place.objects.under_way().filter(path=self.path, person=OuterRef("pk"))))

    def clause(self, names: Names) -> str:
        return gettext("are on the path “%(path)s”") % self.named(names)

    def negation(self, names: Names) -> str:
        return gettext("are not on the path “%(path)s”") % self.named(names)


@register
class AtStep(Criterion):
    key: ClassVar = "at_step"
    label: ClassVar = _("Is at a step of a path")
    family: ClassVar = Family.HISTORY
    points_to: ClassVar = {"step": Pointer(Step)}

    step: int

    def q(self) -> Q:
        return Q(Exists(Place.objects.under_way().filter(step=self.step, person=OuterRef("pk"))))

    def clause(self, names: Names) -> str:
        return gettext("are at the step “%(step)s”") % {"step": names.of(self.points_to["step"], self.step)}

    def negation(self, names: Names) -> str:
        return gettext("are not at the step “%(step)s”") % {"step": names.of(self.points_to["step"], self.step)}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"step": StepChoice(Step.objects.select_related("path"), label=_("Step"))}


@register
class ReachedEnd(OnSomePath):
    key: ClassVar = "reached_end_of_path"
    label: ClassVar = _("Reached the end of a path")

    def q(self) -> Q:
        reached = Place.objects.filter(path=self.path, state=State.REACHED, person=OuterRef("pk"))
        return Q(Exists(reached))

    def clause(self, names: Names) -> str:
        return gettext("reached the end of the path “%(path)s”") % self.named(names)

    def negation(self, names: Names) -> str:
        return gettext("did not reach the end of the path “%(path)s”") % self.named(names)


@register
class LateOnPath(OnSomePath):
    key: ClassVar = "late_on_path"
    label: ClassVar = _("Is late on a path")

    def q(self) -> Q:
        return Q(Exists(Place.objects.late().filter(path=self.path, person=OuterRef("pk"))))

    def clause(self, names: Names) -> str:
        return gettext("are late on the path “%(path)s”") % self.named(names)

    def negation(self, names: Names) -> str:
        return gettext("are not late on the path “%(path)s”") % self.named(names)


@register
class HasOpenTask(Criterion):
    key: ClassVar = "open_task"
    label: ClassVar = _("Somebody has a task about them")
    family: ClassVar = Family.HISTORY

    is_late: bool = False

    def q(self) -> Q:
        tasks = Task.objects.open().filter(person=OuterRef("pk"))
        return Q(Exists(tasks.filter(due_on__lt=clock.today()) if self.is_late else tasks))

    def clause(self, names: Names) -> str:
        return gettext("are in a task that is late") if self.is_late else gettext("are in a task that is not done")

    def negation(self, names: Names) -> str:
        return gettext("are in no task that is late") if self.is_late else gettext("are in no task that is not done")

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"is_late": forms.BooleanField(label=_("Only late ones"), required=False)}
