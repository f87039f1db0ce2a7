"""What happened to a person, how often, and when last: read from the spine."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar

from django import forms
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from pydantic import Field

from portevoix.people.models import Interaction
from portevoix.people.types import Kind
from portevoix.rights.models import Ground
from portevoix.segments import rules
from portevoix.segments.criteria.history import Days, day_field, days_ago, days_field, midnight
from portevoix.segments.types import Criterion, Family, Names, register

Times = Annotated[int, Field(ge=1, le=10_000)]
#: What people agreed to for one action alone: a line of it counts as long as they do.
FOR_ONE_THING = frozenset({Kind.PARTICIPATED, Kind.ATTENDED})


def _kind_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("What"),
        choices=Kind.choices,
        help_text=_(
            "Taking part in an action and coming to a meeting were agreed to for that alone: write to those whom it "
            "finds of it, and of nothing else by it."
        ),
    )


class OfTheTimeline(Criterion):
    """A question about lines of one kind."""

    family: ClassVar = Family.HISTORY

    kind: Kind

    @property
    def leans_on_one_thing(self) -> bool:
        """Whether the lines say what somebody did for one action."""
        return self.kind in FOR_ONE_THING

    def lines(self) -> QuerySet[Interaction]:
        """Return the lines that count: the law is asked here, since what is agreed to no more is erased at night."""
        lines = Interaction.objects.filter(kind=self.kind.value).order_by()
        if self.kind not in FOR_ONE_THING:
            return lines
        purpose = KeyTextTransform("purpose", OuterRef("detail"))
        return lines.filter(Exists(Ground.objects.live().filter(person=OuterRef("person"), purpose=purpose)))

    def of_person(self) -> QuerySet[Interaction]:
        """Return a person's own, in a condition on persons."""
        return self.lines().filter(person=OuterRef("pk"))


@register
class HasInteraction(OfTheTimeline):
    key: ClassVar = "interaction"
    label: ClassVar = _("Something happened")

    times: Times = 1
    days: Days

    def q(self) -> Q:
        recent = self.lines().filter(at__gte=days_ago(self.days))
        if self.times == 1:
            return Q(Exists(recent.filter(person=OuterRef("pk"))))
        # One grouping of the spine, hashed, rather than a count a person.
        often = recent.values("person").annotate(times=Count("person")).filter(times__gte=self.times)
        return Q(pk__in=often.values("person"))

    def clause(self, names: Names) -> str:
        if self.kind == Kind.ATTENDED:
            said = ngettext(
                "came to at least %(times)d meeting in %(lately)s",
                "came to at least %(times)d meetings in %(lately)s",
                self.times,
            )
            return said % {"times": self.times, "lately": rules.lately(self.days)}
        return ngettext(
            "had “%(kind)s” at least %(times)d time in the last %(days)s",
            "had “%(kind)s” at least %(times)d times in the last %(days)s",
            self.times,
        ) % {"kind": self.kind.label, "times": self.times, "days": rules.days(self.days)}

    def negation(self, names: Names) -> str:
        if self.kind == Kind.ATTENDED:
            none = gettext("came to no meeting in %(lately)s")
            said = none if self.times == 1 else gettext("came to less than %(times)d meetings in %(lately)s")
            return said % {"times": self.times, "lately": rules.lately(self.days)}
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
class NeverHappened(OfTheTimeline):
    key: ClassVar = "never"
    label: ClassVar = _("Something never happened")
    says: ClassVar = _("never had “%(kind)s”")
    denies: ClassVar = _("had “%(kind)s” at least once")

    def q(self) -> Q:
        return ~Q(Exists(self.of_person()))

    def words(self, names: Names) -> dict[str, Any]:
        return {"kind": self.kind.label}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"kind": _kind_field()}


@register
class LastHappenedBefore(OfTheTimeline):
    """It happened, and not since a day: those whom one has lost sight of."""

    key: ClassVar = "last_before"
    label: ClassVar = _("Something last happened before")
    says: ClassVar = _("had “%(kind)s” for the last time before %(day)s")
    denies: ClassVar = _("never had “%(kind)s”, or had it since %(day)s")

    day: date

    def q(self) -> Q:
        of_person = self.of_person()
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
class LastHappenedLongAgo(OfTheTimeline):
    key: ClassVar = "last_ago"
    label: ClassVar = _("Something has not happened lately")
    says: ClassVar = _("had “%(kind)s” for the last time more than %(days)s ago")
    denies: ClassVar = _("never had “%(kind)s”, or had it in the last %(days)s")

    days: Days

    def q(self) -> Q:
        of_person = self.of_person()
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
