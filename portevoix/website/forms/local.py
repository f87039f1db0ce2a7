"""Local pages in bulk."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from portevoix.territory.models import Departement
from portevoix.website.models import LocalPagesPage


class LocalPagesForm(forms.Form):
    """Under which list, for which départements, with which first words."""

    under = forms.ModelChoiceField(LocalPagesPage.objects.all(), label=_("list of local pages"), empty_label=None)
    lead = forms.CharField(
        label=_("introduction of each"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=400,
        help_text=_("{departement} and {region} stand for their names."),
    )
    departements = forms.ModelMultipleChoiceField(
        Departement.objects.select_related("region").order_by("code"),
        label=_("départements"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Those that have a page already are left as they are."),
    )
    publish = forms.BooleanField(label=_("publish them at once"), required=False)
