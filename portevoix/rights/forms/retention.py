"""What directors and the officer are asked before a term changes, and before anything is destroyed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.kernel import normalise
from portevoix.rights.models.retention import LEAST_REASON, Scope
from portevoix.rights.purposes import RULES


class TermForm(forms.Form):
    """The months of one rule, within the law, and why."""

    months = forms.IntegerField(min_value=0)
    reason = forms.CharField(
        label=_("Why"),
        min_length=LEAST_REASON,
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept with the rule for whoever inspects the campaign: name nobody."),
    )

    def __init__(self, code: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        term = RULES[code]
        self.fields["months"] = forms.IntegerField(
            label=_("Months after the last exchange"),
            min_value=0,
            max_value=term.most,
            help_text=format_lazy(
                _("{most} at most ({article}); {usual} unless the campaign says otherwise."),
                most=term.most,
                article=term.article,
                usual=term.months,
            ),
        )
        self.order_fields(["months", "reason"])


class SeenCountForm(forms.Form):
    """How many persons the screen said would go: what is confirmed is what was seen."""

    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class ClosureForm(SeenCountForm):
    """Who goes, and the name of the campaign, typed: nothing brings anybody back."""

    scope = forms.ChoiceField(choices=Scope, widget=forms.HiddenInput)
    name = forms.CharField(max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        label = _("To confirm, type the name of the campaign: {name}")
        self.fields["name"].label = format_lazy(label, name=settings.INSTANCE.site.name)
        self.fields["name"].widget.attrs["autocomplete"] = "off"

    def clean_name(self) -> str:
        typed: str = self.cleaned_data["name"]
        if normalise.sort_key(typed) != normalise.sort_key(settings.INSTANCE.site.name):
            raise ValidationError(gettext("It is not the name of the campaign."))
        return typed
