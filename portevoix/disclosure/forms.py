"""Shape and wording of an export (why, which fields), and of what was found outside."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from portevoix.disclosure.selectors import ALL_FIELDS, LABELS


class ExportForm(forms.Form):
    """Why data leaves, and how little of it (RGPD art. 5(1)(b) and (c))."""

    purpose = forms.CharField(
        label=_("What this file is for"),
        max_length=200,
        help_text=_("Name nobody: this is told on the timeline of each person in the file, who may ask for it."),
    )
    fields_wanted = forms.MultipleChoiceField(
        label=_("Fields"),
        choices=[(name, format_lazy("{label} ({name})", label=LABELS[name], name=name)) for name in ALL_FIELDS],
        widget=forms.CheckboxSelectMultiple,
        initial=["first_name", "last_name", "email"],
        help_text=_(
            "Only what that needs. Columns bear NationBuilder’s names, so that other products can read the file."
        ),
    )

    def __init__(self, data: Any = None, *, masked: Collection[str] = ()) -> None:
        super().__init__(data)
        wanted = cast("forms.MultipleChoiceField", self.fields["fields_wanted"])
        wanted.choices = [choice for choice in self.base_fields["fields_wanted"].choices if choice[0] not in masked]  # type: ignore[attr-defined]
        wanted.initial = [name for name in wanted.initial or () if name not in masked]

    @property
    def wanted(self) -> list[str]:
        """The fields, in the order of the file."""
        return [name for name in ALL_FIELDS if name in self.cleaned_data["fields_wanted"]]


class LeakForm(forms.Form):
    """What was found outside: a file, or some addresses."""

    file = forms.FileField(
        label=_("File found outside"),
        required=False,
        allow_empty_file=True,
        help_text=_("Text, CSV, spreadsheet or ZIP, whole or in part, in any order. It is read and not kept."),
    )
    text = forms.CharField(
        label=_("Or addresses"),
        required=False,
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For instance the address at which a message arrived."),
    )

    def clean(self) -> dict[str, Any]:
        """Refuse an empty question."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not (cleaned.get("file") or cleaned.get("text", "").strip()):
            raise ValidationError(_("Give a file or an address."))
        return cleaned
