"""What people are to the campaign, the dues they paid, and how they are tied to one another."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, ClassVar

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _
from pydantic import Field

from portevoix.kernel import clock
from portevoix.people.models import PersonRole, Relationship
from portevoix.people.types import INVERSE, SYMMETRIC, RelationKind, RoleKind
from portevoix.segments import rules
from portevoix.segments.criteria.history import Days, Soon, days_field, soon_field
from portevoix.segments.types import Criterion, Family, Names, register


def _held(kind: RoleKind) -> QuerySet[PersonRole]:
    """Return who holds a role today: those whose days have come and are not over."""
    today = clock.today()
    has_begun, is_not_over = Q(since=None) | Q(since__lte=today), Q(until=None) | Q(until__gte=today)
    return PersonRole.objects.filter(has_begun & is_not_over, person=OuterRef("pk"), kind=kind.value)


def _role_field() -> forms.ChoiceField:
    return forms.ChoiceField(label=_("Role"), choices=RoleKind.choices, initial=RoleKind.VOLUNTEER)


class OfRole(Criterion):
    """A question about one role."""

    family: ClassVar = Family.ROLES

    role: RoleKind


@register
class HasRole(OfRole):
    key: ClassVar = "role"
    label: ClassVar = _("Role held")
    says: ClassVar = _("have the role “%(role)s”")
    denies: ClassVar = _("do not have the role “%(role)s”")

    def q(self) -> Q:
        return Q(Exists(_held(self.role)))

    def words(self, names: Names) -> dict[str, Any]:
        return {"role": self.role.label}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"role": _role_field()}


@register
class HasRoleForLong(OfRole):
    """Since a day that is known: a role without a first day is of no age."""

    key: ClassVar = "role_for"
    label: ClassVar = _("Role held for long")
    says: ClassVar = _("have had the role “%(role)s” for %(days)s at least")
    denies: ClassVar = _("have not had the role “%(role)s” for %(days)s at least")

    days: Days

    def q(self) -> Q:
        return Q(Exists(_held(self.role).filter(since__lte=clock.today() - timedelta(days=self.days))))

    def words(self, names: Names) -> dict[str, str]:
        return {"role": str(self.role.label), "days": rules.days(self.days)}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"role": _role_field(), "days": days_field(_("For how many days at least"), initial=365)}


@register
class HadRole(OfRole):
    key: ClassVar = "role_over"
    label: ClassVar = _("Role no longer held")
    says: ClassVar = _("had the role “%(role)s” and have it no longer")
    denies: ClassVar = _("still have the role “%(role)s” or never had it")

    def q(self) -> Q:
        ended = PersonRole.objects.filter(person=OuterRef("pk"), kind=self.role.value, until__lt=clock.today())
        return Q(Exists(ended)) & ~Q(Exists(_held(self.role)))

    def words(self, names: Names) -> dict[str, Any]:
        return {"role": self.role.label}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"role": _role_field()}


@register
class RoleEndsSoon(OfRole):
    """Of a role that has a last day, and no other of its kind that lasts longer."""

    key: ClassVar = "role_soon"
    label: ClassVar = _("Role that ends soon")
    says: ClassVar = _("have the role “%(role)s”, which ends in the next %(days)s")
    denies: ClassVar = _("do not have the role “%(role)s” with an end in the next %(days)s")

    days: Soon

    def q(self) -> Q:
        today = clock.today()
        last, held = today + timedelta(days=self.days), _held(self.role)
        held_longer = held.filter(Q(until=None) | Q(until__gt=last))
        return Q(Exists(held.filter(until__range=(today, last)))) & ~Q(Exists(held_longer))

    def words(self, names: Names) -> dict[str, str]:
        return {"role": str(self.role.label), "days": rules.days(self.days)}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"role": _role_field(), "days": soon_field()}


class Dues(TextChoices):
    """How a member stands with the dues."""

    PAID = "paid", _("cover today")
    LAPSED = "lapsed", _("are over")
    NEVER = "never", _("were never paid")


@register
class DuesAre(Criterion):
    """Of those who are members today; dues without a last day are not known to cover anything."""

    key: ClassVar = "dues"
    label: ClassVar = _("Membership dues")
    family: ClassVar = Family.ROLES
    says: ClassVar = _("are members whose dues %(state)s")
    denies: ClassVar = _("are not members whose dues %(state)s")

    state: Dues

    def q(self) -> Q:
        members, today = _held(RoleKind.MEMBER), clock.today()
        covered = Q(Exists(members.filter(dues_until__gte=today)))
        if self.state == Dues.PAID:
            return covered
        if self.state == Dues.LAPSED:
            return Q(Exists(members.filter(dues_until__lt=today))) & ~covered
        dated = members.exclude(dues_until=None, dues_paid_on=None)
        return Q(Exists(members)) & ~Q(Exists(dated))

    def words(self, names: Names) -> dict[str, Any]:
        return {"state": self.state.label}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"state": forms.ChoiceField(label=_("Their dues"), choices=Dues.choices)}


@register
class DuesEndSoon(Criterion):
    key: ClassVar = "dues_soon"
    label: ClassVar = _("Membership dues to renew soon")
    family: ClassVar = Family.ROLES
    says: ClassVar = _("are members whose dues end in the next %(days)s")
    denies: ClassVar = _("are not members whose dues end in the next %(days)s")

    days: Soon

    def q(self) -> Q:
        today = clock.today()
        last = today + timedelta(days=self.days)
        members = _held(RoleKind.MEMBER)
        covered_longer = members.filter(dues_until__gt=last)
        return Q(Exists(members.filter(dues_until__range=(today, last)))) & ~Q(Exists(covered_longer))

    def words(self, names: Names) -> dict[str, Any]:
        return {"days": rules.days(self.days)}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"days": soon_field()}


class OfTie(Criterion):
    """A question about ties of one kind."""

    family: ClassVar = Family.ROLES

    tie: RelationKind

    @property
    def outward(self) -> QuerySet[Relationship]:
        return Relationship.objects.filter(person=OuterRef("pk"), kind=self.tie.value)

    @property
    def inward(self) -> QuerySet[Relationship]:
        return Relationship.objects.filter(other=OuterRef("pk"), kind=self.tie.value)


@register
class IsTied(OfTie):
    """« is followed by (point person) »: whoever it is; ties that say the same from both ends are read from both."""

    key: ClassVar = "tie"
    label: ClassVar = _("Tied to somebody")
    says: ClassVar = _("have somebody under “%(tie)s”")
    denies: ClassVar = _("have nobody under “%(tie)s”")

    def q(self) -> Q:
        tied = Q(Exists(self.outward))
        return tied | Q(Exists(self.inward)) if self.tie in SYMMETRIC else tied

    def words(self, names: Names) -> dict[str, Any]:
        return {"tie": self.tie.label}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        usual = RelationKind.POINT_PERSON
        return {"tie": forms.ChoiceField(label=_("Tie"), choices=RelationKind.choices, initial=usual)}


@register
class IsTiedBack(OfTie):
    """The same ties read from their other end: « recruited », « is the point person of »."""

    key: ClassVar = "tie_back"
    label: ClassVar = _("Somebody is tied to them")
    says: ClassVar = _("have somebody under “%(tie)s”")
    denies: ClassVar = _("have nobody under “%(tie)s”")

    def q(self) -> Q:
        tied = Q(Exists(self.inward))
        return tied | Q(Exists(self.outward)) if self.tie in SYMMETRIC else tied

    def words(self, names: Names) -> dict[str, Any]:
        return {"tie": INVERSE[self.tie]}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        usual = RelationKind.RECRUITED_BY
        return {"tie": forms.ChoiceField(label=_("Tie"), choices=list(INVERSE.items()), initial=usual)}


@register
class IsTiedTo(OfTie):
    """One person in particular, by the number of their record: a segment is read by people who may not see them."""

    key: ClassVar = "tied_to"
    label: ClassVar = _("Tied to one person in particular")
    says: ClassVar = _("have record no. %(number)d under “%(tie)s”")
    denies: ClassVar = _("do not have record no. %(number)d under “%(tie)s”")

    person: Annotated[int, Field(ge=1, le=2**63 - 1)]

    def q(self) -> Q:
        tied = Q(Exists(self.outward.filter(other=self.person)))
        return tied | Q(Exists(self.inward.filter(person=self.person))) if self.tie in SYMMETRIC else tied

    def words(self, names: Names) -> dict[str, Any]:
        return {"number": self.person, "tie": self.tie.label}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        of_record = _("The number at the end of the address of the person’s page.")
        return {
            "tie": forms.ChoiceField(label=_("Tie"), choices=RelationKind.choices),
            "person": forms.IntegerField(label=_("Number of the record"), min_value=1, help_text=of_record),
        }
