"""What every public form has: the moment it was shown, and what keeps robots out without asking a third party.

A field that only robots fill in; a moment below which nobody fills a form in; and, where one connection sends many,
a little work by the browser, or a little patience where it runs no script (docs/decisions/0029-robots.md).
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core import signing
from django.utils.translation import gettext_lazy as _

from portevoix.actions.counter import senders
from portevoix.actions.rules import BITS, is_work
from portevoix.kernel import normalise

SALT = "portevoix.actions.form"
#: A page may stay open for a day.
LONGEST = timedelta(days=1)


class PublicForm(forms.Form):
    """A form that carries the moment it was shown, signed, and a field that only robots see.

    ``sender`` is the connection that sends it, kept nowhere.
    """

    moment = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200)
    work = forms.CharField(widget=forms.HiddenInput, required=False, max_length=100)
    website = forms.CharField(
        required=False,
        max_length=200,
        label=_("Leave this field empty"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )
    #: Shown to robots and people apart.
    trap = "website"
    #: Whether the browser is asked to work before the form is taken.
    needs_work = False
    bits = BITS
    #: What is agreed to by sending it: meaningless once the form says something else.
    agreements: Sequence[str] = ()

    def __init__(self, *args: Any, sender: str = "", version: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sender, self.version = sender, version
        self.initial["moment"] = signing.TimestampSigner(salt=SALT).sign(f"{version}.")

    @property
    def status(self) -> int:
        """How an answer with this form is marked: too many, not right, or shown for the first time."""
        return 429 if self.needs_work else 422 if self.is_bound else 200

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("website"):
            raise forms.ValidationError(_("This form was filled in by a robot."), code="robot")
        signer = signing.TimestampSigner(salt=SALT)
        try:
            shown = signer.unsign(cleaned.get("moment", ""), max_age=LONGEST)
        except signing.BadSignature:
            self._ask_again()
            raise forms.ValidationError(
                _("This page had been open for a long time. Please send it once more."), code="stale"
            ) from None
        if shown.partition(".")[0] != self.version:
            self._agree_anew()
            raise forms.ValidationError(
                _("This form changed since you opened it. Please read it again, then send it: what you wrote is kept."),
                code="changed",
            )
        return cleaned

    def _post_clean(self) -> None:
        """Judge who sends a form that is otherwise right: nothing else was wrong with it."""
        super()._post_clean()  # type: ignore[misc]  # a hook of Django's own forms
        if self.errors:
            return
        if self._is_too_quick():
            quick = _("Please look over what you wrote, then send it: that was very quick.")
            self.add_error(None, forms.ValidationError(quick, code="quick"))
        elif self.sender and senders.is_busy(self.sender) and not self._is_earned():
            self.needs_work = True
            self._ask_again()
            busy = _(
                "Many forms come from your connection. We make sure that you are no robot: wait half a minute, then "
                "send it again. Nothing that you wrote is lost."
            )
            self.add_error(None, forms.ValidationError(busy, code="busy"))
        elif self.sender:
            senders.note(self.sender)

    def _is_too_quick(self) -> bool:
        soonest = settings.FORM_SOONEST - 1
        if soonest >= 0:
            with contextlib.suppress(signing.SignatureExpired):
                signing.TimestampSigner(salt=SALT).unsign(self.cleaned_data["moment"], max_age=soonest)
                return True
        return False

    def _is_earned(self) -> bool:
        challenge, answer = self.cleaned_data["moment"], self.cleaned_data["work"]
        return (is_work(challenge, answer) and senders.spend(challenge)) or senders.has_waited(self.sender)

    def _ask_again(self) -> None:
        self.data: Any = self.data.copy()  # a QueryDict's may be written to
        self.data["moment"] = signing.TimestampSigner(salt=SALT).sign(f"{self.version}.{secrets.token_urlsafe(9)}")
        self.data["work"] = ""

    def _agree_anew(self) -> None:
        """Show the form as it is now: nobody's tick goes over to words that they did not read."""
        self._ask_again()
        for name in self.agreements:
            self.data.pop(name, None)


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
