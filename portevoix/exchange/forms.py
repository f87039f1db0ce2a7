"""Shape and wording of what is asked about a file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class FileForm(forms.Form):
    """The file to import."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("A CSV file, or a zip with one CSV file in it; NationBuilder’s exports are read as they are."),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.zip"}),
        allow_empty_file=True,
    )


class DecisionForm(forms.Form):
    """Whether the former controller's word on consents is enough."""

    consents = forms.ChoiceField(
        label=_("Consents that the file declares"),
        choices=[
            (
                "ask_again",
                _("Ask again before the first message: nobody of this file receives any until they agree here"),
            ),
            ("declared", _("Take them over: the file and its row are kept as evidence of each")),
        ],
        widget=forms.RadioSelect,
        initial="ask_again",
    )

    opinions = forms.ChoiceField(
        label=_("Political opinions (support level)"),
        choices=[
            ("leave", _("Leave them aside: nobody agreed that they are recorded")),
            ("declared", _("Each person of this file explicitly agreed that they are recorded, and it can be proven")),
        ],
        widget=forms.RadioSelect,
        initial="leave",
        required=False,
        help_text=_("The law forbids keeping political opinions without such an agreement (GDPR art. 9)."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["consents"].help_text = _(
            "Refusals of the file (unsubscribed, do not contact, address that does not work) always count."
        )

    @property
    def declares_grounds(self) -> bool:
        return bool(self.cleaned_data["consents"] == "declared")

    @property
    def declares_opinions(self) -> bool:
        return bool(self.cleaned_data["opinions"] == "declared")
