"""Shape and wording of what is told of a call, a letter or a visit."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portevoix.delivery.types import BY_HAND, ContactResult, MadeContact
from portevoix.kernel import clock
from portevoix.rights.purposes import Channel


class ContactForm(forms.Form):
    """What came of it, when, who did it, and what is worth remembering."""

    result = forms.ChoiceField(label=_("What came of it"), widget=forms.RadioSelect)
    at = forms.DateTimeField(
        label=_("When"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    volunteer = forms.CharField(
        label=_("Volunteer"), required=False, max_length=120, help_text=_("Empty: whoever writes this down.")
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What helps next time. No political opinion: it has its own place, and its own consent."),
    )

    def __init__(self, channel: Channel, data: Any = None) -> None:
        now = clock.now().astimezone(clock.PARIS).replace(second=0, microsecond=0)
        super().__init__(data, initial={"at": now.strftime("%Y-%m-%dT%H:%M")})
        self.channel = channel
        self.fields["result"].choices = [(one.value, one.label) for one in BY_HAND[channel]]  # type: ignore[attr-defined]

    def clean_at(self) -> datetime:
        at: datetime = self.cleaned_data["at"]
        if at > clock.now():
            raise forms.ValidationError(_("This has not happened yet."))
        return at

    @property
    def made(self) -> MadeContact:
        """What was told."""
        said = self.cleaned_data
        return MadeContact(
            channel=self.channel,
            result=ContactResult(said["result"]),
            at=said["at"],
            note=said["note"],
            volunteer=said["volunteer"],
        )
