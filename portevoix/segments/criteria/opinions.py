"""What people said of their opinions (RGPD art. 9): only on a ground that holds, and for figures alone.

The database keeps no opinion without its ground; the ground is asked about all the same, so that a question is lawful
by itself.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from pydantic import Field, StringConstraints, model_validator

from portevoix.rights.models import Opinion
from portevoix.rights.purposes import Purpose
from portevoix.segments.criteria.identity import Text
from portevoix.segments.types import Criterion, Family, Names, register

Level = Annotated[int, Field(ge=1, le=5)]
Issue = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]


class OfOpinion(Criterion):
    """A question about opinions."""

    family: ClassVar = Family.OPINIONS
    about_opinions: ClassVar = True

    @property
    def said(self) -> QuerySet[Opinion]:
        """What the person said, as long as they agree that it is kept."""
        return Opinion.objects.filter(
            person=OuterRef("pk"), ground__purpose=Purpose.OPINION.value, ground__withdrawn_at=None
        )


@register
class SupportBetween(OfOpinion):
    key: ClassVar = "support"
    label: ClassVar = _("Support level")
    says: ClassVar = _("said they support us from %(least)d to %(most)d out of 5")
    denies: ClassVar = _("did not say they support us from %(least)d to %(most)d out of 5")

    least: Level
    most: Level

    @model_validator(mode="after")
    def in_order(self) -> SupportBetween:
        if self.least > self.most:
            raise ValueError("the least level is above the greatest")
        return self

    def q(self) -> Q:
        return Q(Exists(self.said.filter(support_level__range=(self.least, self.most))))

    def words(self, names: Names) -> dict[str, int]:
        return {"least": self.least, "most": self.most}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {
            "least": forms.IntegerField(label=_("From (1 is against)"), min_value=1, max_value=5, initial=4),
            "most": forms.IntegerField(label=_("To (5 is firm support)"), min_value=1, max_value=5, initial=5),
        }


@register
class CaresAbout(OfOpinion):
    key: ClassVar = "issue"
    label: ClassVar = _("Issue cared about")
    says: ClassVar = _("said they care about “%(issue)s”")
    denies: ClassVar = _("did not say they care about “%(issue)s”")

    issue: Issue

    def q(self) -> Q:
        return Q(Exists(self.said.filter(issues__contains=[self.issue])))

    def words(self, names: Names) -> dict[str, Any]:
        return {"issue": self.issue}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"issue": forms.CharField(label=_("Issue, as it is noted on records"), max_length=80)}


@register
class IntendsToVote(OfOpinion):
    key: ClassVar = "vote"
    label: ClassVar = _("Voting intention contains")
    says: ClassVar = _("have “%(text)s” in their voting intention")
    denies: ClassVar = _("do not have “%(text)s” in their voting intention")

    text: Text

    def q(self) -> Q:
        return Q(Exists(self.said.filter(vote_intention__icontains=self.text)))

    def words(self, names: Names) -> dict[str, Any]:
        return {"text": self.text}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"text": forms.CharField(label=_("Text"), max_length=200)}


@register
class OpinionIsKnown(OfOpinion):
    key: ClassVar = "opinion"
    label: ClassVar = _("An opinion is recorded")
    says: ClassVar = _("told us an opinion")
    denies: ClassVar = _("told us no opinion")

    def q(self) -> Q:
        return Q(Exists(self.said))
