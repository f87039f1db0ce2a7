"""The preference page's questions, and those that staff answer before they act for a person."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.kernel import normalise
from portevoix.people.forms.seen import CHANGED, SeenField, shown_again
from portevoix.people.models import Person
from portevoix.people.types import Conflict
from portevoix.rights.models import Ground, MergingRule
from portevoix.rights.models.merging import LEAST_THRESHOLD
from portevoix.rights.purposes import TERMS, Family, Purpose
from portevoix.rights.selectors import words_in_use
from portevoix.rights.selectors.merging import Choice
from portevoix.rights.selectors.retention import terms_in_force
from portevoix.rights.types import Views


class PreferencesForm(forms.Form):
    """One box for each purpose, as it stands now; unticking withdraws as easily as ticking gives (RGPD art. 7(3))."""

    def __init__(self, person: Person, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        live = set(Ground.objects.live().filter(person=person).values_list("purpose", flat=True))
        months = terms_in_force()
        for purpose, terms in TERMS.items():
            self.fields[purpose.value] = forms.BooleanField(
                required=False,
                initial=purpose in live,
                label=words_in_use(purpose, person.language),
                help_text=replace(terms.retention, months=months[purpose]).sentence,
            )

    @property
    def families(self) -> list[tuple[str, list[tuple[str, forms.BoundField]]]]:
        """The boxes with the names of what they are about, together as people think of them."""
        return [
            (
                str(family.label),
                [
                    (str(purpose.label), self[purpose.value])
                    for purpose, terms in TERMS.items()
                    if terms.family == family
                ],
            )
            for family in Family
        ]

    @property
    def accepted(self) -> set[Purpose]:
        """What is ticked."""
        return {Purpose(name) for name, ticked in self.cleaned_data.items() if ticked}


class WithdrawalForm(forms.Form):
    """How the person asked: without it a withdrawal made by staff could not be told from a slip."""

    asked = forms.ChoiceField(
        label=_("How did the person ask for it?"),
        choices=[
            ("in_person", _("in person")),
            ("telephone", _("by telephone")),
            ("email", _("by e-mail")),
            ("letter", _("by letter")),
        ],
        widget=forms.RadioSelect,
    )


class OpinionConsentForm(WithdrawalForm):
    """How the person agreed, after the exact words were read or shown to them (RGPD art. 7(1), 9(2)(a))."""

    were_words_said = forms.BooleanField(label=_("These exact words were read or shown to the person, who agreed"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["asked"].label = _("How did the person agree?")


class OpinionForm(forms.Form):
    """What the person said, never what somebody guesses."""

    seen = SeenField()
    support_level = forms.TypedChoiceField(
        label=_("Support"),
        choices=[
            ("", _("not known")),
            ("1", _("1 – against")),
            ("2", _("2 – rather against")),
            ("3", _("3 – undecided")),
            ("4", _("4 – rather for")),
            ("5", _("5 – firm support")),
        ],
        coerce=int,
        empty_value=None,
        required=False,
    )
    issues = forms.CharField(
        label=_("Issues cared about"), max_length=800, required=False, help_text=_("Separated by commas.")
    )
    vote_intention = forms.CharField(label=_("Voting intention"), max_length=200, required=False)

    def __init__(self, views: Views, data: Any = None) -> None:
        initial = {**vars(views), "issues": ", ".join(views.issues), "seen": vars(views)}
        super().__init__(data, initial=initial)

    def clean_issues(self) -> tuple[str, ...]:
        issues = dict.fromkeys(issue.strip() for issue in self.cleaned_data["issues"].split(",") if issue.strip())
        if any(len(issue) > 80 for issue in issues):
            raise ValidationError(gettext("An issue has at most 80 characters."))
        return tuple(issues)

    @property
    def views(self) -> Views:
        return Views(**{name: value for name, value in self.cleaned_data.items() if name != "seen"})

    @property
    def seen_views(self) -> Views:
        """What the screen said when it was opened."""
        seen = self.cleaned_data["seen"]
        return Views(**{**seen, "issues": tuple(seen["issues"])})

    def offer_choice(self, now: Views, conflicts: list[Conflict]) -> None:
        """Show both values; what is sent next is a choice made knowingly."""
        for conflict in conflicts:
            theirs = conflict.theirs
            said = ", ".join(theirs) if isinstance(theirs, tuple) else str(theirs or gettext("(empty)"))
            self.add_error(conflict.field, CHANGED % {"theirs": said})
        self.data = shown_again(self.data, vars(now))


class ErasureForm(forms.Form):
    """The person's name, typed, accents and case apart."""

    name = forms.CharField(label=_("To confirm, type the name of the person"), max_length=250)

    def __init__(self, person: Person, data: Any = None) -> None:
        super().__init__(data)
        self.expected = str(person)
        self.fields["name"].widget.attrs["autocomplete"] = "off"

    def clean_name(self) -> str:
        typed: str = self.cleaned_data["name"]
        if normalise.sort_key(typed) != normalise.sort_key(self.expected):
            raise ValidationError(gettext("It is not the name “%(name)s”.") % {"name": self.expected})
        return typed


class MergeForm(forms.Form):
    """One question for each field on which two records differ; the better value is ticked."""

    def __init__(self, choices: list[Choice], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.one_sided = {choice.name for choice in choices if choice.is_one_sided}
        for choice in choices:
            self.fields[choice.name] = forms.ChoiceField(
                label=capfirst(choice.label),
                choices=[("kept", choice.kept or "—"), ("absorbed", choice.absorbed or "—")],
                initial="absorbed" if choice.is_absorbed_better else "kept",
                widget=forms.RadioSelect,
            )

    @property
    def disputed(self) -> list[forms.BoundField]:
        """The fields of which each record says something else."""
        return [field for field in self if field.name not in self.one_sided]

    @property
    def undisputed(self) -> list[forms.BoundField]:
        """The fields of which only one record says anything."""
        return [field for field in self if field.name in self.one_sided]

    @property
    def chosen(self) -> dict[str, bool]:
        """Of each field that was asked about, whether the absorbed record's value stays."""
        return {name: side == "absorbed" for name, side in self.cleaned_data.items()}


class ThresholdForm(forms.ModelForm[MergingRule]):
    """From when pairs merge without anybody looking; blank is never."""

    class Meta:
        model = MergingRule
        fields = ["threshold"]
        help_texts = {
            "threshold": format_lazy(
                _("From {least} to 100; leave blank to look at every pair. Each merge may be undone."),
                least=LEAST_THRESHOLD,
            )
        }
