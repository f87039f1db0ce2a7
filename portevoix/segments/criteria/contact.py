"""How a person may be reached, and for what."""

from __future__ import annotations

from typing import ClassVar, Literal

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.people.models import EmailAddress, PhoneNumber
from portevoix.people.types import USABLE, PhoneKind
from portevoix.rights.models import Ground
from portevoix.rights.purposes import Purpose
from portevoix.segments.types import Criterion, Family, Names, register


@register
class HasUsableEmail(Criterion):
    key: ClassVar = "email"
    label: ClassVar = _("Has a usable e-mail address")
    family: ClassVar = Family.CONTACT

    def q(self) -> Q:
        return Q(Exists(EmailAddress.objects.usable().filter(person=OuterRef("pk"))))

    def clause(self, names: Names) -> str:
        return gettext("have a usable e-mail address")


@register
class HasPhone(Criterion):
    key: ClassVar = "phone"
    label: ClassVar = _("Has a usable telephone number")
    family: ClassVar = Family.CONTACT

    kind: Literal["", "mobile"] = ""

    def q(self) -> Q:
        numbers = PhoneNumber.objects.filter(person=OuterRef("pk"), status__in=USABLE)
        return Q(Exists(numbers.filter(kind=PhoneKind.MOBILE) if self.kind else numbers))

    def clause(self, names: Names) -> str:
        return gettext("have a usable mobile number") if self.kind else gettext("have a usable telephone number")

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        choices = [("", _("any number")), ("mobile", _("mobile"))]
        return {"kind": forms.ChoiceField(label=_("Kind"), choices=choices, required=False)}


@register
class HasGround(Criterion):
    key: ClassVar = "ground"
    label: ClassVar = _("Consent in force")
    family: ClassVar = Family.CONTACT

    purpose: Purpose

    def q(self) -> Q:
        return Q(Exists(Ground.objects.live().filter(person=OuterRef("pk"), purpose=self.purpose.value)))

    def clause(self, names: Names) -> str:
        return gettext("agreed to “%(purpose)s”") % {"purpose": self.purpose.label}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"purpose": forms.ChoiceField(label=_("Purpose"), choices=Purpose.choices)}
