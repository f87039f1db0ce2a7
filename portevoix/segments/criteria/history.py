"""Since when, and from where, a person is known. Days are those of Paris, whole, whatever the clock does at night."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, ClassVar

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from pydantic import Field

from portevoix.kernel import clock
from portevoix.segments import rules
from portevoix.segments.criteria.identity import Text
from portevoix.segments.types import Criterion, Family, Names, register

Days = Annotated[int, Field(ge=1, le=36_500)]
#: How soon something ends.
Soon = Annotated[int, Field(ge=0, le=365)]


def midnight(day: date) -> datetime:
    """Return when a day begins in Paris, where the clock never changes at midnight."""
    return datetime.combine(day, time.min, clock.PARIS)


def days_ago(number: int) -> datetime:
    """Return the beginning of the day, in Paris, some days ago.

    Whole days and not hours: a count is the same all day long, and a night of 23 or 25 hours shifts nobody.
    """
    return midnight(clock.today() - timedelta(days=number))


def day_field(label: Any, required: bool = True) -> forms.DateField:
    """Return a blank for a day."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, required=required)


def days_field(label: Any, **more: Any) -> forms.IntegerField:
    """Return a blank for a number of days."""
    return forms.IntegerField(label=label, min_value=1, max_value=36_500, **{"initial": 90, **more})


def soon_field() -> forms.IntegerField:
    """Return a blank for how soon something ends."""
    return forms.IntegerField(label=_("In how many days at most"), min_value=0, max_value=365, initial=30)


@register
class KnownWithin(Criterion):
    key: ClassVar = "known_within"
    label: ClassVar = _("Known for less than")
    family: ClassVar = Family.HISTORY
    says: ClassVar = _("have been known for less than %(days)s")
    denies: ClassVar = _("have been known for more than %(days)s")

    days: Days

    def q(self) -> Q:
        return Q(created_at__gte=days_ago(self.days))

    def words(self, names: Names) -> dict[str, Any]:
        return {"days": rules.days(self.days)}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"days": days_field(_("Number of days"), initial=30)}


@register
class KnownSince(Criterion):
    key: ClassVar = "known_since"
    label: ClassVar = _("Known since")
    family: ClassVar = Family.HISTORY
    says: ClassVar = _("came on or after %(day)s")
    denies: ClassVar = _("came before %(day)s")

    day: date

    def q(self) -> Q:
        return Q(created_at__gte=midnight(self.day))

    def words(self, names: Names) -> dict[str, Any]:
        return {"day": rules.day(self.day)}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"day": day_field(_("Day"))}


@register
class KnownBefore(Criterion):
    key: ClassVar = "known_before"
    label: ClassVar = _("Known before")
    family: ClassVar = Family.HISTORY
    says: ClassVar = _("came before %(day)s")
    denies: ClassVar = _("came on or after %(day)s")

    day: date

    def q(self) -> Q:
        return Q(created_at__lt=midnight(self.day))

    def words(self, names: Names) -> dict[str, Any]:
        return {"day": rules.day(self.day)}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"day": day_field(_("Day"))}


@register
class ChangedWithin(Criterion):
    key: ClassVar = "changed_within"
    label: ClassVar = _("Record changed lately")
    family: ClassVar = Family.HISTORY
    says: ClassVar = _("had their record changed in the last %(days)s")
    denies: ClassVar = _("did not have their record changed in the last %(days)s")

    days: Days

    def q(self) -> Q:
        return Q(updated_at__gte=days_ago(self.days))

    def words(self, names: Names) -> dict[str, Any]:
        return {"days": rules.days(self.days)}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"days": days_field(_("In how many days"), initial=30)}


@register
class ComesFrom(Criterion):
    key: ClassVar = "source"
    label: ClassVar = _("Source contains")
    family: ClassVar = Family.HISTORY
    says: ClassVar = _("came by “%(text)s”")
    denies: ClassVar = _("did not come by “%(text)s”")

    text: Text

    def q(self) -> Q:
        return Q(source__icontains=self.text)

    def words(self, names: Names) -> dict[str, Any]:
        return {"text": self.text}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"text": forms.CharField(label=_("Text"), max_length=200)}
