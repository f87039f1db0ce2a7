"""Shape and wording of what is measured, and of what a political advertisement declares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.forms.models import model_to_dict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.kernel import clock
from portevoix.mailings.models import Advert, Declared
from portevoix.mailings.types import Declaration, Origin, Place
from portevoix.rights.selectors.imprint import legal_facts
from portevoix.territory.models import Election


class MeasureForm(forms.Form):
    """What is counted besides clicks in all."""

    opens = forms.BooleanField(
        label=_("Count how often the letter is opened, in all"),
        required=False,
        help_text=_(
            "One picture, the same for every reader, is asked for when the letter is shown: a total by the hour, "
            "without address or program. Mail programs ask for it by themselves, or never: read it with care."
        ),
    )
    people = forms.BooleanField(
        label=_("Note the clicks of those who agreed to it, under their name"),
        required=False,
        help_text=_(
            "Only of people who agreed to “measurement of opens and clicks” when the letter leaves, and still agree "
            "when they click. Whoever takes that back is a total again, in letters of long ago as well."
        ),
    )

    def __init__(self, data: Any = None, *, initial: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial=dict(initial or {}))
        if not settings.INSTANCE.mail.count_opens:
            self.fields["opens"].disabled = True
            self.fields["opens"].help_text = _(
                "This instance puts no picture in letters: its host turns that on in the configuration "
                "(mail.count_opens)."
            )


class DeclarationForm(forms.ModelForm[Advert]):
    """What regulation (EU) 2024/900 wants to be told of a political advertisement."""

    class Meta:
        model = Advert
        fields = tuple(Declaration.__dataclass_fields__)
        widgets = {
            "begins_on": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
            "ends_on": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
            "logic": forms.Textarea(attrs={"rows": 3}),
            "method": forms.TextInput,
        }
        help_texts = {
            "sponsor": _("The candidate, party or body on whose behalf it is sent."),
            "controller": _("Only when somebody else ultimately controls the sponsor."),
            "process": _("Only when it is about a law or rule, and not about an election."),
            "amount": _("What this advertisement cost: services, hosting, work of providers; 0 if nothing was paid."),
            "method": _("For example: share of the annual invoice of the host, reckoned by messages sent."),
            "logic": _(
                "Empty: the segment in plain words, as below. What you write here is public: name nobody, and hide "
                "no condition."
            ),
            "suspended": _("Only when the same advertisement was once taken down for breaking the law."),
        }

    def __init__(self, data: Any = None, *, instance: Declared | None = None) -> None:
        legal = legal_facts()
        initial = {
            "sponsor": legal.publisher,
            "sponsor_email": legal.publisher_email,
            "sponsor_address": legal.publisher_address,
            "complaints": legal.publisher_email,
            "begins_on": clock.today(),
            "ends_on": clock.today(),
            "origin": Origin.PRIVATE,
            "place": Place.INSIDE,
        }
        # What it is declared of differs, what is declared does not: the form never saves.
        said = model_to_dict(instance, self._meta.fields) if instance else initial
        super().__init__(data, initial=said)
        self.fields["election"].queryset = Election.objects.all()  # type: ignore[attr-defined]
        self.fields["election"].empty_label = _("none of these")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for a period that runs forwards."""
        said: dict[str, Any] = super().clean() or {}
        begins, ends = said.get("begins_on"), said.get("ends_on")
        if begins and ends and ends < begins:
            self.add_error("ends_on", gettext("It ends after it begins."))
        return said

    @property
    def declaration(self) -> Declaration:
        """What was declared."""
        return Declaration(**{name: self.cleaned_data[name] for name in Declaration.__dataclass_fields__})


class CorrectionForm(forms.Form):
    """What was wrong in a notice, and why it is said otherwise."""

    sponsor = forms.CharField(label=_("Sponsor"), max_length=200)
    sponsor_email = forms.EmailField(label=_("Sponsor’s e-mail address"))
    sponsor_address = forms.CharField(label=_("Sponsor’s postal address"), max_length=300)
    controlled_by = forms.CharField(label=_("Who controls the sponsor"), max_length=200, required=False)
    paid_by = forms.CharField(label=_("Who pays"), max_length=300)
    euros = forms.DecimalField(label=_("Amount spent, in euros"), min_value=0, max_digits=12, decimal_places=2)
    other_benefits = forms.CharField(label=_("Other benefits, and their value"), max_length=300, required=False)
    method = forms.CharField(label=_("How the amount was reckoned"), max_length=500)
    origin = forms.ChoiceField(label=_("Origin of the money"), choices=Origin)
    place = forms.ChoiceField(label=_("Where the money comes from"), choices=Place)
    complaints = forms.EmailField(label=_("Complaints go to"))
    suspended_before = forms.CharField(
        label=_("Earlier suspension of the same advertisement"), max_length=500, required=False
    )
    reason = forms.CharField(
        label=_("Why it is corrected"), max_length=300, help_text=_("Public, beside the new version: name nobody.")
    )

    def __init__(self, data: Any = None, *, told: dict[str, Any]) -> None:
        sponsor, amounts = told["sponsor"], told["amounts"]
        initial = {
            "sponsor": sponsor["name"],
            "sponsor_email": sponsor["email"],
            "sponsor_address": sponsor["address"],
            "controlled_by": sponsor["controlled_by"],
            **{name: amounts[name] for name in ("euros", "other_benefits", "method", "origin", "place")},
            **{name: told[name] for name in ("paid_by", "complaints", "suspended_before")},
        }
        super().__init__(data, initial=initial)

    @property
    def said(self) -> dict[str, Any]:
        """The facts as they are now declared."""
        said = self.cleaned_data
        return {
            "sponsor": {
                "name": said["sponsor"],
                "email": said["sponsor_email"],
                "address": said["sponsor_address"],
                "controlled_by": said["controlled_by"],
            },
            "paid_by": said["paid_by"],
            "amounts": {
                "euros": str(said["euros"]),
                **{name: said[name] for name in ("other_benefits", "origin", "place", "method")},
            },
            "complaints": said["complaints"],
            "suspended_before": said["suspended_before"],
        }
