"""The look of the site, as it is edited."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

from django import forms

from portevoix.website.models import Identity
from portevoix.website.rules import is_colour
from portevoix.website.types import Look

COLOURS = (*Look.COLOURS, "paper")


class LookForm(forms.ModelForm[Identity]):
    """Colours, letters and shapes; the model refuses what could not be read."""

    class Meta:
        model = Identity
        fields = [*COLOURS, *Look.CHOICES]
        widgets = {name: forms.TextInput(attrs={"type": "color"}) for name in COLOURS}

    def clean(self) -> dict[str, Any]:
        """Keep what is a look at all, before the model judges whether it can be read: previews show it too."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        # Validators of the model come later than this: what is no colour stops here, it would go into a sheet.
        self.given = {name: value for name, value in cleaned.items() if name not in COLOURS or is_colour(value)}
        return cleaned

    @property
    def look(self) -> Look:
        """The look that is being made; what is no colour or no choice is left as the product has it."""
        self.is_valid()
        known = asdict(Look())
        return Look(**{field.name: str(self.given.get(field.name) or known[field.name]) for field in fields(Look)})

    @property
    def colour_fields(self) -> list[Any]:
        return [self[name] for name in COLOURS]

    @property
    def shape_fields(self) -> list[Any]:
        return [self[name] for name in Look.CHOICES]
