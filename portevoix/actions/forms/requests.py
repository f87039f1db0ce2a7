"""The public forms of rights: what one asks for, then, by the link of the letter, the rest."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from portevoix.actions.forms import NewLinkForm
from portevoix.kernel import clock
from portevoix.people.models import Person
from portevoix.rights.purposes import OPTIONAL, Purpose
from portevoix.rights.selectors.requests import label_of
from portevoix.rights.types import RequestKind, RestrictionGround

#: What each right is, for whoever never read the regulation.
RIGHTS = {
    RequestKind.ACCESS: _("See what you hold on me, and take a copy elsewhere"),
    RequestKind.RECTIFICATION: _("Have something corrected"),
    RequestKind.WITHDRAWAL: _("Take back what I agreed to"),
    RequestKind.OBJECTION: _("Object: no longer use my data for this"),
    RequestKind.RESTRICTION: _("Restrict: keep my data, but do not use it"),
    RequestKind.ERASURE: _("Erase everything that you hold on me"),
}


class RightsForm(NewLinkForm):
    """Which right, and by which address the campaign knows the person."""

    kind = forms.ChoiceField(
        label=_("What do you ask for?"),
        choices=[(kind.value, label) for kind, label in RIGHTS.items()],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what you ask for.")},
    )


class FollowForm(forms.Form):
    """What a request still needs, which depends on what is asked."""

    def __init__(self, kind: str, person: Person, data: Any = None) -> None:
        super().__init__(data)
        self.kind = kind
        if kind in {RequestKind.OBJECTION, RequestKind.WITHDRAWAL}:
            choices = [(purpose.value, purpose.label) for purpose in OPTIONAL]
            self.fields["purposes"] = forms.MultipleChoiceField(
                label=_("For what? With nothing ticked, for everything."),
                choices=choices,
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )
        if kind == RequestKind.RESTRICTION:
            self.fields["restriction"] = forms.ChoiceField(
                label=_("Why?"), choices=RestrictionGround, widget=forms.RadioSelect
            )
        if kind == RequestKind.RECTIFICATION:
            self._ask_corrections(person)
        if kind == RequestKind.ERASURE:
            self.fields["is_sure"] = forms.BooleanField(
                label=_("I understand that nothing brings it back."),
                error_messages={"required": _("Tick the box to go on.")},
            )

    def _ask_corrections(self, person: Person) -> None:
        for name, length in (("first_name", 100), ("last_name", 100), ("occupation", 150), ("postcode", 10)):
            self.fields[name] = forms.CharField(label=capfirst(label_of(name)), max_length=length, required=False)
        self.fields["born_on"] = forms.DateField(
            label=_("Birth date"), required=False, widget=forms.DateInput(attrs={"type": "date"})
        )
        self.fields["words"] = forms.CharField(
            label=_("Anything else that is wrong"),
            max_length=2000,
            required=False,
            widget=forms.Textarea(attrs={"rows": 4}),
        )

    def clean_born_on(self) -> Any:
        day = self.cleaned_data["born_on"]
        if day and not 1900 <= day.year <= clock.today().year:
            raise forms.ValidationError(_("This is no birth date."))
        return day

    @property
    def told(self) -> dict[str, Any]:
        """What the command is told. A field left empty is not one to empty: it is not corrected."""
        given = dict(self.cleaned_data)
        said: dict[str, Any] = {"words": given.pop("words", "").strip()}
        if "purposes" in given:
            said["purposes"] = [Purpose(one) for one in given.pop("purposes")]
        said["restriction"] = given.pop("restriction", "")
        given.pop("is_sure", None)
        said["corrections"] = {
            name: value.strip() if isinstance(value, str) else value for name, value in given.items() if value
        }
        return said
