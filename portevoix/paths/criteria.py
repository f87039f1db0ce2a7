"""What segments may ask about paths and tasks. What is late is so on the day of Paris on which one asks."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.kernel import clock
from portevoix.paths.models import Path, Place, Step, Task
from portevoix.paths.types import State
from portevoix.segments import rules
from portevoix.segments.criteria.history import Soon, soon_field
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

    def words(self, names: Names) -> dict[str, Any]:
        return {"path": names.of(self.points_to["path"], self.path)}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"path": forms.ModelChoiceField(Path.objects.all(), label=_("Path"))}


@register
class OnPath(OnSomePath):
    key: ClassVar = "on_path"
    label: ClassVar = _("Is on a path")
    says: ClassVar = _("are on the path “%(path)s”")
    denies: ClassVar = _("are not on the path “%(path)s”")

    def q(self) -> Q:
        return Q(Exists(Place.objects.under_way().filter(path=self.path, person=OuterRef("pk"))))


@register
class AtStep(Criterion):
    key: ClassVar = "at_step"
    label: ClassVar = _("Is at a step of a path")
    family: ClassVar = Family.HISTORY
    points_to: ClassVar = {"step": Pointer(Step)}
    says: ClassVar = _("are at the step “%(step)s”")
    denies: ClassVar = _("are not at the step “%(step)s”")

    step: int

    def q(self) -> Q:
        return Q(Exists(Place.objects.under_way().filter(step=self.step, person=OuterRef("pk"))))

    def words(self, names: Names) -> dict[str, Any]:
        return {"step": names.of(self.points_to["step"], self.step)}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"step": StepChoice(Step.objects.select_related("path"), label=_("Step"))}


@register
class ReachedEnd(OnSomePath):
    key: ClassVar = "reached_end_of_path"
    label: ClassVar = _("Reached the end of a path")
    says: ClassVar = _("reached the end of the path “%(path)s”")
    denies: ClassVar = _("did not reach the end of the path “%(path)s”")

    def q(self) -> Q:
        reached = Place.objects.filter(path=self.path, state=State.REACHED, person=OuterRef("pk"))
        return Q(Exists(reached))


@register
class LateOnPath(OnSomePath):
    key: ClassVar = "late_on_path"
    label: ClassVar = _("Is late on a path")
    says: ClassVar = _("are late on the path “%(path)s”")
    denies: ClassVar = _("are not late on the path “%(path)s”")

    def q(self) -> Q:
        return Q(Exists(Place.objects.late().filter(path=self.path, person=OuterRef("pk"))))


@register
class StepDueSoon(OnSomePath):
    key: ClassVar = "step_soon"
    label: ClassVar = _("Has a step due soon on a path")
    says: ClassVar = _("have a step of the path “%(path)s” due in the next %(days)s")
    denies: ClassVar = _("have no step of the path “%(path)s” due in the next %(days)s")

    days: Soon

    def q(self) -> Q:
        today = clock.today()
        soon = Place.objects.under_way().filter(due_on__range=(today, today + timedelta(days=self.days)))
        return Q(Exists(soon.filter(path=self.path, person=OuterRef("pk"))))

    def words(self, names: Names) -> dict[str, Any]:
        return {**super().words(names), "days": rules.days(self.days)}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {**super().fields(), "days": soon_field()}


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
