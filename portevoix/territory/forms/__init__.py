"""How a commune is asked for: by typing, with suggestions where the browser can."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy
from django.utils.translation import gettext

from portevoix.territory import selectors
from portevoix.territory.models import Commune
from portevoix.territory.rules import departement_of_commune

#: Names offered when what was typed may mean several communes.
OFFERED = 6


def written(commune: Commune) -> str:
    """Return how a commune is shown in a field, which the field reads back."""
    return f"{commune.name} ({departement_of_commune(commune.code)})"


class CommuneInput(forms.TextInput):
    """A text field with a list of suggestions, asked for as one types."""

    template_name = "territory/widgets/commune_input.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["attrs"].update(
            {
                "autocomplete": "off",
                "list": f"{name}-communes",
                "hx-get": reverse_lazy("territory:communes"),
                "hx-trigger": "input changed delay:150ms",
                "hx-target": "next datalist",
                "hx-swap": "innerHTML",
            }
        )
        return context

    def format_value(self, value: Any) -> str | None:
        if isinstance(value, str) and (commune := Commune.objects.filter(pk=value).first()):
            return written(commune)
        return str(value) if value else None


class CommuneField(forms.CharField):
    """A commune as people write it – « Rennes », « Saint-Denis (93) », « 35000 » – cleaned to its INSEE code."""

    widget = CommuneInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=100, help_text=kwargs.pop("help_text", ""), **kwargs)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if not text:
            return ""
        found = selectors.communes_meant(text, OFFERED + 1)
        if not found:
            raise ValidationError(gettext("No commune is called “%(name)s”.") % {"name": text})
        if len(found) > 1:
            names = ", ".join(written(commune) for commune in found[:OFFERED])
            raise ValidationError(gettext("Which one: %(names)s?") % {"names": names})
        return str(found[0].pk)
