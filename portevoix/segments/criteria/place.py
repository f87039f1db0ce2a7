"""Where a person lives."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from django import forms
from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from pydantic import Field, StringConstraints, model_validator

from portevoix.segments.types import Criterion, Family, Names, Pointer, register
from portevoix.territory.forms import CommuneField
from portevoix.territory.models import Commune, CommuneQuerySet, Departement, Region
from portevoix.territory.rules import departement_of_commune

CommuneCode = Annotated[str, StringConstraints(pattern=r"^(\d{2}|2[AB])\d{3}$")]


def _commune(names: Names, code: str) -> str:
    return f"{names.of(Pointer(Commune), code)} ({departement_of_commune(code)})"


def _lives_in(communes: CommuneQuerySet) -> Q:
    """Return that people live in one of ``communes``: a join, and for its contrary an anti-join, nulls or not."""
    return Q(Exists(communes.filter(pk=OuterRef("commune"))))


@register
class InCommune(Criterion):
    """Paris, Lyon and Marseille are also their arrondissements."""

    key: ClassVar = "commune"
    label: ClassVar = _("Commune")
    family: ClassVar = Family.PLACE
    points_to: ClassVar = {"commune": Pointer(Commune)}
    says: ClassVar = _("live in %(commune)s")
    denies: ClassVar = _("do not live in %(commune)s")

    commune: CommuneCode

    def q(self) -> Q:
        return _lives_in(Commune.objects.filter(Q(pk=self.commune) | Q(parent=self.commune)))

    def words(self, names: Names) -> dict[str, Any]:
        return {"commune": _commune(names, self.commune)}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"commune": CommuneField(label=_("Commune"))}


@register
class InDepartement(Criterion):
    key: ClassVar = "departement"
    label: ClassVar = _("Département")
    family: ClassVar = Family.PLACE
    points_to: ClassVar = {"departement": Pointer(Departement)}
    says: ClassVar = _("live in the département %(name)s")
    denies: ClassVar = _("do not live in the département %(name)s")

    departement: Annotated[str, StringConstraints(pattern=r"^(\d{2,3}|2[AB])$")]

    def q(self) -> Q:
        return _lives_in(Commune.objects.filter(departement=self.departement))

    def words(self, names: Names) -> dict[str, Any]:
        return {"name": names.of(Pointer(Departement), self.departement)}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"departement": forms.ModelChoiceField(Departement.objects.all(), label=_("Département"))}


@register
class InRegion(Criterion):
    key: ClassVar = "region"
    label: ClassVar = _("Région")
    family: ClassVar = Family.PLACE
    points_to: ClassVar = {"region": Pointer(Region)}
    says: ClassVar = _("live in the région %(name)s")
    denies: ClassVar = _("do not live in the région %(name)s")

    region: Annotated[str, StringConstraints(pattern=r"^\d{2,3}$")]

    def q(self) -> Q:
        return _lives_in(Commune.objects.filter(departement__region=self.region))

    def words(self, names: Names) -> dict[str, Any]:
        return {"name": names.of(Pointer(Region), self.region)}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"region": forms.ModelChoiceField(Region.objects.all(), label=_("Région"))}


@register
class PostcodeStartsWith(Criterion):
    key: ClassVar = "postcode"
    label: ClassVar = _("Postcode starts with")
    family: ClassVar = Family.PLACE
    says: ClassVar = _("have a postcode that starts with %(start)s")
    denies: ClassVar = _("do not have a postcode that starts with %(start)s")

    start: Annotated[str, StringConstraints(pattern=r"^\d{1,5}$")]

    def q(self) -> Q:
        return Q(postcode__startswith=self.start)

    def words(self, names: Names) -> dict[str, Any]:
        return {"start": self.start}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        wrong = _("Up to five digits.")
        widget = forms.TextInput(attrs={"inputmode": "numeric", "size": 6})
        return {
            "start": forms.RegexField(r"^\d{1,5}$", label=_("Digits"), widget=widget, error_messages={"invalid": wrong})
        }


@register
class NearCommune(Criterion):
    """Distances are from centre to centre, as the crow flies."""

    key: ClassVar = "near"
    label: ClassVar = _("Distance to a commune")
    family: ClassVar = Family.PLACE
    points_to: ClassVar = {"commune": Pointer(Commune)}
    says: ClassVar = _("live within %(km)d km of %(commune)s")
    denies: ClassVar = _("do not live within %(km)d km of %(commune)s")

    commune: CommuneCode
    km: Annotated[int, Field(ge=1, le=500)]

    def q(self) -> Q:
        return _lives_in(Commune.objects.within(self.km, of=self.commune))

    def words(self, names: Names) -> dict[str, Any]:
        return {
            "km": self.km,
            "commune": _commune(names, self.commune),
        }

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {
            "km": forms.IntegerField(label=_("Kilometres at most"), min_value=1, max_value=500, initial=20),
            "commune": CommuneField(label=_("Commune")),
        }


@register
class NearPoint(Criterion):
    """Distances are from the centre of the commune, as the crow flies: postal addresses have no coordinates."""

    key: ClassVar = "near_point"
    label: ClassVar = _("Distance to a point")
    family: ClassVar = Family.PLACE
    says: ClassVar = _("live within %(km)d km of the point %(latitude)s, %(longitude)s")
    denies: ClassVar = _("do not live within %(km)d km of the point %(latitude)s, %(longitude)s")

    latitude: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
    longitude: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
    km: Annotated[int, Field(ge=1, le=500)]

    def q(self) -> Q:
        return _lives_in(Commune.objects.around(self.latitude, self.longitude, self.km))

    def words(self, names: Names) -> dict[str, Any]:
        return {"km": self.km, "latitude": f"{self.latitude:g}", "longitude": f"{self.longitude:g}"}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {
            "km": forms.IntegerField(label=_("Kilometres at most"), min_value=1, max_value=500, initial=20),
            "latitude": forms.FloatField(label=_("Latitude"), min_value=-90, max_value=90),
            "longitude": forms.FloatField(label=_("Longitude"), min_value=-180, max_value=180),
        }


Inhabitants = Annotated[int, Field(ge=0, le=10_000_000)]


@register
class CommuneHasInhabitants(Criterion):
    key: ClassVar = "inhabitants"
    label: ClassVar = _("Size of the commune")
    family: ClassVar = Family.PLACE
    says: ClassVar = _("live in a commune of %(least)s to %(most)s inhabitants")
    denies: ClassVar = _("do not live in a commune of %(least)s to %(most)s inhabitants")

    least: Inhabitants
    most: Inhabitants

    @model_validator(mode="after")
    def in_order(self) -> CommuneHasInhabitants:
        if self.least > self.most:
            raise ValueError("the least size is above the greatest")
        return self

    def q(self) -> Q:
        return _lives_in(Commune.objects.filter(population__range=(self.least, self.most)))

    def words(self, names: Names) -> dict[str, str]:
        return {"least": intcomma(self.least), "most": intcomma(self.most)}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {
            "least": forms.IntegerField(label=_("Inhabitants at least"), min_value=0, max_value=10_000_000, initial=0),
            "most": forms.IntegerField(label=_("Inhabitants at most"), min_value=0, max_value=10_000_000, initial=3500),
        }


@register
class VotesAt(Criterion):
    """One polling station by its code, or all those of a commune by the beginning of theirs."""

    key: ClassVar = "polling_station"
    label: ClassVar = _("Polling station")
    family: ClassVar = Family.PLACE
    says: ClassVar = _("vote at the polling station %(code)s")
    denies: ClassVar = _("do not vote at the polling station %(code)s")

    code: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{1,5}(_[0-9]{1,4})?$")]

    def q(self) -> Q:
        if "_" in self.code:
            return Q(polling_station=self.code)
        return Q(polling_station=self.code) | Q(polling_station__startswith=f"{self.code}_")

    def words(self, names: Names) -> dict[str, Any]:
        return {"code": self.code}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        wrong = _("As on the record: 35238_0012, or 35238 for all those of the commune.")
        field = forms.RegexField(
            r"^[0-9A-Za-z]{1,5}(_[0-9]{1,4})?$", label=_("Code (35238_0012)"), error_messages={"invalid": wrong}
        )
        return {"code": field}
