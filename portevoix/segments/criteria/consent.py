"""What people agreed to, never agreed to, or took back."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from pydantic import field_validator

from portevoix.rights.gate import POINTS, contact_points
from portevoix.rights.models import Ground
from portevoix.rights.purposes import OPTIONAL, Basis, Purpose
from portevoix.segments import rules
from portevoix.segments.criteria.history import day_field, midnight
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

    purpose: Purpose

    def q(self) -> Q:
        return ~Q(Exists(Ground.objects.live().filter(person=OuterRef("pk"), purpose=self.purpose.value)))

    def clause(self, names: Names) -> str:
        return gettext("do not agree to “%(purpose)s”") % {"purpose": self.purpose.label}

    def negation(self, names: Names) -> str:
        return gettext("agreed to “%(purpose)s”") % {"purpose": self.purpose.label}

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
class ConsentRestsOn(Criterion):
    key: ClassVar = "basis"
    label: ClassVar = _("Ground of the consent")
    family: ClassVar = Family.CONSENT

    purpose: Purpose
    basis: Basis

    def q(self) -> Q:
        held = Ground.objects.live().filter(person=OuterRef("pk"), purpose=self.purpose.value, basis=self.basis.value)
        return Q(Exists(held))

    def clause(self, names: Names) -> str:
        return gettext("may be reached for “%(purpose)s” on the ground “%(basis)s”") % self._words

    def negation(self, names: Names) -> str:
        return gettext("may not be reached for “%(purpose)s” on the ground “%(basis)s”") % self._words

    @property
    def _words(self) -> dict[str, str]:
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

    purpose: Purpose

    @field_validator("purpose")
    @classmethod
    def has_a_channel(cls, purpose: Purpose) -> Purpose:
        if OPTIONAL.get(purpose) not in POINTS:
            raise ValueError("nobody is reached for this purpose")
        return purpose

    def q(self) -> Q:
        channel = OPTIONAL[self.purpose]
        held = Ground.objects.live().for_purpose(self.purpose, channel).filter(person=OuterRef("pk"))
        return Q(Exists(held)) & Q(Exists(contact_points(channel).filter(person=OuterRef("pk"))))

    def clause(self, names: Names) -> str:
        return gettext("can be reached for “%(purpose)s”") % {"purpose": self.purpose.label}

    def negation(self, names: Names) -> str:
        return gettext("cannot be reached for “%(purpose)s”") % {"purpose": self.purpose.label}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        reaching = [(value, label) for value, label in Purpose.choices if OPTIONAL.get(Purpose(value)) in POINTS]
        return {"purpose": forms.ChoiceField(label=_("Purpose"), choices=reaching)}
