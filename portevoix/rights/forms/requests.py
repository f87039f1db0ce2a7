"""What staff say of a person's request: entered by hand, put off, answered."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.models import User
from portevoix.kernel import clock
from portevoix.rights.models import Request
from portevoix.rights.purposes import OPTIONAL
from portevoix.rights.selectors.requests import able_to_answer, differences_of
from portevoix.rights.types import Asked, RequestKind, RequestWay, RestrictionGround

BY_HAND = [way for way in RequestWay if way is not RequestWay.SITE]


class EntryForm(forms.Form):
    """A request that came by another way than the site."""

    kind = forms.ChoiceField(label=_("What the person asks for"), choices=RequestKind, widget=forms.RadioSelect)
    way = forms.ChoiceField(
        label=_("How it came"), choices=[(way.value, way.label) for way in BY_HAND], widget=forms.RadioSelect
    )
    received_on = forms.DateField(
        label=_("The day it came"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("The month runs from that day, whoever received it: a leaflet team counts too."),
    )
    purposes = forms.MultipleChoiceField(
        label=_("Against which uses"),
        choices=[(purpose.value, purpose.label) for purpose in OPTIONAL],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("For an objection or a consent taken back; none ticked is all of them."),
    )
    restriction = forms.ChoiceField(
        label=_("Why it is to be kept and not used"),
        choices=[("", _("not said")), *RestrictionGround.choices],
        required=False,
        help_text=_("For a restriction."),
    )
    words = forms.CharField(
        label=_("In their words"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["received_on"].initial = clock.today

    def clean_received_on(self) -> Any:
        day = self.cleaned_data["received_on"]
        if day > clock.today():
            raise ValidationError(gettext("A request cannot have come on a day that is yet to come."))
        return day

    @property
    def asked(self) -> Asked:
        """The request as it came."""
        given = self.cleaned_data
        return Asked(
            kind=RequestKind(given["kind"]),
            way=RequestWay(given["way"]),
            received_on=given["received_on"],
            words=given["words"].strip(),
            purposes=tuple(given["purposes"]),
            restriction=given["restriction"] if given["kind"] == RequestKind.RESTRICTION else "",
        )


class WordsForm(forms.Form):
    """What the person is written, word for word."""

    reason = forms.CharField(
        label=_("What the person will read"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )


class AnswerForm(WordsForm):
    """What is done: of a correction, the fields that are accepted."""

    fields_accepted = forms.MultipleChoiceField(
        label=_("Corrections accepted"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, request: Request, data: Any = None) -> None:
        super().__init__(data)
        changes = [(name, f"{label} : {old} → {new}") for name, label, old, new in differences_of(request)]
        self.fields["reason"].required = False
        self.fields["fields_accepted"].choices = changes  # type: ignore[attr-defined]
        self.fields["fields_accepted"].initial = [name for name, _label in changes]
        if not changes:
            del self.fields["fields_accepted"]


class AssigneeForm(forms.Form):
    """Who answers."""

    user = forms.ModelChoiceField(
        label=_("In charge"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("nobody yet"),
    )

    def __init__(self, request: Request, data: Any = None) -> None:
        super().__init__(data, initial={"user": request.assignee_id})
        able = User.objects.filter(pk__in=[user.pk for user in able_to_answer(request)])
        self.fields["user"].queryset = able.order_by("username")  # type: ignore[attr-defined]


class PostForm(forms.Form):
    """When a person was told by post what no address took."""

    told_on = forms.DateField(label=_("Posted on"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, initial={"told_on": clock.today()})


class DeskFilters(forms.Form):
    """What the desk may be narrowed to."""

    quoi = forms.ChoiceField(
        label=_("Show"),
        choices=[
            ("", _("to answer")),
            ("to_verify", _("to verify")),
            ("over", _("answered")),
        ],
        required=False,
    )
    genre = forms.ChoiceField(label=_("Kind"), choices=[("", _("all kinds")), *RequestKind.choices], required=False)
