"""What every public form has: the moment it was shown, and what keeps robots out without asking a third party."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.core import signing
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from portevoix.kernel import normalise

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


class EmailForm(PublicForm):
    """A form that asks for an address, in whatever way it is written."""

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


class NewLinkForm(EmailForm):
    """Asking for a link to one's own data."""
