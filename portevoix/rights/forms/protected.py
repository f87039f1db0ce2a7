"""What the officer is asked before what a field or a tag says is put in its place, or erased."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from portevoix.rights.forms.retention import SeenCountForm
from portevoix.rights.types import OpinionPlace


class PlaceForm(SeenCountForm):
    """Where it goes, each place with how many of those who agreed it would keep something of."""

    place = forms.ChoiceField(label=_("What it tells"), widget=forms.RadioSelect)

    def __init__(self, fits: dict[OpinionPlace, int], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = [(place.value, _told(place, number)) for place, number in fits.items()]  # type: ignore[attr-defined]


def _told(place: OpinionPlace, number: int) -> str:
    kept = ngettext("kept of %(count)d person", "kept of %(count)d people", number) % {"count": number}
    return f"{capfirst(place.label)} – {kept}"
