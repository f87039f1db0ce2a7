"""Shape and wording of an election."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminDateInput

from portevoix.territory.models import Departement, Election
from portevoix.territory.rules import silence
from portevoix.territory.types import ElectionDraft, ElectionKind


class ElectionForm(forms.Form):
    """What a director says of an election."""

    kind = forms.ChoiceField(label=_("Kind of election"), choices=ElectionKind)
    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("As the team calls it: “Municipales 2026”."))
    first_round_on = forms.DateField(
        label=_("Day of the vote"),
        widget=AdminDateInput,
        help_text=_("The Sunday; where one votes on Saturday is said below."),
    )
    second_round_on = forms.DateField(label=_("Second round"), widget=AdminDateInput, required=False)
    departements = forms.ModelMultipleChoiceField(
        Departement.objects.all(),
        label=_("Where one votes"),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 8}),
        help_text=_("Choose nothing when one votes in all of France."),
    )
    early = forms.ModelMultipleChoiceField(
        Departement.objects.filter(code__in=silence.EARLY),
        label=_("Where one votes the day before (Saturday)"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "For the president, the National Assembly, the European Parliament and referendums: "
            "Guadeloupe, Martinique, Guyane, Polynesia, Saint-Barthélemy, Saint-Martin, Saint-Pierre-et-Miquelon. "
            "Silence begins there a day earlier. Check it against the decree that convenes voters."
        ),
    )
    reason = forms.CharField(
        label=_("Why a silence that has begun ends"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Only when you correct an election whose silence is running; it is written in the journal."),
    )

    def __init__(self, data: Any = None, *, election: Election | None = None) -> None:
        initial: dict[str, Any] = {"kind": ElectionKind.MUNICIPAL}
        if election:
            initial = {
                "kind": election.kind,
                "name": election.name,
                "first_round_on": election.first_round_on,
                "second_round_on": election.second_round_on,
                "departements": list(election.departements.values_list("pk", flat=True)),
                "early": list(election.early.values_list("pk", flat=True)),
            }
        super().__init__(data, initial=initial)
        if election is None:
            self.fields.pop("reason")

    def clean(self) -> dict[str, Any]:
        """Refuse days in the wrong order, and early voters where nobody votes."""
        said: dict[str, Any] = super().clean() or {}
        first, second = said.get("first_round_on"), said.get("second_round_on")
        if first and second and second <= first:
            self.add_error("second_round_on", gettext("The second round comes after the first."))
        where, early = said.get("departements"), said.get("early")
        if where and early and not set(early) <= set(where):
            self.add_error("early", gettext("One of these is not among the départements that vote."))
        return said

    @property
    def draft(self) -> ElectionDraft:
        """What was said."""
        said = self.cleaned_data
        return ElectionDraft(
            kind=said["kind"],
            name=said["name"],
            first_round_on=said["first_round_on"],
            second_round_on=said["second_round_on"],
            departements=tuple(one.pk for one in said["departements"]),
            early=tuple(one.pk for one in said["early"]),
        )


class RemovalForm(forms.Form):
    """Why an election goes whose silence is running."""

    reason = forms.CharField(label=_("Reason"), required=False, max_length=300)
