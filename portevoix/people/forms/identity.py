"""The edit form of a person: who they are, the campaign's own fields, the tags they carry."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_date
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.types import Fact
from portevoix.kernel import clock
from portevoix.people.exceptions import ProtectedName
from portevoix.people.forms.seen import CHANGED, SeenField, shown_again
from portevoix.people.models import CustomField, Person, Tag
from portevoix.people.models.persons import language_name
from portevoix.people.rules import CUSTOM, LANGUAGES, storable
from portevoix.people.rules.protected import protection
from portevoix.people.selectors import IDENTITY, genders_in_use, identity_of
from portevoix.people.types import Conflict, CustomKind, Gender, Identity
from portevoix.territory.forms import CommuneField
from portevoix.territory.models import Commune


class PersonForm(forms.Form):
    """Who a person is, where they live, and the tags they carry."""

    seen = SeenField()
    first_name = forms.CharField(label=_("First name"), max_length=100, required=False)
    last_name = forms.CharField(label=_("Last name"), max_length=100, required=False)
    gender = forms.CharField(
        label=_("Gender"), max_length=40, required=False, help_text=_("In the person’s own words; may stay empty.")
    )
    born_on = forms.DateField(
        label=_("Birth date"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    occupation = forms.CharField(label=_("Occupation"), max_length=150, required=False)
    language = forms.ChoiceField(label=_("Language to write in"))
    other_languages = forms.MultipleChoiceField(
        label=_("Other languages"), required=False, widget=forms.CheckboxSelectMultiple
    )
    commune = CommuneField(
        label=_("Commune"), required=False, help_text=_("A name or a postcode; for homonyms: Saint-Denis (93).")
    )
    postcode = forms.CharField(label=_("Postcode"), max_length=10, required=False)
    polling_station = forms.RegexField(
        r"^[0-9A-Za-z]{1,5}(_[0-9]{1,4})?$",
        label=_("Polling station"),
        max_length=12,
        required=False,
        help_text=_("Its code: the commune’s, an underscore, the number of the station (35238_0012)."),
    )
    tags = forms.ModelMultipleChoiceField(
        Tag.objects.alphabetical(), label=_("Tags"), required=False, widget=forms.CheckboxSelectMultiple
    )
    new_tags = forms.CharField(label=_("New tags"), max_length=300, required=False, help_text=_("Separated by commas."))

    def __init__(self, person: Person, data: Any = None) -> None:
        self.person = person
        initial = {name: getattr(person, name) for name in (*IDENTITY, "other_languages")}
        initial["gender"] = person.gender_label
        initial["commune"] = person.commune_id
        initial["tags"] = [tagging.tag_id for tagging in person.taggings.all()]
        initial["seen"] = seen_of(person)
        super().__init__(data, initial=initial)
        spoken = dict.fromkeys([*LANGUAGES, person.language, *person.other_languages])
        choices = [(code, language_name(code)) for code in spoken]
        self.fields["language"].choices = self.fields["other_languages"].choices = choices  # type: ignore[attr-defined]
        self.fields["gender"].widget.attrs["list"] = "genders"
        if Fact.BIRTH in person.hidden:
            del self.fields["born_on"]
        # What stands under a protected name from former times is settled by who answers for the data, not written here.
        self.own = [one for one in CustomField.objects.in_use().seen_by(person.read_by) if one.protection is None]
        for field in self.own:
            self.fields[f"{CUSTOM}{field.key}"] = question_of(field, person.custom.get(field.key))

    @property
    def genders(self) -> list[str]:
        """The words that are offered."""
        return genders_in_use()

    @property
    def own_groups(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        """The campaign's own fields by group."""
        for group, fields in groupby(self.own, key=lambda field: field.group):
            yield group, [self[f"{CUSTOM}{field.key}"] for field in fields]

    def clean_gender(self) -> str:
        return Gender.meant(self.cleaned_data["gender"])

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

    def clean(self) -> None:
        """Refuse here, before anything is written, the tags that the command would refuse."""
        seen = set(self.cleaned_data.get("seen", {}).get("tags", ()))
        ticked = [tag.name for tag in self.cleaned_data.get("tags", ()) if tag.name not in seen]
        for field, names in (("tags", ticked), ("new_tags", self.cleaned_data.get("new_tags", []))):
            for name in names:
                if what := protection(name):
                    self.add_error(field, str(ProtectedName(name, what)))

    @property
    def identity(self) -> Identity:
        """What the form says of the person."""
        said = self.cleaned_data
        named: dict[str, Any] = {name: said.get(name) for name in IDENTITY if name != "commune_id"}
        custom = {field.key: storable(CustomKind(field.kind), said[f"{CUSTOM}{field.key}"]) for field in self.own}
        others = tuple(code for code in said["other_languages"] if code != said["language"])
        return Identity(**named, commune_id=said["commune"] or None, other_languages=others, custom=custom)

    @property
    def seen_identity(self) -> Identity:
        """What the screen said of the person when it was opened."""
        seen = dict(self.cleaned_data["seen"]["identity"])
        seen["born_on"] = parse_date(seen["born_on"]) if seen["born_on"] else None
        return Identity(**seen | {"other_languages": tuple(seen["other_languages"])})

    @property
    def seen_tags(self) -> list[str]:
        return list(self.cleaned_data["seen"]["tags"])

    @property
    def tag_names(self) -> list[str]:
        """The tags that the person carries from now on."""
        return [tag.name for tag in self.cleaned_data["tags"]] + list(self.cleaned_data["new_tags"])

    @property
    def are_tags_changed(self) -> bool:
        """Whether anything is to be told to the tags: an edit of the name alone is one act, not two."""
        return set(self.tag_names) != set(self.seen_tags)

    @property
    def full_name(self) -> str:
        return f"{self.cleaned_data['first_name']} {self.cleaned_data['last_name']}".strip()

    def offer_choice(self, conflicts: list[Conflict]) -> None:
        """Show both values of what somebody else changed meanwhile; what is sent next is a choice made knowingly."""
        for conflict in conflicts:
            name = "commune" if conflict.field == "commune_id" else conflict.field
            theirs = spoken_value(conflict.field, conflict.theirs) or gettext("(empty)")
            self.add_error(name, CHANGED % {"theirs": theirs})
        self.data = shown_again(self.data, seen_of(self.person))


def seen_of(person: Person) -> dict[str, Any]:
    """Return, ready for JSON, what the form shows of a person."""
    said = {**vars(identity_of(person))}
    said["born_on"] = person.born_on.isoformat() if person.born_on else ""
    return {"identity": said, "tags": [tagging.tag.name for tagging in person.taggings.all()]}


def spoken_value(field: str, value: Any) -> str:
    """Return a value of a person's field as it is read aloud."""
    if field == "commune_id":
        return str(Commune.objects.filter(pk=value).first() or "")
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if field in {"language", "other_languages"}:
        return ", ".join(language_name(code) for code in ([value] if field == "language" else value))
    return ", ".join(value) if isinstance(value, list) else str("" if value is None else value)


def question_of(field: CustomField, value: Any) -> forms.Field:
    """Return the form field of one of the campaign's own; a value of another kind, from a file, is kept as text."""
    kind = CustomKind(field.kind)
    common: dict[str, Any] = {"label": field.shown_label, "required": False, "initial": value}
    answers = [(answer, answer) for answer in field.choices]
    if kind == CustomKind.NUMBER and isinstance(value, int | float | None):
        return forms.DecimalField(max_digits=20, decimal_places=6, **common)
    if kind == CustomKind.DAY and (value is None or _is_day(value)):
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        return forms.DateField(widget=widget, **common)
    if kind == CustomKind.YES_NO and isinstance(value, bool | None):
        choices = [("", _("not known")), ("1", _("yes")), ("0", _("no"))]
        common["initial"] = "" if value is None else str(int(value))
        return forms.TypedChoiceField(choices=choices, coerce=_truth, empty_value=None, **common)
    if kind == CustomKind.CHOICE and (value is None or value in field.choices):
        return forms.ChoiceField(choices=[("", _("not known")), *answers], **common)
    if kind == CustomKind.CHOICES and (value is None or (isinstance(value, list) and set(value) <= set(field.choices))):
        boxes = forms.CheckboxSelectMultiple
        return forms.MultipleChoiceField(choices=answers, widget=boxes, **common)
    lines = forms.Textarea(attrs={"rows": 4}) if kind == CustomKind.LONG_TEXT else forms.TextInput()
    return forms.CharField(widget=lines, max_length=10_000, **common)


def _truth(text: str) -> bool:
    return text == "1"


def _is_day(value: Any) -> bool:
    try:
        return isinstance(value, str) and parse_date(value) is not None
    except ValueError:
        return False
