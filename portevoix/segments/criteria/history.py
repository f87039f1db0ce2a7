"""Since when, from where, and what happened."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, ClassVar

from django import forms
from django.db.models import Count, Exists, OuterRef, Q
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from pydantic import Field

from portevoix.kernel import clock
from portevoix.people.models import Interaction
from portevoix.people.types import Kind
from portevoix.segments import rules
from portevoix.segments.criteria.identity import Text
from portevoix.segments.types import Criterion, Family, Names, register

Days = Annotated[int, Field(ge=1, le=36_500)]
Times = Annotated[int, Field(ge=1, le=10_000)]


def midnight(day: date) -> datetime:
    """Return when a day begins in Paris."""
    return datetime.combine(day, time.min, clock.PARIS)


def _day_field(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


@register
class KnownWithin(Criterion):
    key: ClassVar = "known_within"
    label: ClassVar = _("Known for less than")
    family: ClassVar = Family.HISTORY

    days: Days

    def q(self) -> Q:
        return Q(created_at__gte=clock.now() - timedelta(days=self.days))

    def clause(self, names: Names) -> str:
        return gettext("have been known for less than %(days)s") % {"days": rules.days(self.days)}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"days": forms.IntegerField(label=_("Number of days"), min_value=1, max_value=36_500)}


@register
class KnownSince(Criterion):
    key: ClassVar = "known_since"
    label: ClassVar = _("Known since")
    family: ClassVar = Family.HISTORY

    day: date

    def q(self) -> Q:
        return Q(created_at__gte=midnight(self.day))

    def clause(self, names: Names) -> str:
        return gettext("came on or after %(day)s") % {"day": date_format(self.day, "DATE_FORMAT")}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"day": _day_field(_("Day"))}


@register
class KnownBefore(Criterion):
    key: ClassVar = "known_before"
    label: ClassVar = _("Known before")
    family: ClassVar = Family.HISTORY

    day: date

    def q(self) -> Q:
        return Q(created_at__lt=midnight(self.day))

    def clause(self, names: Names) -> str:
        return gettext("came before %(day)s") % {"day": date_format(self.day, "DATE_FORMAT")}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"day": _day_field(_("Day"))}


@register
class ComesFrom(Criterion):
    key: ClassVar = "source"
    label: ClassVar = _("Source contains")
    family: ClassVar = Family.HISTORY

    text: Text

    def q(self) -> Q:
        return Q(source__icontains=self.text)

    def clause(self, names: Names) -> str:
        return gettext("came by “%(text)s”") % {"text": self.text}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"text": forms.CharField(label=_("Text"), max_length=200)}


@register
class HasInteraction(Criterion):
    key: ClassVar = "interaction"
    label: ClassVar = _("Something happened")
    family: ClassVar = Family.HISTORY

    kind: Kind
    times: Times = 1
    days: Days

    def q(self) -> Q:
        since = clock.now() - timedelta(days=self.days)
        recent = Interaction.objects.filter(kind=self.kind.value, at__gte=since).order_by()
        if self.times == 1:
            return Q(Exists(recent.filter(person=OuterRef("pk"))))
        # One grouping of the spine, hashed, rather than a count a person.
        often = recent.values("person").annotate(times=Count("pk")).filter(times__gte=self.times)
        return Q(pk__in=often.values("person"))

    def clause(self, names: Names) -> str:
        return ngettext(
            "in the last %(days)s, at least %(times)d time: %(kind)s",
            "in the last %(days)s, at least %(times)d times: %(kind)s",
            self.times,
        ) % {"kind": self.kind.label, "times": self.times, "days": rules.days(self.days)}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {
            "kind": forms.ChoiceField(label=_("What"), choices=Kind.choices),
            "times": forms.IntegerField(label=_("Times at least"), min_value=1, max_value=10_000, initial=1),
            "days": forms.IntegerField(label=_("In how many days"), min_value=1, max_value=36_500, initial=90),
        }
