"""What a screen showed travels with its form, so that nobody writes over what somebody else wrote in the meantime."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

SALT = "portevoix.people.seen"


class SeenField(forms.CharField):
    """Values as they were on the screen, signed: they come back as they left, or not at all."""

    widget = forms.HiddenInput

    def prepare_value(self, value: Any) -> Any:
        """Return the text for the page; what came back from one goes out again unread."""
        return value if isinstance(value, str) or value is None else signing.dumps(value, salt=SALT, compress=True)

    def to_python(self, value: Any) -> Any:
        try:
            return signing.loads(value or "", salt=SALT)
        except signing.BadSignature:
            raise ValidationError(gettext("This page is out of date: open it again.")) from None


#: What is said of a field that two people changed at once.
CHANGED = _("Changed by somebody else in the meantime. It is now: %(theirs)s. Keep yours, or take theirs.")


def shown_again(data: Any, shown: Any) -> QueryDict:
    """Return what was sent as if the screen had shown ``shown``: what is sent next is a choice made knowingly."""
    renewed: QueryDict = data.copy()
    renewed["seen"] = SeenField().prepare_value(shown)
    return renewed
