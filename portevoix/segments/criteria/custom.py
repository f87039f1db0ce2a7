"""The fields that the campaign added to persons. Values come from files: none is trusted to be what its field says."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any, ClassVar

from django import forms
from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import (
    BooleanField,
    Case,
    DecimalField,
    ExpressionWrapper,
    JSONField,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.fields.json import DataContains, KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Coalesce, Lower
from django.db.models.lookups import Exact, GreaterThanOrEqual, IContains, In, LessThanOrEqual, Regex
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from pydantic import Field, StringConstraints, model_validator

from portevoix.kernel import clock
from portevoix.people.models import CustomField
from portevoix.people.types import CustomKind
from portevoix.segments import rules
from portevoix.segments.criteria.history import day_field
from portevoix.segments.criteria.identity import Text
from portevoix.segments.types import Criterion, Family, Names, Pointer, register

FieldKey = Annotated[str, StringConstraints(max_length=63, pattern=r"^[-\w]+$")]
Number = Annotated[float, Field(ge=-1e15, le=1e15, allow_inf_nan=False)]

#: How people write yes and no where the campaign's field is a box.
WRITTEN = {"oui": "true", "yes": "true", "vrai": "true", "non": "false", "no": "false", "faux": "false"}
#: What may be read as a number or a day; another text is neither, and no error.
NUMBER, DAY = r"^-?[0-9]{1,18}([.][0-9]{1,6})?$", r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"


class OfField(Criterion):
    """A question about one field."""

    family: ClassVar = Family.CUSTOM
    points_to: ClassVar = {"field": Pointer(CustomField, "key")}

    field: FieldKey

    @property
    def own_field(self) -> str:
        return self.field

    @property
    def value_of(self) -> Coalesce:
        """The value as text, empty where there is none: of a null, neither a condition nor its contrary holds."""
        return Coalesce(KeyTextTransform(self.field, "custom"), Value(""), output_field=TextField())

    def words(self, names: Names, **more: Any) -> dict[str, Any]:
        return {"field": names.of(Pointer(CustomField, "key"), self.field), **more}


def _field_of(*kinds: CustomKind) -> forms.Field:
    known: QuerySet[CustomField] = CustomField.objects.all()
    choices = known.filter(kind__in=kinds) if kinds else known
    return forms.ModelChoiceField(choices, label=_("Field"), to_field_name="key")


@register
class CustomFieldIs(OfField):
    key: ClassVar = "custom"
    label: ClassVar = _("A field is …")

    value: Text

    def q(self) -> Q:
        written = self.value.lower()
        meant = sorted({written, WRITTEN.get(written, written)})
        return Q(In(Lower(self.value_of), meant))

    def clause(self, names: Names) -> str:
        return gettext("have “%(value)s” as “%(field)s”") % self.words(names, value=self.value)

    def negation(self, names: Names) -> str:
        return gettext("do not have “%(value)s” as “%(field)s”") % self.words(names, value=self.value)

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"field": _field_of(), "value": forms.CharField(label=_("Value"), max_length=200)}


@register
class CustomFieldContains(OfField):
    key: ClassVar = "custom_contains"
    label: ClassVar = _("A field contains …")

    text: Text

    def q(self) -> Q:
        return Q(IContains(self.value_of, self.text))

    def clause(self, names: Names) -> str:
        return gettext("have “%(text)s” in “%(field)s”") % self.words(names, text=self.text)

    def negation(self, names: Names) -> str:
        return gettext("do not have “%(text)s” in “%(field)s”") % self.words(names, text=self.text)

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"field": _field_of(), "text": forms.CharField(label=_("Text"), max_length=200)}


@register
class CustomNumberBetween(OfField):
    key: ClassVar = "custom_number"
    label: ClassVar = _("A number is between …")

    least: Number
    most: Number

    @model_validator(mode="after")
    def in_order(self) -> CustomNumberBetween:
        if self.least > self.most:
            raise ValueError("the least number is above the greatest")
        return self

    def q(self) -> Q:
        as_number = Cast(self.value_of, DecimalField(max_digits=24, decimal_places=6))
        # In a CASE, so that nothing is cast but what looks like a number.
        least, most = Q(GreaterThanOrEqual(as_number, self.least)), Q(LessThanOrEqual(as_number, self.most))
        is_between = ExpressionWrapper(least & most, BooleanField())
        return Q(Exact(Case(When(Regex(self.value_of, NUMBER), then=is_between), default=False), True))

    def clause(self, names: Names) -> str:
        return gettext("have between %(least)s and %(most)s as “%(field)s”") % self._said(names)

    def negation(self, names: Names) -> str:
        return gettext("do not have between %(least)s and %(most)s as “%(field)s”") % self._said(names)

    def _said(self, names: Names) -> dict[str, Any]:
        return self.words(names, least=_number(self.least), most=_number(self.most))

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {
            "field": _field_of(CustomKind.NUMBER),
            "least": forms.FloatField(label=_("At least"), min_value=-1e15, max_value=1e15, initial=0),
            "most": forms.FloatField(label=_("At most"), min_value=-1e15, max_value=1e15),
        }


def _number(value: float) -> str:
    return intcomma(int(value)) if value == int(value) else intcomma(value)


@register
class CustomDayBetween(OfField):
    key: ClassVar = "custom_day"
    label: ClassVar = _("A day is between …")

    first: date
    last: date

    @model_validator(mode="after")
    def in_order(self) -> CustomDayBetween:
        if self.first > self.last:
            raise ValueError("the first day is after the last")
        return self

    def q(self) -> Q:
        # Days written as the standard has it are in order as texts: no cast that a 31 February could break.
        first = Q(GreaterThanOrEqual(self.value_of, self.first.isoformat()))
        return Q(Regex(self.value_of, DAY)) & first & Q(LessThanOrEqual(self.value_of, self.last.isoformat()))

    def clause(self, names: Names) -> str:
        return gettext("have a day from %(first)s to %(last)s as “%(field)s”") % self._said(names)

    def negation(self, names: Names) -> str:
        return gettext("do not have a day from %(first)s to %(last)s as “%(field)s”") % self._said(names)

    def _said(self, names: Names) -> dict[str, Any]:
        return self.words(names, first=rules.day(self.first), last=rules.day(self.last))

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {
            "field": _field_of(CustomKind.DAY),
            "first": day_field(_("First day")),
            "last": day_field(_("Last day")),
        }


@register
class CustomFieldFilled(OfField):
    key: ClassVar = "custom_filled"
    label: ClassVar = _("A field is filled in")

    def q(self) -> Q:
        return ~Q(Exact(self.value_of, ""))

    def clause(self, names: Names) -> str:
        return gettext("have something as “%(field)s”") % self.words(names)

    def negation(self, names: Names) -> str:
        return gettext("have nothing as “%(field)s”") % self.words(names)

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"field": _field_of()}


@register
class CustomFieldHolds(OfField):
    """One of the answers that were chosen, whether the field takes one or several."""

    key: ClassVar = "custom_choice"
    label: ClassVar = _("An answer was chosen")

    value: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]

    def q(self) -> Q:
        as_json: Any = Coalesce(KeyTransform(self.field, "custom"), Value([], JSONField()), output_field=JSONField())
        return Q(Exact(self.value_of, self.value)) | Q(DataContains(as_json, Value([self.value], JSONField())))

    def clause(self, names: Names) -> str:
        return gettext("chose “%(value)s” for “%(field)s”") % self.words(names, value=self.value)

    def negation(self, names: Names) -> str:
        return gettext("did not choose “%(value)s” for “%(field)s”") % self.words(names, value=self.value)

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        kinds = CustomKind.CHOICE, CustomKind.CHOICES
        return {"field": _field_of(*kinds), "value": forms.CharField(label=_("Answer"), max_length=100)}


@register
class CustomYes(OfField):
    key: ClassVar = "custom_yes"
    label: ClassVar = _("A box is ticked")

    def q(self) -> Q:
        return Q(In(Lower(self.value_of), sorted({"true", *(word for word, it in WRITTEN.items() if it == "true")})))

    def clause(self, names: Names) -> str:
        return gettext("have “yes” as “%(field)s”") % self.words(names)

    def negation(self, names: Names) -> str:
        return gettext("do not have “yes” as “%(field)s”") % self.words(names)

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        return {"field": _field_of(CustomKind.YES_NO)}


@register
class CustomDaySoon(OfField):
    key: ClassVar = "custom_soon"
    label: ClassVar = _("A day is soon")

    days: Annotated[int, Field(ge=0, le=3650)]

    def q(self) -> Q:
        today = clock.today()
        return CustomDayBetween(field=self.field, first=today, last=today + timedelta(days=self.days)).q()

    def clause(self, names: Names) -> str:
        return gettext("have a day of the next %(days)s as “%(field)s”") % self.words(names, days=rules.days(self.days))

    def negation(self, names: Names) -> str:
        return gettext("do not have a day of the next %(days)s as “%(field)s”") % self.words(
            names, days=rules.days(self.days)
        )

    @classmethod
    def fields(cls) -> dict[str, forms.Field]:
        soon = forms.IntegerField(label=_("In how many days at most"), min_value=0, max_value=3650, initial=30)
        return {"field": _field_of(CustomKind.DAY), "days": soon}
