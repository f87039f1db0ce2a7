"""Who a person is."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Any, ClassVar, Self

from django import forms
from django.conf import settings
from django.conf.locale import LANG_INFO
from django.db.models import CharField, Exists, Func, OuterRef, Q, TextChoices
from django.db.models.lookups import In
from django.utils.translation import get_language_info, gettext
from django.utils.translation import gettext_lazy as _
from pydantic import Field, StringConstraints, model_validator

from portevoix.accounts.types import Fact
from portevoix.kernel import clock, normalise
from portevoix.people.models import Tag, Tagging
from portevoix.people.selectors import genders_in_use
from portevoix.people.types import Gender
from portevoix.segments import rules
from portevoix.segments.types import Criterion, Names, Pointer, register

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Age = Annotated[int, Field(ge=0, le=130)]
LanguageCode = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[a-z]{2,8})?$", max_length=12)]

#: Languages that are offered; a person may have another, by a file.
LANGUAGES = ("fr", "en", "ar", "br", "ca", "de", "es", "eu", "it", "pl", "pt", "ro", "ru", "tr", "uk", "vi", "zh-hans")


@register
class HasTag(Criterion):
    key: ClassVar = "tag"
    label: ClassVar = _("Tag")
    points_to: ClassVar = {"tag": Pointer(Tag)}
    says: ClassVar = _("carry the tag “%(tag)s”")
    denies: ClassVar = _("do not carry the tag “%(tag)s”")

    tag: int

    def q(self) -> Q:
        return Q(Exists(Tagging.objects.filter(person=OuterRef("pk"), tag=self.tag)))

    @classmethod
    def q_of_any(cls, several: Sequence[Self]) -> list[Q]:
        tags = sorted({one.tag for one in several})
        return [Q(Exists(Tagging.objects.filter(person=OuterRef("pk"), tag__in=tags)))]

    def words(self, names: Names) -> dict[str, Any]:
        return {"tag": names.of(Pointer(Tag), self.tag)}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"tag": forms.ModelChoiceField(Tag.objects.alphabetical(), label=_("Tag"))}


@register
class NameContains(Criterion):
    key: ClassVar = "name"
    label: ClassVar = _("Name contains")
    says: ClassVar = _("have “%(text)s” in their name")
    denies: ClassVar = _("do not have “%(text)s” in their name")

    text: Text

    def q(self) -> Q:
        return Q(sort_key__contains=normalise.sort_key(self.text) or self.text.lower())

    def words(self, names: Names) -> dict[str, Any]:
        return {"text": self.text}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"text": forms.CharField(label=_("Text"), max_length=200)}


class GenderInput(forms.TextInput):
    """A word, with those in use as suggestions."""

    template_name = "segments/widgets/gender_input.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["attrs"]["list"] = f"{name}-genders"
        return {**context, "genders": genders_in_use()}


class GenderField(forms.CharField):
    """A gender as people say it: ours shown in the reader's language, any other word as it is."""

    widget = GenderInput

    def clean(self, value: Any) -> str:
        return Gender.meant(super().clean(value))

    def prepare_value(self, value: Any) -> Any:
        return Gender.told(value) if isinstance(value, str) else value


@register
class HasGender(Criterion):
    key: ClassVar = "gender"
    label: ClassVar = _("Gender")
    says: ClassVar = _("are recorded as “%(gender)s”")
    denies: ClassVar = _("are not recorded as “%(gender)s”")

    gender: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]

    def q(self) -> Q:
        return Q(gender__iexact=self.gender)

    def words(self, names: Names) -> dict[str, Any]:
        return {"gender": Gender.told(self.gender)}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        help_text = _("One of the words offered, or another as people said it.")
        return {"gender": GenderField(label=_("Gender"), max_length=40, help_text=help_text)}


@register
class AgeBetween(Criterion):
    key: ClassVar = "age"
    label: ClassVar = _("Age")
    tells: ClassVar = frozenset({Fact.BIRTH})
    says: ClassVar = _("are between %(least)d and %(most)d years old")
    denies: ClassVar = _("are not between %(least)d and %(most)d years old")

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

    def words(self, names: Names) -> dict[str, Any]:
        return {"least": self.least, "most": self.most}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {
            "least": forms.IntegerField(label=_("Least age"), min_value=0, max_value=130, initial=18),
            "most": forms.IntegerField(label=_("Greatest age"), min_value=0, max_value=130, initial=25),
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
    says: ClassVar = _("are written to in %(language)s")
    denies: ClassVar = _("are not written to in %(language)s")

    language: LanguageCode

    def q(self) -> Q:
        return Q(language=self.language)

    def words(self, names: Names) -> dict[str, Any]:
        return {"language": _language_name(self.language)}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        choices = [(code, _language_name(code)) for code in LANGUAGES]
        return {"language": forms.ChoiceField(label=_("Language"), choices=choices, initial=settings.LANGUAGE_CODE)}


@register
class AlsoSpeaks(Criterion):
    """Any of the person's languages: the one to write in, or another."""

    key: ClassVar = "speaks"
    label: ClassVar = _("Speaks")
    says: ClassVar = _("speak %(language)s")
    denies: ClassVar = _("do not speak %(language)s")

    language: LanguageCode

    def q(self) -> Q:
        return Q(language=self.language) | Q(other_languages__contains=[self.language])

    def words(self, names: Names) -> dict[str, Any]:
        return {"language": _language_name(self.language)}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return SpeaksLanguage.fields()


def _language_name(code: str) -> str:
    return str(get_language_info(code)["name_translated"]) if code in LANG_INFO else code


@register
class HasAnyTag(Criterion):
    key: ClassVar = "tagged"
    label: ClassVar = _("Carries any tag")
    says: ClassVar = _("carry a tag, whichever it is")
    denies: ClassVar = _("carry no tag")

    def q(self) -> Q:
        return Q(Exists(Tagging.objects.filter(person=OuterRef("pk"))))


@register
class OccupationContains(Criterion):
    key: ClassVar = "occupation"
    label: ClassVar = _("Occupation contains")
    says: ClassVar = _("have “%(text)s” in their occupation")
    denies: ClassVar = _("do not have “%(text)s” in their occupation")

    text: Text

    def q(self) -> Q:
        return Q(occupation__icontains=self.text)

    def words(self, names: Names) -> dict[str, Any]:
        return {"text": self.text}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"text": forms.CharField(label=_("Text"), max_length=200)}


@register
class HasBirthdaySoon(Criterion):
    """Born on 29 February, one has one's birthday on 1 March where there is no 29th."""

    key: ClassVar = "birthday"
    label: ClassVar = _("Birthday soon")
    tells: ClassVar = frozenset({Fact.BIRTH})

    days: Annotated[int, Field(ge=0, le=60)]

    def q(self) -> Q:
        today = clock.today()
        wanted = {(today + timedelta(days=number)).strftime("%m%d") for number in range(self.days + 1)}
        if "0301" in wanted and not isleap(today.year):
            wanted.add("0229")
        return Q(In(_MonthAndDay("born_on"), sorted(wanted)))

    def clause(self, names: Names) -> str:
        if not self.days:
            return gettext("have their birthday today")
        return gettext("have their birthday in the next %(days)s") % {"days": rules.days(self.days)}

    def negation(self, names: Names) -> str:
        if not self.days:
            return gettext("do not have their birthday today")
        return gettext("do not have their birthday in the next %(days)s") % {"days": rules.days(self.days)}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"days": forms.IntegerField(label=_("In how many days at most"), min_value=0, max_value=60, initial=7)}


class _MonthAndDay(Func):
    # Never null: « not in these » must hold for those whose birth date is unknown.
    template = "coalesce(to_char(%(expressions)s, 'MMDD'), '')"
    output_field = CharField()


class Known(TextChoices):
    """What may be known of a person, or not."""

    NAME = "sort_key", _("name")
    BIRTH_DATE = "born_on", _("birth date")
    GENDER = "gender", _("gender")
    OCCUPATION = "occupation", _("occupation")
    COMMUNE = "commune", _("commune")
    REFERENCE = "external_ref", _("reference elsewhere")


@register
class IsKnown(Criterion):
    key: ClassVar = "known"
    label: ClassVar = _("Something is known of them")
    says: ClassVar = _("have told us their %(what)s")
    denies: ClassVar = _("have not told us their %(what)s")

    what: Known

    def q(self) -> Q:
        if self.what in (Known.BIRTH_DATE, Known.COMMUNE, Known.REFERENCE):
            return Q(**{f"{self.what.value}__isnull": False})
        return ~Q(**{self.what.value: ""})

    def words(self, names: Names) -> dict[str, Any]:
        return {"what": self.what.label}

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"what": forms.ChoiceField(label=_("What"), choices=Known.choices)}
