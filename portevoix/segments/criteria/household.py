"""Who lives with whom."""

from __future__ import annotations

from typing import Annotated, ClassVar

from django import forms
from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from pydantic import Field

from portevoix.people.models import HouseholdMember
from portevoix.people.types import Kind
from portevoix.segments.types import Criterion, Family, Names, register

#: What it is to have reached somebody: a message that left, or a person who came to us.
REACHED = (Kind.MAILED, Kind.SIGNED_UP, Kind.ADDED, Kind.CONFIRMED)


@register
class LivesWithOthers(Criterion):
    """Counts those who are in the file."""

    key: ClassVar = "household"
    label: ClassVar = _("Lives with others of the file")
    family: ClassVar = Family.CONTACT

    others: Annotated[int, Field(ge=1, le=20)]

    def q(self) -> Q:
        sizes = HouseholdMember.objects.order_by().values("household").annotate(Count("pk"))
        large = sizes.filter(pk__count__gt=self.others).values("household")
        return Q(Exists(HouseholdMember.objects.filter(person=OuterRef("pk"), household__in=large)))

    def clause(self, names: Names) -> str:
        told = ngettext(
            "live with at least %(number)d other person of the file",
            "live with at least %(number)d other people of the file",
            self.others,
        )
        return told % {"number": self.others}

    def negation(self, names: Names) -> str:
        told = ngettext(
            "do not live with %(number)d other person of the file",
            "do not live with at least %(number)d other people of the file",
            self.others,
        )
        return told % {"number": self.others}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"others": forms.IntegerField(label=_("How many others at least"), min_value=1, max_value=20, initial=1)}


@register
class HouseholdNotReached(Criterion):
    """Of a household, that nobody in it was written to or came to us; who lives in none is not meant."""

    key: ClassVar = "household_not_reached"
    label: ClassVar = _("Household nobody of which was reached")
    family: ClassVar = Family.CONTACT
    says: ClassVar = _("live in a household nobody of which was reached")
    denies: ClassVar = _("do not live in a household nobody of which was reached")

    def q(self) -> Q:
        reached = HouseholdMember.objects.filter(
            household__members__person=OuterRef("pk"), person__interactions__kind__in=REACHED
        )
        return Q(Exists(HouseholdMember.objects.filter(person=OuterRef("pk")))) & ~Q(Exists(reached))
