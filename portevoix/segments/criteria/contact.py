"""How a person may be reached: addresses and numbers, and their states."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from django import forms
from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from pydantic import Field, StringConstraints

from portevoix.accounts.types import Fact
from portevoix.people.models import EmailAddress, PhoneNumber, PostalAddress
from portevoix.people.types import USABLE, ContactStatus, PhoneKind
from portevoix.rights.gate import contact_points
from portevoix.rights.purposes import Channel
from portevoix.segments.types import Criterion, Family, Names, register

Several = Annotated[int, Field(ge=2, le=50)]
#: The length is no part of the pattern: a repeated \w compiles to megabytes.
Domain = Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, max_length=200, pattern=r"^@?[\w.-]+$")]


@register
class HasUsableEmail(Criterion):
    key: ClassVar = "email"
    label: ClassVar = _("Has a usable e-mail address")
    family: ClassVar = Family.CONTACT
    says: ClassVar = _("have a usable e-mail address")
    denies: ClassVar = _("have no usable e-mail address")

    def q(self) -> Q:
        return Q(Exists(EmailAddress.objects.usable().filter(person=OuterRef("pk"))))


@register
class EmailIs(Criterion):
    key: ClassVar = "email_state"
    label: ClassVar = _("State of an e-mail address")
    family: ClassVar = Family.CONTACT
    says: ClassVar = _("have an e-mail address in the state “%(state)s”")
    denies: ClassVar = _("have no e-mail address in the state “%(state)s”")

    state: ContactStatus

    def q(self) -> Q:
        return Q(Exists(EmailAddress.objects.filter(person=OuterRef("pk"), status=self.state.value)))

    def words(self, names: Names) -> dict[str, Any]:
        return {"state": self.state.label}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        choices, usual = ContactStatus.choices, ContactStatus.BOUNCING
        return {"state": forms.ChoiceField(label=_("State"), choices=choices, initial=usual)}


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

    def negation(self, names: Names) -> str:
        return gettext("have no usable mobile number") if self.kind else gettext("have no usable telephone number")

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        choices = [("", _("any number")), ("mobile", _("mobile"))]
        return {"kind": forms.ChoiceField(label=_("Kind"), choices=choices, required=False)}


@register
class PhoneIs(Criterion):
    key: ClassVar = "phone_state"
    label: ClassVar = _("State of a telephone number")
    family: ClassVar = Family.CONTACT
    says: ClassVar = _("have a telephone number in the state “%(state)s”")
    denies: ClassVar = _("have no telephone number in the state “%(state)s”")

    state: ContactStatus

    def q(self) -> Q:
        return Q(Exists(PhoneNumber.objects.filter(person=OuterRef("pk"), status=self.state.value)))

    def words(self, names: Names) -> dict[str, Any]:
        return {"state": self.state.label}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        choices, usual = ContactStatus.choices, ContactStatus.BOUNCING
        return {"state": forms.ChoiceField(label=_("State"), choices=choices, initial=usual)}


@register
class HasPostalAddress(Criterion):
    key: ClassVar = "address"
    label: ClassVar = _("Has a full postal address")
    family: ClassVar = Family.CONTACT
    says: ClassVar = _("have a full postal address")
    denies: ClassVar = _("have no full postal address")

    def q(self) -> Q:
        return Q(Exists(contact_points(Channel.POST).filter(person=OuterRef("pk"))))


@register
class PostalAddressIs(Criterion):
    key: ClassVar = "address_state"
    label: ClassVar = _("State of a postal address")
    family: ClassVar = Family.CONTACT
    says: ClassVar = _("have a postal address in the state “%(state)s”")
    denies: ClassVar = _("have no postal address in the state “%(state)s”")

    state: ContactStatus

    def q(self) -> Q:
        return Q(Exists(PostalAddress.objects.filter(person=OuterRef("pk"), status=self.state.value)))

    def words(self, names: Names) -> dict[str, Any]:
        return {"state": self.state.label}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        choices, usual = ContactStatus.choices, ContactStatus.BOUNCING
        return {"state": forms.ChoiceField(label=_("State"), choices=choices, initial=usual)}


@register
class HasSeveralEmails(Criterion):
    key: ClassVar = "emails"
    label: ClassVar = _("Several e-mail addresses")
    family: ClassVar = Family.CONTACT
    says: ClassVar = _("have at least %(number)d e-mail addresses")
    denies: ClassVar = _("have fewer than %(number)d e-mail addresses")

    least: Several

    def q(self) -> Q:
        # One grouping of the table, hashed, rather than a count a person.
        several = EmailAddress.objects.values("person").annotate(times=Count("pk")).filter(times__gte=self.least)
        return Q(pk__in=several.values("person"))

    def words(self, names: Names) -> dict[str, Any]:
        return {"number": self.least}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"least": forms.IntegerField(label=_("At least"), min_value=2, max_value=50, initial=2)}


@register
class HasSeveralPhones(Criterion):
    key: ClassVar = "phones"
    label: ClassVar = _("Several telephone numbers")
    family: ClassVar = Family.CONTACT
    says: ClassVar = _("have at least %(number)d telephone numbers")
    denies: ClassVar = _("have fewer than %(number)d telephone numbers")

    least: Several

    def q(self) -> Q:
        several = PhoneNumber.objects.values("person").annotate(times=Count("pk")).filter(times__gte=self.least)
        return Q(pk__in=several.values("person"))

    def words(self, names: Names) -> dict[str, Any]:
        return {"number": self.least}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"least": forms.IntegerField(label=_("At least"), min_value=2, max_value=50, initial=2)}


@register
class EmailIsAt(Criterion):
    """Who keeps one's mail; a domain is of a few people sometimes, so that it tells what the address is."""

    key: ClassVar = "email_at"
    label: ClassVar = _("E-mail address at …")
    family: ClassVar = Family.CONTACT
    tells: ClassVar = frozenset({Fact.EMAIL})
    says: ClassVar = _("have an e-mail address at %(domain)s")
    denies: ClassVar = _("have no e-mail address at %(domain)s")

    domain: Domain

    def q(self) -> Q:
        end = f"@{self.domain.removeprefix('@')}"
        return Q(Exists(EmailAddress.objects.filter(person=OuterRef("pk"), address__endswith=end)))

    def words(self, names: Names) -> dict[str, Any]:
        return {"domain": self.domain.removeprefix("@")}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"domain": forms.RegexField(r"^@?[\w.-]{1,200}$", label=_("Domain (exemple.fr)"), max_length=201)}
