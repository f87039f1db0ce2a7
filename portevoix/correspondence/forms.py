"""Shape and wording of what is asked about a standard letter."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portevoix.correspondence.types import Facts, Words


class WordsForm(forms.Form):
    """The words of a letter; it has a button only where the letter leads somewhere."""

    subject = forms.CharField(label=pgettext_lazy("standard letter", "Subject"), max_length=200)
    title = forms.CharField(label=_("Title of the letter"), max_length=200)
    opening = forms.CharField(
        label=_("Beginning of the letter"),
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("A blank line between two paragraphs."),
    )
    button = forms.CharField(label=_("Words on the button"), max_length=60)
    closing = forms.CharField(
        label=_("End of the letter"), max_length=4_000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, facts: Facts, data: Any = None, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        if not facts.url:
            del self.fields["button"]

    @property
    def words(self) -> Words:
        said = self.cleaned_data
        return Words(**{name: said.get(name, "") for name in Words.__dataclass_fields__})
