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
    """Where it goes, each place with how many of those who agreed it would keep something of; at least, of a part."""

    place = forms.ChoiceField(label=_("What it tells"), widget=forms.RadioSelect)

    def __init__(self, fits: dict[OpinionPlace, int], *args: Any, is_part: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(place.value, _told(place, number, is_part)) for place, number in fits.items()]
        self.fields["place"].choices = choices  # type: ignore[attr-defined]


def _told(place: OpinionPlace, number: int, is_part: bool) -> str:
    told = {"count": number}
    if is_part:
        kept = ngettext("kept of at least %(count)d person", "kept of at least %(count)d people", number) % told
    else:
        kept = ngettext("kept of %(count)d person", "kept of %(count)d people", number) % told
    return f"{capfirst(place.label)} – {kept}"
