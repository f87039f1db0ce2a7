"""What is asked of whoever copies a form on paper out: who the person is, the paper, what is ticked on it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.intake.types import Sheet
from portevoix.kernel import clock, normalise
from portevoix.rights.purposes import OPTIONAL, Channel, Purpose
from portevoix.rights.selectors import words_in_use
from portevoix.territory.forms import CommuneField

#: Older, a paper proves too little of what somebody wants today.
OLDEST = timedelta(days=365)
#: What a paper can agree to: taking part is agreed to with what one takes part in.
ON_PAPER = tuple(purpose for purpose in OPTIONAL if purpose != Purpose.PARTICIPATION)
#: What an agreement is worth nothing without.
NEEDS = {Channel.EMAIL: "email", Channel.SMS: "phone", Channel.PHONE: "phone"}


class SheetForm(forms.Form):
    """One line of a sheet, or one form."""

    where = forms.CharField(
        label=_("Where and how they signed"),
        max_length=150,
        help_text=_("For instance: sheet of the market of Rennes, copy in the blue folder."),
    )
    signed_on = forms.DateField(
        label=_("Date on the paper"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    first_name = forms.CharField(label=_("First name"), max_length=100, required=False)
    last_name = forms.CharField(label=_("Last name"), max_length=100, required=False)
    email = forms.CharField(
        label=_("E-mail address"),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    phone = forms.CharField(
        label=_("Telephone number"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )
    commune = CommuneField(
        label=_("Commune"), required=False, help_text=_("A name or a postcode; for homonyms: Saint-Denis (93).")
    )
    postcode = forms.CharField(
        label=_("Postcode"), max_length=10, required=False, widget=forms.TextInput(attrs={"inputmode": "numeric"})
    )
    purposes = forms.MultipleChoiceField(
        label=_("What is ticked on the paper"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Tick only what the person ticked, in words that say as much as these."),
    )

    def __init__(self, *args: Any, needs_commune: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["purposes"].choices = [  # type: ignore[attr-defined]
            (purpose.value, words_in_use(purpose, "fr")) for purpose in ON_PAPER
        ]
        self.fields["commune"].required = needs_commune

    def clean_signed_on(self) -> Any:
        day = self.cleaned_data["signed_on"]
        if day > clock.today():
            raise ValidationError(gettext("This day is still to come."))
        if day < clock.today() - OLDEST:
            raise ValidationError(gettext("This paper is more than a year old: ask the person again."))
        return day

    def clean_email(self) -> str:
        typed: str = self.cleaned_data["email"]
        address = normalise.email(typed) or ""
        if typed and not address:
            raise ValidationError(gettext("This is not an e-mail address."))
        return address

    def clean_phone(self) -> str:
        typed: str = self.cleaned_data["phone"]
        number = normalise.phone(typed) or ""
        if typed and not number:
            raise ValidationError(gettext("This is not a telephone number; foreign ones begin with +."))
        return number

    def clean_purposes(self) -> frozenset[Purpose]:
        ticked = self.cleaned_data["purposes"]
        if not ticked:
            raise ValidationError(
                gettext("Without anything ticked, the law gives no ground to keep this person (GDPR art. 6 and 9).")
            )
        return frozenset(Purpose(name) for name in ticked)

    def clean(self) -> None:
        """Ask for what the agreements need, and for something to tell the person from another."""
        said = self.cleaned_data
        for field in sorted({NEEDS.get(OPTIONAL[purpose], "") for purpose in said.get("purposes", ())} - {""}):
            if not said.get(field) and field not in self.errors:
                self.add_error(field, gettext("What is ticked cannot be done without this."))
        if not (said.get("email") or said.get("phone") or said.get("last_name")) and not self.errors:
            self.add_error("last_name", gettext("A name, an e-mail address or a telephone number is needed."))

    @property
    def sheet(self) -> Sheet:
        """What the paper says."""
        return Sheet(**self.cleaned_data)
