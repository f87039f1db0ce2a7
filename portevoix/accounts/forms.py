"""The forms of access, in the reader's language throughout."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.auth import LoginForm as WagtailLoginForm

from portevoix.accounts import gate
from portevoix.accounts.exceptions import Closed, WrongProof
from portevoix.accounts.models import User
from portevoix.accounts.services.signing import refuse_sign_in
from portevoix.accounts.types import OVER_FRANCE, OVER_ONE_DEPARTEMENT, Invitation, Method, Role, Visitor
from portevoix.kernel.security import address_of


def closed_error(closed: Closed) -> ValidationError:
    """Return the words for an account or an address that is closed for a while."""
    until = localtime(closed.until).strftime("%H:%M")
    return ValidationError(gettext("Too many wrong tries. Please come back at %(time)s.") % {"time": until})


class LoginForm(WagtailLoginForm):
    """Name and password; wrong ones are counted, and close the account and the address for a while.

    Wagtail names its password field after the code; Django's label for it is translated.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].label = AuthenticationForm.base_fields["password"].label
        self.fields["username"].widget.attrs["autocomplete"] = "username webauthn"
        self.fields["password"].widget.attrs["autocomplete"] = "current-password"

    def clean(self) -> dict[str, Any]:
        name, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if name and password:
            attempt = gate.Try(name, address_of(self.request))
            try:
                self.user_cache = gate.by_password(attempt, password)
            except Closed as closed:
                raise closed_error(closed) from None
            if self.user_cache is None:
                known = User.objects.filter(username__iexact=name).first()
                refuse_sign_in(known, reason="password", closed_for=gate.closed_until(attempt), actor=Visitor())
                raise self.get_invalid_login_error()
        said: dict[str, Any] = self.cleaned_data
        return said


class CodeForm(forms.Form):
    """A code of six figures from an application, or a recovery code."""

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autofocus": True, "inputmode": "text", "spellcheck": "false"}
        ),
    )


class ProofForm(CodeForm):
    """The code that proves, after the password, who signs in."""

    method: Method

    def __init__(self, user: User, address: str, data: Any = None) -> None:
        super().__init__(data)
        self.user = user
        self.attempt = gate.Try(user.username, address)
        self.fields["code"].help_text = gettext("Six figures from your application, or one of your recovery codes.")

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"])
        try:
            self.method = gate.by_code(self.user, self.attempt, code)
        except Closed as closed:
            raise closed_error(closed) from None
        except WrongProof:
            refuse_sign_in(
                self.user,
                reason="code",
                closed_for=gate.closed_until(self.attempt),
                is_account_closed=bool(gate.closed_until(gate.Try(self.user.username))),
                actor=Visitor(),
            )
            raise ValidationError(gettext("This code is wrong, or was used already.")) from None
        return code


class TotpForm(CodeForm):
    """The first code of a new application."""

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.fields["code"].label = gettext("The six figures it shows")
        self.fields["code"].widget.attrs["inputmode"] = "numeric"


class MandateForm(forms.Form):
    """A role and where it holds."""

    role = forms.ChoiceField(label=_("Role"), choices=[("", "—"), *Role.choices])
    departement = forms.ChoiceField(label=_("Territory"), required=False)

    def __init__(self, territories: Sequence[tuple[str, str]], data: Any = None) -> None:
        super().__init__(data)
        choices = [("", gettext("all of France")), *territories]
        self.fields["departement"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        role, departement = said.get("role"), said.get("departement")
        if role in OVER_FRANCE and departement:
            self.add_error("departement", gettext("This role is over all of France."))
        if role in OVER_ONE_DEPARTEMENT and not departement:
            self.add_error("departement", gettext("This role is over one département: which?"))
        return said


class InvitationForm(MandateForm):
    """Somebody new, and their first mandate."""

    email = forms.EmailField(
        label=_("E-mail address"), max_length=150, help_text=_("A letter with the way in goes there.")
    )
    first_name = forms.CharField(label=_("First name"), max_length=150)
    last_name = forms.CharField(label=_("Last name"), max_length=150)
    field_order = ("email", "first_name", "last_name", "role", "departement")

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).lower()
        if User.objects.filter(Q(email__iexact=email) | Q(username__iexact=email)).exists():
            raise ValidationError(gettext("Somebody of the team has this address already."))
        return email

    @property
    def invitation(self) -> Invitation:
        said = self.cleaned_data
        return Invitation(
            email=said["email"],
            first_name=said["first_name"],
            last_name=said["last_name"],
            role=Role(said["role"]),
            departement_code=said["departement"],
        )
