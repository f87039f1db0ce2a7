"""What people agreed to, never agreed to, or took back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, ClassVar

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from pydantic import field_validator

from portevoix.kernel import clock
from portevoix.people.models import Interaction
from portevoix.rights.gate import POINTS, contact_points
from portevoix.rights.models import Ground
from portevoix.rights.purposes import OPTIONAL, RULES, Basis, Purpose
from portevoix.rights.rules.retention import EXCHANGES
from portevoix.rights.selectors import retention
from portevoix.segments import rules
from portevoix.segments.criteria.history import Soon, day_field, midnight, soon_field
from portevoix.segments.types import Criterion, Family, Names, register


def _purpose_field() -> forms.ChoiceField:
    return forms.ChoiceField(label=_("Purpose"), choices=Purpose.choices)


def _since_field() -> forms.DateField:
    return day_field(_("Since (optional)"), required=False)


@register
class HasGround(Criterion):
    key: ClassVar = "ground"
    label: ClassVar = _("Consent in force")
    family: ClassVar = Family.CONSENT

    purpose: Purpose
    since: date | None = None

    def q(self) -> Q:
        held = Ground.objects.live().filter(person=OuterRef("pk"), purpose=self.purpose.value)
        return Q(Exists(held.filter(given_at__gte=midnight(self.since)) if self.since else held))

    def clause(self, names: Names) -> str:
        if self.since:
            return gettext("have agreed since %(day)s to “%(purpose)s”") % {
                "purpose": self.purpose.label,
                "day": rules.day(self.since),
            }
        return gettext("agreed to “%(purpose)s”") % {"purpose": self.purpose.label}

    def negation(self, names: Names) -> str:
        if self.since:
            return gettext("have not agreed since %(day)s to “%(purpose)s”") % {
                "purpose": self.purpose.label,
                "day": rules.day(self.since),
            }
        return gettext("do not agree to “%(purpose)s”") % {"purpose": self.purpose.label}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"purpose": _purpose_field(), "since": _since_field()}


@register
class HasNoGround(Criterion):
    key: ClassVar = "no_ground"
    label: ClassVar = _("No consent in force")
    family: ClassVar = Family.CONSENT
    says: ClassVar = _("do not agree to “%(purpose)s”")
    denies: ClassVar = _("agreed to “%(purpose)s”")

    purpose: Purpose

    def q(self) -> Q:
        return ~Q(Exists(Ground.objects.live().filter(person=OuterRef("pk"), purpose=self.purpose.value)))

    def words(self, names: Names) -> dict[str, Any]:
        return {"purpose": self.purpose.label}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"purpose": _purpose_field()}


@register
class Withdrew(Criterion):
    """Somebody who took a consent back and has not given it again."""

    key: ClassVar = "withdrew"
    label: ClassVar = _("Consent withdrawn")
    family: ClassVar = Family.CONSENT

    purpose: Purpose
    since: date | None = None

    def q(self) -> Q:
        grounds = Ground.objects.filter(purpose=self.purpose.value)
        given_again = grounds.live().filter(person=OuterRef("person"))
        taken_back = grounds.filter(~Exists(given_again), person=OuterRef("pk"), withdrawn_at__isnull=False)
        taken_back = taken_back.exclude(withdrawal__has_key="retention")  # its time was over: nobody took it back
        return Q(Exists(taken_back.filter(withdrawn_at__gte=midnight(self.since)) if self.since else taken_back))

    def clause(self, names: Names) -> str:
        if self.since:
            return gettext("have withdrawn since %(day)s their consent to “%(purpose)s”") % {
                "purpose": self.purpose.label,
                "day": rules.day(self.since),
            }
        return gettext("withdrew their consent to “%(purpose)s”") % {"purpose": self.purpose.label}

    def negation(self, names: Names) -> str:
        if self.since:
            return gettext("have not withdrawn since %(day)s their consent to “%(purpose)s”") % {
                "purpose": self.purpose.label,
                "day": rules.day(self.since),
            }
        return gettext("did not withdraw their consent to “%(purpose)s”") % {"purpose": self.purpose.label}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"purpose": _purpose_field(), "since": _since_field()}


@register
class ConsentEndsSoon(Criterion):
    """A consent in force whose term is over within so many days, unless the person gives a sign of life before.

    The term is the campaign's rule of retention, and counts from the last exchange, as the nightly work does; whoever
    it leaves as they are (a restriction, a request that waits) loses nothing, and is not meant.
    """

    key: ClassVar = "consent_soon"
    label: ClassVar = _("Consent that ends soon")
    family: ClassVar = Family.CONSENT
    says: ClassVar = _("have agreed to “%(purpose)s” for a time that ends in the next %(days)s")
    denies: ClassVar = _("have not agreed to “%(purpose)s” for a time that ends in the next %(days)s")

    purpose: Purpose
    days: Soon

    @field_validator("purpose")
    @classmethod
    def has_a_term(cls, purpose: Purpose) -> Purpose:
        if purpose.value not in RULES:
            raise ValueError("this purpose has no term")
        return purpose

    def q(self) -> Q:
        before = retention.limit_of(self.purpose.value, clock.today() + timedelta(days=self.days))
        given = Ground.objects.live().filter(person=OuterRef("pk"), purpose=self.purpose.value, given_at__lt=before)
        heard = Interaction.objects.filter(person=OuterRef("pk"), kind__in=EXCHANGES, at__gte=before)
        waits = retention.waiting().filter(person=OuterRef("pk"))
        return Q(restricted_at=None) & Q(Exists(given)) & ~Q(Exists(heard)) & ~Q(Exists(waits))

    def words(self, names: Names) -> dict[str, str]:
        return {"purpose": str(self.purpose.label), "days": rules.days(self.days)}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        ending = [(value, label) for value, label in Purpose.choices if value in RULES]
        return {"purpose": forms.ChoiceField(label=_("Purpose"), choices=ending), "days": soon_field()}


@register
class ConsentRestsOn(Criterion):
    key: ClassVar = "basis"
    label: ClassVar = _("Ground of the consent")
    family: ClassVar = Family.CONSENT
    says: ClassVar = _("may be reached for “%(purpose)s” on the ground “%(basis)s”")
    denies: ClassVar = _("may not be reached for “%(purpose)s” on the ground “%(basis)s”")

    purpose: Purpose
    basis: Basis

    def q(self) -> Q:
        held = Ground.objects.live().filter(person=OuterRef("pk"), purpose=self.purpose.value, basis=self.basis.value)
        return Q(Exists(held))

    def words(self, names: Names) -> dict[str, str]:
        return {"purpose": str(self.purpose.label), "basis": str(self.basis.label)}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"purpose": _purpose_field(), "basis": forms.ChoiceField(label=_("Ground"), choices=Basis.choices)}


@register
class MayBeReached(Criterion):
    """A consent in force and something that works to reach people by: whom the gate would admit."""

    key: ClassVar = "reachable"
    label: ClassVar = _("Can be reached")
    family: ClassVar = Family.CONSENT
    says: ClassVar = _("can be reached for “%(purpose)s”")
    denies: ClassVar = _("cannot be reached for “%(purpose)s”")

    purpose: Purpose

    @field_validator("purpose")
    @classmethod
    def has_a_channel(cls, purpose: Purpose) -> Purpose:
        if OPTIONAL.get(purpose) not in POINTS:
            raise ValueError("nobody is reached for this purpose")
        return purpose

    def q(self) -> Q:
        channel = OPTIONAL[self.purpose]
        held = Ground.objects.in_use(self.purpose).filter(person=OuterRef("pk"))
        return Q(Exists(held)) & Q(Exists(contact_points(channel).filter(person=OuterRef("pk"))))

    def words(self, names: Names) -> dict[str, Any]:
        return {"purpose": self.purpose.label}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        reaching = [(value, label) for value, label in Purpose.choices if OPTIONAL.get(Purpose(value)) in POINTS]
        return {"purpose": forms.ChoiceField(label=_("Purpose"), choices=reaching)}
