"""What is asked before a meeting is cancelled."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class CancellationForm(forms.Form):
    """Why, if the team wishes to say it."""

    reason = forms.CharField(
        label=_("A word to those who wished to come"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Quoted in the letter as you write it. Left empty, the letter says that the meeting is cancelled."),
    )
