"""The public forms: their questions, and what keeps robots out without asking a third party."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.core import signing
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from portevoix.intake.types import SignUp
from portevoix.kernel import normalise
from portevoix.rights.purposes import Purpose
from portevoix.rights.selectors import current_wording
from portevoix.territory.models import Commune

SALT = "portevoix.actions.form"
#: A page may stay open for a day.
LONGEST = timedelta(days=1)


class PublicForm(forms.Form):
    """A form that carries the moment it was shown, signed, and a field that only robots see."""

    moment = forms.CharField(widget=forms.HiddenInput, required=False, max_length=100)
    website = forms.CharField(
        required=False,
        max_length=200,
        label=_("Leave this field empty"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )
    #: Shown to robots and people apart.
    trap = "website"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["moment"] = signing.TimestampSigner(salt=SALT).sign("shown")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("website"):
            raise forms.ValidationError(_("This form was filled in by a robot."), code="robot")
        signer = signing.TimestampSigner(salt=SALT)
        try:
            signer.unsign(cleaned.get("moment", ""), max_age=LONGEST)
        except signing.BadSignature:
            self._ask_again()
            raise forms.ValidationError(
                _("This page had been open for a long time. Please send it once more."), code="stale"
            ) from None
        return cleaned

    def _ask_again(self) -> None:
        self.data = {**self.data.dict()} if isinstance(self.data, QueryDict) else {**self.data}
        self.data["moment"] = signing.TimestampSigner(salt=SALT).sign("shown")


class SignUpForm(PublicForm):
    """Joining the campaign: an address is enough; each purpose has its own box, none is ticked."""

    email = forms.CharField(
        label=_("E-mail address"),
        max_length=254,
        error_messages={"required": _("Give your e-mail address.")},
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )
    first_name = forms.CharField(
        label=_("First name"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    last_name = forms.CharField(
        label=_("Last name"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    postcode = forms.RegexField(
        label=_("Postcode"),
        regex=r"^\s*\d{5}\s*$",
        required=False,
        error_messages={"invalid": _("A French postcode has five digits, for example 35000.")},
        widget=forms.TextInput(attrs={"autocomplete": "postal-code", "inputmode": "numeric", "size": 6}),
    )
    commune = forms.ChoiceField(label=_("Commune"), required=False, choices=[], widget=forms.HiddenInput)
    phone = forms.CharField(
        label=_("Telephone"),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel", "type": "tel"}),
    )

    def __init__(self, *args: Any, purposes: list[Purpose], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.purposes = purposes
        if not {Purpose.TEXTS, Purpose.CALLS} & set(purposes):
            del self.fields["phone"]
        language = get_language() or "fr"
        for purpose in purposes:
            self.fields[purpose.value] = forms.BooleanField(
                required=False, label=current_wording(purpose, language[:2]).text
            )
        self._offer_communes(str(self.data.get("postcode", "")).strip())

    def clean_email(self) -> str:
        address = normalise.email(self.cleaned_data["email"])
        if address is None:
            raise forms.ValidationError(
                _("This does not look like an e-mail address. Example: prenom.nom@exemple.fr"), code="email"
            )
        return address

    def clean_phone(self) -> str:
        raw = self.cleaned_data["phone"]
        number = normalise.phone(raw) if raw else ""
        if number is None:
            raise forms.ValidationError(
                _("This does not look like a telephone number. Example: 06 39 98 12 34"), code="phone"
            )
        return number

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not any(cleaned.get(purpose.value) for purpose in self.purposes):
            self.add_error(
                self.purposes[0].value,
                _("Tick at least one box: without your agreement, we may not write to you."),
            )
        if cleaned.get("postcode") and self._is_ambiguous and not cleaned.get("commune"):
            self.fields["commune"].required = True
            self.fields["commune"].widget = forms.Select(choices=self.fields["commune"].choices)  # type: ignore[attr-defined]
            self.add_error("commune", _("Several communes share this postcode: choose yours."))
        return cleaned

    def sign_up(self, source: str) -> SignUp:
        """Return the valid form as what comes in."""
        given = self.cleaned_data
        return SignUp(
            email=given["email"],
            source=source,
            first_name=given["first_name"].strip(),
            last_name=given["last_name"].strip(),
            postcode=given["postcode"].strip(),
            commune=given["commune"] or (self._communes[0].pk if len(self._communes) == 1 else ""),
            phone=given.get("phone", ""),
            language=(get_language() or "fr")[:2],
            purposes=frozenset(purpose for purpose in self.purposes if given.get(purpose.value)),
        )

    @property
    def purpose_fields(self) -> list[forms.BoundField]:
        """The boxes of consent, in the order in which they are asked."""
        return [self[purpose.value] for purpose in self.purposes]

    @property
    def _is_ambiguous(self) -> bool:
        return len(self._communes) > 1

    def _offer_communes(self, postcode: str) -> None:
        self._communes = list(Commune.objects.with_postcode(postcode)[:60]) if len(postcode) == 5 else []
        field = self.fields["commune"]
        field.choices = [("", _("Choose…")), *((commune.pk, commune.name) for commune in self._communes)]  # type: ignore[attr-defined]
        if self.data.get("commune"):
            field.widget = forms.Select(choices=field.choices)  # type: ignore[attr-defined]


class NewLinkForm(PublicForm):
    """Asking for a link to one's own data."""

    email = forms.CharField(
        label=_("E-mail address"),
        max_length=254,
        error_messages={"required": _("Give your e-mail address.")},
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )

    def clean_email(self) -> str:
        address = normalise.email(self.cleaned_data["email"])
        if address is None:
            raise forms.ValidationError(
                _("This does not look like an e-mail address. Example: prenom.nom@exemple.fr"), code="email"
            )
        return address
