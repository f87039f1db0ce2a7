"""Shape and wording of an export: why, and which fields."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, cast

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from portevoix.disclosure.selectors import ALL_FIELDS

LABELS = {
    "first_name": _("first name"),
    "last_name": _("family name"),
    "sex": _("gender"),
    "born_at": _("birth date"),
    "language": _("language"),
    "occupation": _("occupation"),
    "email": _("main e-mail address"),
    "mobile_number": _("mobile number"),
    "phone_number": _("other telephone number"),
    "primary_address1": _("street"),
    "primary_zip": _("postcode"),
    "primary_city": _("commune"),
    "tag_list": _("tags"),
    "email_opt_in": _("agrees to e-mails"),
    "mobile_opt_in": _("agrees to text messages"),
    "created_at": _("known since"),
}


class ExportForm(forms.Form):
    """Why data leaves, and how little of it (RGPD art. 5(1)(b) and (c))."""

    purpose = forms.CharField(
        label=_("What this file is for"),
        max_length=200,
        help_text=_("Kept in the journal and on the timeline of each person, who may ask for it."),
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
