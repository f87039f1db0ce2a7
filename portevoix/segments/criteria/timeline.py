"""What happened to a person, how often, and when last: read from the spine."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar

from django import forms
from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from pydantic import Field

from portevoix.people.models import Interaction
from portevoix.people.types import Kind
from portevoix.segments import rules
from portevoix.segments.criteria.history import Days, day_field, days_ago, days_field, midnight
from portevoix.segments.types import Criterion, Family, Names, register

Times = Annotated[int, Field(ge=1, le=10_000)]


def _kind_field() -> forms.ChoiceField:
    return forms.ChoiceField(label=_("What"), choices=Kind.choices)


@register
class HasInteraction(Criterion):
    key: ClassVar = "interaction"
    label: ClassVar = _("Something happened")
    family: ClassVar = Family.HISTORY

    kind: Kind
    times: Times = 1
    days: Days

    def q(self) -> Q:
        recent = Interaction.objects.filter(kind=self.kind.value, at__gte=days_ago(self.days)).order_by()
        if self.times == 1:
            return Q(Exists(recent.filter(person=OuterRef("pk"))))
        # One grouping of the spine, hashed, rather than a count a person.
        often = recent.values("person").annotate(times=Count("person")).filter(times__gte=self.times)
        return Q(pk__in=often.values("person"))

    def clause(self, names: Names) -> str:
        return ngettext(
            "had “%(kind)s” at least %(times)d time in the last %(days)s",
            "had “%(kind)s” at least %(times)d times in the last %(days)s",
            self.times,
        ) % {"kind": self.kind.label, "times": self.times, "days": rules.days(self.days)}

    def negation(self, names: Names) -> str:
        if self.times == 1:
            return gettext("did not once have “%(kind)s” in the last %(days)s") % {
                "kind": self.kind.label,
                "days": rules.days(self.days),
            }
        return ngettext(
            "had “%(kind)s” less than %(times)d time in the last %(days)s",
            "had “%(kind)s” less than %(times)d times in the last %(days)s",
            self.times,
        ) % {"kind": self.kind.label, "times": self.times, "days": rules.days(self.days)}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {
            "kind": _kind_field(),
            "times": forms.IntegerField(label=_("Times at least"), min_value=1, max_value=10_000, initial=1),
            "days": days_field(_("In how many days")),
        }


@register
class NeverHappened(Criterion):
    key: ClassVar = "never"
    label: ClassVar = _("Something never happened")
    family: ClassVar = Family.HISTORY
    says: ClassVar = _("never had “%(kind)s”")
    denies: ClassVar = _("had “%(kind)s” at least once")

    kind: Kind

    def q(self) -> Q:
        return ~Q(Exists(Interaction.objects.filter(person=OuterRef("pk"), kind=self.kind.value)))

    def words(self, names: Names) -> dict[str, Any]:
        return {"kind": self.kind.label}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"kind": _kind_field()}


@register
class LastHappenedBefore(Criterion):
    """It happened, and not since a day: those whom one has lost sight of."""

    key: ClassVar = "last_before"
    label: ClassVar = _("Something last happened before")
    family: ClassVar = Family.HISTORY
    says: ClassVar = _("had “%(kind)s” for the last time before %(day)s")
    denies: ClassVar = _("never had “%(kind)s”, or had it since %(day)s")

    kind: Kind
    day: date

    def q(self) -> Q:
        of_person = Interaction.objects.filter(person=OuterRef("pk"), kind=self.kind.value)
        moment = midnight(self.day)
        return Q(Exists(of_person.filter(at__lt=moment))) & ~Q(Exists(of_person.filter(at__gte=moment)))

    def words(self, names: Names) -> dict[str, Any]:
        return {
            "kind": self.kind.label,
            "day": rules.day(self.day),
        }

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"kind": _kind_field(), "day": day_field(_("Before"))}


@register
class LastHappenedLongAgo(Criterion):
    key: ClassVar = "last_ago"
    label: ClassVar = _("Something has not happened lately")
    family: ClassVar = Family.HISTORY
    says: ClassVar = _("had “%(kind)s” for the last time more than %(days)s ago")
    denies: ClassVar = _("never had “%(kind)s”, or had it in the last %(days)s")

    kind: Kind
    days: Days

    def q(self) -> Q:
        of_person = Interaction.objects.filter(person=OuterRef("pk"), kind=self.kind.value)
        moment = days_ago(self.days)
        return Q(Exists(of_person.filter(at__lt=moment))) & ~Q(Exists(of_person.filter(at__gte=moment)))

    def words(self, names: Names) -> dict[str, Any]:
        return {
            "kind": self.kind.label,
            "days": rules.days(self.days),
        }

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"kind": _kind_field(), "days": days_field(_("Days ago, more than"))}
