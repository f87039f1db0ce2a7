"""What segments may ask about actions: who took part, as long as they agree that it is kept. Never their answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from django import forms
from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from pydantic import Field
from wagtail.models import Page

from portevoix.actions.models import Participation
from portevoix.segments import rules
from portevoix.segments.criteria.history import days_ago, days_field
from portevoix.segments.types import Criterion, Family, Names, Pointer, register

Lately = Annotated[int, Field(ge=1, le=36_500)] | None

if TYPE_CHECKING:
    Choice = forms.ModelChoiceField[Page]
else:
    Choice = forms.ModelChoiceField


class ActionChoice(Choice):
    """A page on which somebody took part."""

    def label_from_instance(self, obj: Page) -> str:
        return str(obj.title)


def action_field() -> ActionChoice:
    """Return a blank for an action: only those in which somebody took part, since the others find nobody."""
    taken = Participation.objects.order_by().values("page")
    return ActionChoice(Page.objects.filter(pk__in=taken).order_by("title"), label=_("Action"))


@register
class TookPart(Criterion):
    """Whether somebody took part in an action. What they take back, or no longer agree to, is not found any more."""

    key: ClassVar = "took_part"
    label: ClassVar = _("Took part in an action")
    family: ClassVar = Family.HISTORY
    told_for_one_thing: ClassVar = True
    points_to: ClassVar = {"action": Pointer(Page)}

    action: int
    days: Lately = None

    def q(self) -> Q:
        taken = Participation.objects.filter(page=self.action, person=OuterRef("pk")).counted()
        return Q(Exists(taken.filter(confirmed_at__gte=days_ago(self.days)) if self.days else taken))

    def clause(self, names: Names) -> str:
        title = {"title": names.of(self.points_to["action"], self.action)}
        if not self.days:
            return gettext("took part in “%(title)s”") % title
        return gettext("took part in “%(title)s” in the last %(days)s") % {**title, "days": rules.days(self.days)}

    def negation(self, names: Names) -> str:
        title = {"title": names.of(self.points_to["action"], self.action)}
        if not self.days:
            return gettext("did not take part in “%(title)s”") % title
        said = gettext("did not take part in “%(title)s” in the last %(days)s")
        return said % {**title, "days": rules.days(self.days)}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {
            "action": action_field(),
            "days": days_field(
                _("In how many days"),
                required=False,
                initial=None,
                help_text=_(
                    "Left empty: at any time. They agreed that it serves this action alone: write to them of it, and "
                    "of nothing else by it."
                ),
            ),
        }


@register
class Brought(Criterion):
    """Whether others took part by somebody's own link: to thank them, never to rank people by whom they know."""

    key: ClassVar = "brought_others"
    label: ClassVar = _("Brought others into an action")
    family: ClassVar = Family.HISTORY
    told_for_one_thing: ClassVar = True
    points_to: ClassVar = {"action": Pointer(Page)}

    action: int
    times: Annotated[int, Field(ge=3, le=10_000)] = 3

    def q(self) -> Q:
        mine = Participation.objects.filter(page=self.action, person=OuterRef("pk")).counted()
        brought = Participation.objects.filter(page=self.action, recruiter__isnull=False).counted().order_by()
        often = brought.values("recruiter").annotate(number=Count("pk")).filter(number__gte=self.times)
        return Q(Exists(mine), pk__in=often.values("recruiter"))

    def words(self, names: Names) -> dict[str, Any]:
        return {"title": names.of(self.points_to["action"], self.action), "times": self.times}

    def clause(self, names: Names) -> str:
        return ngettext(
            "brought at least %(times)d other into “%(title)s”",
            "brought at least %(times)d others into “%(title)s”",
            self.times,
        ) % self.words(names)

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {
            "action": action_field(),
            "times": forms.IntegerField(label=_("How many at least"), min_value=3, max_value=10_000, initial=3),
        }
