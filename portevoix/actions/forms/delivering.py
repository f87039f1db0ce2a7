"""What is asked before signatures leave."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class DeliveryForm(forms.Form):
    """Why the names leave: kept in the register of files, and told to each signatory who asks (RGPD art. 15(1)(c))."""

    reason = forms.CharField(
        label=_("What this file is for"),
        max_length=200,
        help_text=_("Name nobody: this is told on the timeline of each person in the file, who may ask for it."),
    )
