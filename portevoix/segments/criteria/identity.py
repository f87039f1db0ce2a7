"""Who a person is."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar

from django import forms
from django.conf import settings
from django.conf.locale import LANG_INFO
from django.db.models import Exists, OuterRef, Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Lower
from django.db.models.lookups import In
from django.utils.translation import get_language_info, gettext
from django.utils.translation import gettext_lazy as _
from pydantic import Field, StringConstraints, model_validator

from portevoix.kernel import clock, normalise
from portevoix.people.models import CustomField, Tag, Tagging
from portevoix.people.types import Gender
from portevoix.segments.types import Criterion, Names, Pointer, register

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Age = Annotated[int, Field(ge=0, le=130)]

#: Languages that are offered; a person may have another, by a file.
LANGUAGES = ("fr", "en", "ar", "br", "ca", "de", "es", "eu", "it", "pl", "pt", "ro", "ru", "tr", "uk", "vi", "zh-hans")
#: How people write yes and no where the campaign's field is a box.
WRITTEN = {"oui": "true", "yes": "true", "vrai": "true", "non": "false", "no": "false", "faux": "false"}


@register
class HasTag(Criterion):
    key: ClassVar = "tag"
    label: ClassVar = _("Tag")
    points_to: ClassVar = {"tag": Pointer(Tag)}

    tag: int

    def q(self) -> Q:
        return Q(Exists(Tagging.objects.filter(person=OuterRef("pk"), tag=self.tag)))

    def clause(self, names: Names) -> str:
        return gettext("carry the tag “%(tag)s”") % {"tag": names.of(Pointer(Tag), self.tag)}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"tag": forms.ModelChoiceField(Tag.objects.alphabetical(), label=_("Tag"))}


@register
class NameContains(Criterion):
    key: ClassVar = "name"
    label: ClassVar = _("Name contains")

    text: Text

    def q(self) -> Q:
        return Q(sort_key__contains=normalise.sort_key(self.text) or self.text.lower())

    def clause(self, names: Names) -> str:
        return gettext("have “%(text)s” in their name") % {"text": self.text}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"text": forms.CharField(label=_("Text"), max_length=200)}


@register
class HasGender(Criterion):
    key: ClassVar = "gender"
    label: ClassVar = _("Gender")

    gender: Gender

    def q(self) -> Q:
        return Q(gender=self.gender.value)

    def clause(self, names: Names) -> str:
        return gettext("are recorded as “%(gender)s”") % {"gender": self.gender.label}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"gender": forms.ChoiceField(label=_("Gender"), choices=Gender.choices)}


@register
class AgeBetween(Criterion):
    key: ClassVar = "age"
    label: ClassVar = _("Age")

    least: Age
    most: Age

    @model_validator(mode="after")
    def in_order(self) -> AgeBetween:
        if self.least > self.most:
            raise ValueError("the least age is above the greatest")
        return self

    def q(self) -> Q:
        today = clock.today()
        return Q(born_on__gt=years_before(today, self.most + 1), born_on__lte=years_before(today, self.least))

    def clause(self, names: Names) -> str:
        return gettext("are between %(least)d and %(most)d years old") % {"least": self.least, "most": self.most}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {
            "least": forms.IntegerField(label=_("Least age"), min_value=0, max_value=130),
            "most": forms.IntegerField(label=_("Greatest age"), min_value=0, max_value=130),
        }


def years_before(day: date, years: int) -> date:
    """Return the same day some years earlier; the 28th where there was no 29 February."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


@register
class SpeaksLanguage(Criterion):
    key: ClassVar = "language"
    label: ClassVar = _("Language")

    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[a-z]{2,8})?$", max_length=12)]

    def q(self) -> Q:
        return Q(language=self.language)

    def clause(self, names: Names) -> str:
        return gettext("are written to in %(language)s") % {"language": _language_name(self.language)}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        choices = [(code, _language_name(code)) for code in LANGUAGES]
        return {"language": forms.ChoiceField(label=_("Language"), choices=choices, initial=settings.LANGUAGE_CODE)}


def _language_name(code: str) -> str:
    return str(get_language_info(code)["name_translated"]) if code in LANG_INFO else code


@register
class CustomFieldIs(Criterion):
    key: ClassVar = "custom"
    label: ClassVar = _("Custom field")
    points_to: ClassVar = {"field": Pointer(CustomField, "key")}

    field: Annotated[str, StringConstraints(pattern=r"^[-\w]{1,63}$")]
    value: Text

    def q(self) -> Q:
        written = self.value.lower()
        meant = sorted({written, WRITTEN.get(written, written)})
        return Q(In(Lower(KeyTextTransform(self.field, "custom")), meant))

    def clause(self, names: Names) -> str:
        field = names.of(Pointer(CustomField, "key"), self.field)
        return gettext("have “%(value)s” as “%(field)s”") % {"field": field, "value": self.value}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {
            "field": forms.ModelChoiceField(CustomField.objects.all(), label=_("Field"), to_field_name="key"),
            "value": forms.CharField(label=_("Value"), max_length=200),
        }
