"""What the team writes about actions: answers, decisions, why answers leave."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.models import User
from portevoix.disclosure.forms import ExportForm
from portevoix.kernel import clock

LONGEST_ANSWER = 10_000


class AnswerForm(forms.Form):
    """What is written back."""

    text = forms.CharField(
        label=_("Your answer"),
        max_length=LONGEST_ANSWER,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("It leaves by e-mail, after a greeting, in the campaign’s name."),
    )


class AnswererForm(forms.Form):
    """Who answers."""

    answerer = forms.ModelChoiceField(
        label=_("Who answers"), queryset=User.objects.none(), required=False, empty_label=_("Nobody yet")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["answerer"].queryset = User.objects.filter(is_active=True).order_by(  # type: ignore[attr-defined]
            "last_name", "first_name", "pk"
        )


class AcceptanceForm(forms.Form):
    """Since when, and until when dues cover."""

    since = forms.DateField(
        label=_("Member since"),
        initial=clock.today,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    dues_until = forms.DateField(
        label=_("Dues cover until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Dues are paid elsewhere: write it down once they are. Left empty: not paid yet."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("dues_until")
        if since and since > clock.today():
            self.add_error("since", _("This day is still to come."))
        if since and until and until < since:
            self.add_error("dues_until", _("It is before the first day."))
        return cleaned


class RefusalForm(forms.Form):
    """Why not: the person reads it."""

    reason = forms.CharField(
        label=_("Why"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The person receives these words."),
    )


class AnswersExportForm(ExportForm):
    """Why answers leave, with which parts of the record."""

    answers_wanted = forms.MultipleChoiceField(
        label=_("Answers"), widget=forms.CheckboxSelectMultiple, help_text=_("Only what that needs.")
    )

    def __init__(self, data: Any = None, *, answers: Sequence[tuple[str, str]], masked: Collection[str] = ()) -> None:
        super().__init__(data, masked=masked)
        self.fields["answers_wanted"].choices = answers  # type: ignore[attr-defined]
        self.fields["fields_wanted"].required = False
        self.fields["fields_wanted"].initial = ["primary_zip"]

    @property
    def wanted(self) -> list[str]:
        """The fields, in the order of the file."""
        return [*super().wanted, *self.cleaned_data["answers_wanted"]]
