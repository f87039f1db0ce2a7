"""Shape and wording of what the registers ask."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portevoix.kernel import clock
from portevoix.registers import readers
from portevoix.registers.models import OPINIONS, Assessment, Notification, Processor, Statement
from portevoix.registers.types import Addressee, Nature
from portevoix.rights.purposes import Purpose

WRITTEN = "%Y-%m-%dT%H:%M"


class MomentField(forms.DateTimeField):
    """A moment in Paris. Of an hour that the change of the clock repeats, the first: a clock of hours then ends sooner.

    An hour that the change skips does not exist and is refused.
    """

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=WRITTEN)

    def __init__(self, **more: Any) -> None:
        super().__init__(input_formats=[WRITTEN, f"{WRITTEN}:%S", "%d/%m/%Y %H:%M"], **more)

    def to_python(self, value: Any) -> datetime | None:
        if value in self.empty_values:
            return None
        for written in self.input_formats or ():
            try:
                naive = datetime.strptime(str(value).strip(), written)  # noqa: DTZ007 - Paris is said just below
            except ValueError:
                continue
            return self._in_paris(naive)
        raise ValidationError(self.error_messages["invalid"], code="invalid")

    def _in_paris(self, naive: datetime) -> datetime:
        moment = naive.replace(tzinfo=clock.PARIS, fold=0)
        if moment.astimezone(UTC).astimezone(clock.PARIS).replace(tzinfo=None) != naive:
            raise ValidationError(_("This hour does not exist: the clock went forward."), code="skipped")
        return moment.astimezone(UTC)

    def prepare_value(self, value: Any) -> Any:
        return (
            value.astimezone(clock.PARIS).replace(tzinfo=None)
            if isinstance(value, datetime) and value.tzinfo
            else value
        )

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


def _text(rows: int = 3) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class ProcessorForm(forms.ModelForm[Processor]):
    """Who works for the campaign, where, under which contract."""

    class Meta:
        model = Processor
        fields = (
            *("name", "service", "served", "country", "data_country", "parent", "parent_country", "condition"),
            *("safeguards", "categories", "purposes", "sub_processors", "contract_on", "contract_reference", "contact"),
        )
        widgets = {
            "safeguards": _text(),
            "categories": _text(2),
            "sub_processors": _text(2),
            "contract_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }
        help_texts = {
            "served": gettext_lazy("The server or the host that the configuration names; empty for another service."),
            "parent": gettext_lazy("Who owns it, up to the top: foreign laws follow the owner."),
        }

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    purposes = forms.MultipleChoiceField(
        label=gettext_lazy("Uses it serves"),
        choices=Purpose.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=gettext_lazy("None ticked: all of them, and the whole file."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["seen"] = self.instance.mark
        choices = readers.named()
        for name in ("country", "data_country", "parent_country"):
            label, is_required = self.fields[name].label, name != "parent_country"
            blank = ("", _("not known") if not is_required else _("choose"))
            self.fields[name] = forms.ChoiceField(choices=[blank, *choices], label=label, required=is_required)

    @property
    def said(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.fields}


class StatementForm(forms.ModelForm[Statement]):
    """All that is known of a breach."""

    aware_at = MomentField(
        label=gettext_lazy("Known since"),
        help_text=gettext_lazy(
            "The moment when somebody of the campaign was reasonably sure: the 72 hours run from it."
        ),
    )
    began_at = MomentField(label=gettext_lazy("Happened from"), required=False)
    stopped_at = MomentField(label=gettext_lazy("Happened until"), required=False)
    nature = forms.MultipleChoiceField(
        label=gettext_lazy("What was breached"), choices=Nature.choices, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Statement
        fields = (
            *("title", "aware_at", "began_at", "stopped_at", "nature", "circumstances", "persons", "records"),
            *("counted_by", "person_categories", "data_categories", "consequences", "measures", "risk"),
            *("risk_reasons", "spared", "spared_reasons"),
        )
        widgets = {
            "circumstances": _text(),
            "person_categories": _text(2),
            "data_categories": _text(2),
            "consequences": _text(),
            "measures": _text(),
            "risk_reasons": _text(2),
            "spared_reasons": _text(2),
        }
        help_texts = {
            "circumstances": gettext_lazy("What happened and how it was found. Name nobody: this is kept for ever."),
            "risk": gettext_lazy("A file that reveals political opinions: a leak is seldom harmless."),
            "spared": gettext_lazy("Only for a high risk of which people are not told."),
        }

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("risk") and not said.get("risk_reasons", "").strip():
            self.add_error("risk_reasons", _("Say why the risk is so judged."))
        if said.get("spared") and not said.get("spared_reasons", "").strip():
            self.add_error("spared_reasons", _("Say in what way."))
        if said.get("aware_at") and said["aware_at"] > clock.now():
            self.add_error("aware_at", _("This moment is still to come."))
        began, stopped = said.get("began_at"), said.get("stopped_at")
        if began and began > clock.now():
            self.add_error("began_at", _("This moment is still to come."))
        if began and stopped and stopped < began:
            self.add_error("stopped_at", _("It cannot stop before it began."))
        return said

    @property
    def said(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class AmendmentForm(StatementForm):
    """The same, of a breach that is recorded: why, and whether it may be closed."""

    reason = forms.CharField(label=gettext_lazy("Why you amend it"), max_length=300)
    version = forms.IntegerField(widget=forms.HiddenInput)
    is_closed = forms.BooleanField(label=gettext_lazy("Close it: all is done and written"), required=False)

    @property
    def said(self) -> dict[str, Any]:
        return {**super().said, "is_closed": self.cleaned_data["is_closed"]}


class NotificationForm(forms.ModelForm[Notification]):
    """That the authority, or people, were told."""

    made_at = MomentField(label=gettext_lazy("Told on"))
    addressee = forms.ChoiceField(label=gettext_lazy("Who was told"), choices=Addressee.choices)

    class Meta:
        model = Notification
        fields = ("addressee", "made_at", "reference", "told", "delay_reason", "persons")
        widgets = {"told": _text(), "delay_reason": _text(2)}
        help_texts = {
            "told": gettext_lazy("What you could say then; the rest may follow in a complement (art. 33(4))."),
            "delay_reason": gettext_lazy("Only if the CNIL is first told after 72 hours."),
            "persons": gettext_lazy("Only for people concerned."),
        }


class AssessmentForm(forms.ModelForm[Assessment]):
    """What people think of the processing."""

    after = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = Assessment
        fields = OPINIONS
        widgets = {name: _text(4) for name in OPINIONS if name != "decision"}

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("decision") not in {None, "none"} and not said.get("decision_reasons", "").strip():
            self.add_error("decision_reasons", _("Say why it is so decided."))
        return said

    @property
    def said(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in OPINIONS}
