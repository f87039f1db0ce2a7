"""The edit form of a person."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.types import Fact
from portevoix.kernel import clock
from portevoix.people.models import Person, Tag
from portevoix.people.types import Gender, Identity
from portevoix.territory.forms import CommuneField


class PersonForm(forms.Form):
    """Who a person is, where they live, and the tags they carry."""

    first_name = forms.CharField(label=_("First name"), max_length=100, required=False)
    last_name = forms.CharField(label=_("Last name"), max_length=100, required=False)
    gender = forms.ChoiceField(label=_("Gender"), choices=[("", _("not known")), *Gender.choices], required=False)
    born_on = forms.DateField(
        label=_("Birth date"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    occupation = forms.CharField(label=_("Occupation"), max_length=150, required=False)
    commune = CommuneField(
        label=_("Commune"), required=False, help_text=_("A name or a postcode; for homonyms: Saint-Denis (93).")
    )
    postcode = forms.CharField(label=_("Postcode"), max_length=10, required=False)
    tags = forms.ModelMultipleChoiceField(
        Tag.objects.alphabetical(), label=_("Tags"), required=False, widget=forms.CheckboxSelectMultiple
    )
    new_tags = forms.CharField(label=_("New tags"), max_length=300, required=False, help_text=_("Separated by commas."))

    def __init__(self, person: Person, data: Any = None) -> None:
        initial = {
            "first_name": person.first_name,
            "last_name": person.last_name,
            "gender": person.gender,
            "born_on": person.born_on,
            "occupation": person.occupation,
            "commune": person.commune_id,
            "postcode": person.postcode,
            "tags": [tagging.tag_id for tagging in person.taggings.all()],
        }
        super().__init__(data, initial=initial)
        if Fact.BIRTH in person.hidden:
            del self.fields["born_on"]

    def clean_born_on(self) -> Any:
        day = self.cleaned_data["born_on"]
        if day and not 1890 <= day.year <= clock.today().year:
            raise ValidationError(gettext("Nobody alive was born then."))
        if day and day > clock.today():
            raise ValidationError(gettext("This day is still to come."))
        return day

    def clean_new_tags(self) -> list[str]:
        names = [name.strip() for name in self.cleaned_data["new_tags"].split(",") if name.strip()]
        if any(len(name) > 100 for name in names):
            raise ValidationError(gettext("A tag has at most 100 characters."))
        return names

    @property
    def identity(self) -> Identity:
        """What the form says of the person."""
        said = self.cleaned_data
        named: dict[str, Any] = {
            name: said.get(name) for name in ("first_name", "last_name", "gender", "born_on", "occupation", "postcode")
        }
        return Identity(**named, commune_id=said["commune"] or None)

    @property
    def tag_names(self) -> list[str]:
        """The tags that the person carries from now on."""
        return [tag.name for tag in self.cleaned_data["tags"]] + list(self.cleaned_data["new_tags"])

    @property
    def are_tags_changed(self) -> bool:
        """Whether anything is to be told to the tags: an edit of the name alone is one act, not two."""
        return bool({"tags", "new_tags"} & set(self.changed_data))

    @property
    def full_name(self) -> str:
        return f"{self.cleaned_data['first_name']} {self.cleaned_data['last_name']}".strip()
