"""Notes, files, roles, ties, the campaign's own fields, and what the timeline shows."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.types import Actor, Role
from portevoix.people.exceptions import Impossible
from portevoix.people.forms.seen import CHANGED, SeenField, shown_again
from portevoix.people.models import CustomField, Note, Person, PersonRole
from portevoix.people.selectors import search
from portevoix.people.selectors.households import Home
from portevoix.people.types import DAYS_OF_A_ROLE, SEARCHABLE, Conflict, CustomKind, Kind, RelationKind, RoleKind


def _day(label: Any, **more: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget, **more)


class NoteForm(forms.Form):
    text = forms.CharField(label=_("Note"), max_length=10_000, widget=forms.Textarea(attrs={"rows": 3}))


class CorrectionForm(NoteForm):
    """A note as its author finds it."""

    seen = SeenField()
    text = forms.CharField(
        label=_("Note"),
        max_length=10_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Emptied, the note is removed."),
    )

    def __init__(self, note: Note, data: Any = None) -> None:
        super().__init__(data, initial={"text": note.text, "seen": {"text": note.text}})

    @property
    def seen_text(self) -> str:
        """What the screen showed."""
        return str(self.cleaned_data["seen"]["text"])

    def offer_choice(self, conflicts: list[Conflict]) -> None:
        """Show what was written in another window beside this; sent again, it is a choice made knowingly."""
        for one in conflicts:
            self.add_error(one.field, CHANGED % {"theirs": one.theirs})
            self.data = shown_again(self.data, {one.field: one.theirs})


class AttachmentForm(forms.Form):
    file = forms.FileField(label=_("File"), max_length=200)


class RoleForm(forms.Form):
    kind = forms.ChoiceField(label=_("Role"), choices=RoleKind.choices)
    detail = forms.CharField(
        label=_("Detail"), max_length=150, required=False, help_text=_("The mandate, the newspaper, the local group…")
    )
    since = _day(_("Since"))
    until = _day(_("Until"))
    dues_paid_on = _day(_("Dues paid on"))
    dues_until = _day(_("Dues cover until"))

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if said.get("since") and said.get("until") and said["until"] < said["since"]:
            raise ValidationError({"until": gettext("A role cannot end before it began.")})
        if said.get("kind") != RoleKind.MEMBER and (said.get("dues_paid_on") or said.get("dues_until")):
            raise ValidationError({"dues_paid_on": gettext("Only members pay dues.")})
        return said


def shown_days(role: PersonRole) -> dict[str, str | None]:
    """Return what a screen shows of a role's days, as it travels."""
    return {name: day.isoformat() if (day := getattr(role, name)) else None for name in DAYS_OF_A_ROLE}


class SeenDaysForm(forms.Form):
    """What the screen showed of a role's days, and nothing more."""

    seen = SeenField()

    @classmethod
    def of(cls, role: PersonRole) -> SeenDaysForm:
        """Return what goes with the button that takes a role away; several stand on one page."""
        return SeenDaysForm(initial={"seen": shown_days(role)}, auto_id=False)

    @property
    def seen_days(self) -> dict[str, date | None]:
        """What the screen showed."""
        return {name: date.fromisoformat(day) if day else None for name, day in self.cleaned_data["seen"].items()}


class RoleDaysForm(SeenDaysForm):
    """The last day of a role and, of a member, the dues."""

    until = _day(_("Until"))
    dues_paid_on = _day(_("Dues paid on"))
    dues_until = _day(_("Dues cover until"))

    def __init__(self, role: PersonRole, data: Any = None) -> None:
        self.shown = shown_days(role)
        super().__init__(data, initial={**self.shown, "seen": self.shown})
        self.role = role
        if role.kind != RoleKind.MEMBER:
            del self.fields["dues_paid_on"], self.fields["dues_until"]

    def clean_until(self) -> date | None:
        until: date | None = self.cleaned_data["until"]
        if until and self.role.since and until < self.role.since:
            raise ValidationError(gettext("A role cannot end before it began."))
        return until

    @property
    def said(self) -> dict[str, date | None]:
        return {name: self.cleaned_data[name] for name in DAYS_OF_A_ROLE if name in self.fields}

    def offer_choice(self, conflicts: list[Conflict]) -> None:
        """Show what somebody else wrote beside what one says; sent again, it is a choice made knowingly."""
        for one in conflicts:
            theirs = date_format(one.theirs, "DATE_FORMAT") if one.theirs else "—"
            self.add_error(one.field, CHANGED % {"theirs": theirs})
        self.data = shown_again(self.data, self.shown)


class HousemateForm(forms.Form):
    """Another person, named as the list would find them."""

    other = forms.CharField(label=_("Person"), max_length=200, help_text=_("A name, an e-mail address or a number."))

    def __init__(self, person: Person, actor: Actor, data: Any = None) -> None:
        super().__init__(data)
        self.person, self.actor = person, actor

    def clean_other(self) -> Person:
        people = Person.objects.visible_to(self.actor).exclude(pk=self.person.pk)
        try:
            return search.one_named(people, self.cleaned_data["other"])
        except Impossible as reason:
            raise ValidationError(str(reason)) from None


class TieForm(HousemateForm):
    """Another person, and what they are to this one."""

    kind = forms.ChoiceField(label=_("Tie"), choices=RelationKind.choices)

    field_order = ("kind", "other")


class AbodeForm(forms.Form):
    """The name of a household and the address that its members share."""

    seen = SeenField()
    name = forms.CharField(
        label=_("Name of the household"), max_length=150, required=False, help_text=_("As on the letter box.")
    )
    line1 = forms.CharField(label=_("Street"), max_length=200, required=False)
    line2 = forms.CharField(label=_("Street (continued)"), max_length=200, required=False)
    postcode = forms.CharField(label=_("Postcode"), max_length=10, required=False)
    city = forms.CharField(label=_("City"), max_length=120, required=False)
    country = forms.RegexField("^[A-Z]{2}$", label=_("Country (two letters)"), max_length=2, initial="FR")

    @classmethod
    def of(cls, home: Home) -> Self:
        """Return the form of a household; a hidden address is not in it, and stays as it is."""
        known = home.household
        names = [name for name in cls.base_fields if name != "seen"] if home.address else ["name"]
        shown = {name: getattr(known, name) for name in names}
        return cls(initial={**shown, "seen": shown})


class FieldForm(forms.Form):
    """One of the campaign's own fields."""

    label = forms.CharField(label=_("Label"), max_length=120)
    kind = forms.ChoiceField(label=_("Kind"), choices=CustomKind.choices)
    group = forms.CharField(
        label=_("Group"), max_length=80, required=False, help_text=_("Fields of one group are shown together.")
    )
    choices = forms.CharField(
        label=_("Answers to choose from"),
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("One a line; only for choices."),
    )
    seen_by = forms.MultipleChoiceField(
        label=_("Seen by"),
        required=False,
        choices=[(role.value, role.label) for role in Role if role != Role.DATA_OFFICER],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: every role. Else these only; the direction and the data officer see every field."),
    )
    is_searched = forms.BooleanField(
        label=_("Found by the search"),
        required=False,
        help_text=_("The list of people finds this field’s words too; only for texts and one choice."),
    )

    def __init__(self, field: CustomField | None, data: Any = None) -> None:
        initial: dict[str, Any] = {}
        if field:
            initial = {"label": field.shown_label, "kind": field.kind, "group": field.group}
            initial["choices"] = "\n".join(field.choices)
            initial |= {"seen_by": field.seen_by, "is_searched": field.is_searched}
        super().__init__(data, initial=initial)

    def clean_choices(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["choices"].splitlines()]
        answers = list(dict.fromkeys(line for line in lines if line))
        if any(len(answer) > 100 for answer in answers):
            raise ValidationError(gettext("An answer has at most 100 characters."))
        if self.cleaned_data.get("kind") in {CustomKind.CHOICE, CustomKind.CHOICES} and len(answers) < 2:
            raise ValidationError(gettext("A choice needs two answers at least."))
        return answers

    def clean_is_searched(self) -> bool:
        is_searched: bool = self.cleaned_data["is_searched"]
        if is_searched and self.cleaned_data.get("kind") not in SEARCHABLE:
            raise ValidationError(gettext("Only texts and one choice can be searched."))
        return is_searched


class TimelineForm(forms.Form):
    """Which part of what happened is shown."""

    qui = forms.CharField(label=_("By whom, or where from"), max_length=100, required=False)
    quoi = forms.ChoiceField(label=_("What"), choices=[("", _("Everything")), *Kind.choices], required=False)
    depuis = _day(pgettext_lazy("date", "From"))
    jusque = _day(pgettext_lazy("date", "To"))
