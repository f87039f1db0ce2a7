"""The contacts screen: three lists of lines, each corrected, made main or removed without JavaScript."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.types import Fact
from portevoix.kernel import normalise
from portevoix.people.forms.seen import SeenField
from portevoix.people.models import Person
from portevoix.people.selectors import point_of
from portevoix.people.types import ContactChange, ContactStatus, PhoneKind


class _Line(forms.Form):
    """What every contact point has; a line without its main value is nothing."""

    pk = forms.IntegerField(required=False, widget=forms.HiddenInput)
    status = forms.ChoiceField(
        label=_("State"), choices=ContactStatus.choices, initial=ContactStatus.UNVERIFIED, required=False
    )
    is_primary = forms.BooleanField(label=_("Main"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.initial.get("status") != ContactStatus.VERIFIED:
            # Its owner alone verifies it; where they did, it may be left so.
            offered = [choice for choice in ContactStatus.choices if choice[0] != ContactStatus.VERIFIED]
            self.fields["status"].widget.choices = offered

    def clean_status(self) -> str:
        return self.cleaned_data["status"] or ContactStatus.UNVERIFIED


class EmailLine(_Line):
    field_order = ("address", "status", "is_primary")
    address = forms.CharField(
        label=_("E-mail address"),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    def clean_address(self) -> str:
        typed: str = self.cleaned_data["address"]
        address = normalise.email(typed) or ""
        if typed and not address:
            raise ValidationError(gettext("This is not an e-mail address."))
        return address


class PhoneLine(_Line):
    field_order = ("number", "kind", "status", "is_primary")
    number = forms.CharField(
        label=_("Telephone number"), max_length=40, required=False, widget=forms.TextInput(attrs={"type": "tel"})
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=PhoneKind.choices, required=False)

    def clean_number(self) -> str:
        typed: str = self.cleaned_data["number"]
        number = normalise.phone(typed) or ""
        if typed and not number:
            raise ValidationError(gettext("This is not a telephone number; foreign ones begin with +."))
        return number

    def clean_kind(self) -> str:
        return self.cleaned_data["kind"] or PhoneKind.MOBILE


class AddressLine(_Line):
    field_order = ("line1", "line2", "postcode", "city", "country", "status", "is_primary")
    line1 = forms.CharField(label=_("Street"), max_length=200, required=False)
    line2 = forms.CharField(label=_("Street (continued)"), max_length=200, required=False)
    postcode = forms.CharField(label=_("Postcode"), max_length=10, required=False)
    city = forms.CharField(label=_("City"), max_length=120, required=False)
    country = forms.RegexField(r"^[A-Za-z]{2}$", label=_("Country (two letters)"), required=False, initial="FR")

    def clean_country(self) -> str:
        return (self.cleaned_data["country"] or "FR").upper()


class _Lines(forms.BaseFormSet):  # type: ignore[type-arg]
    def clean(self) -> None:
        mains = [form for form in self.forms if form.cleaned_data.get("is_primary") and not _goes(form)]
        if len(mains) > 1:
            raise ValidationError(gettext("Only one of them can be the main one."))


def _goes(form: forms.Form) -> bool:
    return bool(form.cleaned_data.get("DELETE"))


LINES: dict[str, type[_Line]] = {"email": EmailLine, "phone": PhoneLine, "address": AddressLine}
#: What keeps a list from whoever has no need of it.
HIDDEN_BY = {"email": Fact.EMAIL, "phone": Fact.PHONE, "address": Fact.ADDRESS}
#: What a line that holds none of these is: nothing.
NEEDED = {"email": ("address",), "phone": ("number",), "address": ("line1", "postcode", "city")}


class ContactsForm:
    """The three lists, and what they showed when they were opened."""

    def __init__(self, person: Person, data: Any = None) -> None:
        self.shown = _shown(person)
        self.token = _Token(data, initial={"seen": self.shown})
        self.sets: dict[str, Any] = {}
        for kind, line in LINES.items():
            if HIDDEN_BY[kind] in person.hidden:
                continue
            make = forms.formset_factory(line, formset=_Lines, can_delete=True, extra=1, max_num=50, validate_max=True)
            initial = [{"pk": int(pk), **values} for pk, values in self.shown[kind].items()]
            self.sets[kind] = make(data, prefix=kind, initial=initial)

    def is_valid(self) -> bool:
        return all([self.token.is_valid(), *(lines.is_valid() for lines in self.sets.values())])

    def renew(self) -> None:
        """Take what is stored now as seen: what is sent next is a choice made knowingly."""
        self.token = _Token(initial={"seen": self.shown})

    @property
    def changes(self) -> list[ContactChange]:
        """What the lines ask for; those left as they were ask for nothing."""
        return [change for kind in self.sets for change in self._changes(kind)]

    def _changes(self, kind: str) -> Iterator[ContactChange]:
        seen: dict[str, dict[str, Any]] = self.token.cleaned_data["seen"][kind]
        for form in self.sets[kind]:
            values = {name: value for name, value in form.cleaned_data.items() if name not in {"pk", "DELETE"}}
            pk = form.cleaned_data.get("pk")
            if not pk:
                if not _goes(form) and any(values.get(name) for name in NEEDED[kind]):
                    yield ContactChange(kind, values)
            elif before := seen.get(str(pk)):
                is_removed = _goes(form) or not any(values[name] for name in NEEDED[kind])
                if is_removed or values != before:
                    yield ContactChange(kind, values, pk, before, is_removed)


class _Token(forms.Form):
    seen = SeenField()


def _shown(person: Person) -> dict[str, dict[str, dict[str, Any]]]:
    held = {"email": person.emails, "phone": person.phones, "address": person.addresses}
    return {
        kind: {str(row.pk): point_of(kind, row) for row in rows.order_by("-is_primary", "pk")}
        for kind, rows in held.items()
        if HIDDEN_BY[kind] not in person.hidden
    }
