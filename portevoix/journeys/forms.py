"""Shape and wording of what the screens of automations ask."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from portevoix.actions.criteria import ActionChoice
from portevoix.actions.selectors import action_pages
from portevoix.disclosure.services.posting import FIELDS
from portevoix.journeys.models import Version
from portevoix.journeys.selectors import NO_START
from portevoix.journeys.types import OF_BECOMING, Settings, Trigger, Unit, Wait
from portevoix.mailings.blocks import refuse_compared_names
from portevoix.mailings.forms import MailingForm
from portevoix.mailings.selectors import texts
from portevoix.mailings.wording import explain
from portevoix.paths.criteria import StepChoice
from portevoix.paths.models import Path, Step
from portevoix.people.models import Tag
from portevoix.people.types import Kind, RoleKind
from portevoix.segments.models import Segment

#: Twice a day is no automation but pestering.
LONGEST = 3_650
ONCE, AGAIN = "once", "again"
#: The fifth of January 1970 was a Monday.
WEEKDAYS = [
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
    (5, _("Saturday")),
    (6, _("Sunday")),
]
#: What may be told of a person to an address outside, beside their reference.
TOLD = {
    "first_name": _("first name"),
    "last_name": _("last name"),
    "email": _("e-mail address"),
    "language": _("language"),
    "postcode": _("postcode"),
    "commune": _("commune"),
}
assert TOLD.keys() <= FIELDS.keys()  # noqa: S101


def _day(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more)


def _time(label: Any, **more: Any) -> forms.TimeField:
    return forms.TimeField(label=label, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), **more)


def _hour(label: Any, **more: Any) -> forms.TypedChoiceField:
    choices: list[tuple[Any, Any]] = [(hour, f"{hour} h") for hour in range(24)]
    if not more.get("required", True):
        choices.insert(0, ("", _("none")))
    return forms.TypedChoiceField(choices=choices, coerce=int, empty_value=None, label=label, **more)


class NameForm(forms.Form):
    name = forms.CharField(label=_("Name of the automation"), max_length=120)
    aim = forms.CharField(label=_("What the automation is for"), max_length=300, required=False)


class StartForm(forms.Form):
    """What starts an automation, in detail, how often one enters, and when it is quiet."""

    often = forms.ChoiceField(
        label=_("How often"),
        choices=[(ONCE, _("each person once")), (AGAIN, _("again, after some days"))],
        widget=forms.RadioSelect,
        initial=ONCE,
    )
    again_days = forms.IntegerField(label=_("After how many days"), min_value=1, max_value=LONGEST, required=False)
    quiet_from = _hour(_("Nobody is written to from"), required=False)
    quiet_until = _hour(_("until that hour"), required=False)

    def __init__(self, trigger: Trigger, version: Version, data: Any = None) -> None:
        super().__init__(data, initial=_initial(trigger, version))
        self.trigger, self.version = trigger, version
        self.detail = list(_detail(trigger))
        self.fields.update(_detail(trigger))

    @property
    def details(self) -> list[forms.BoundField]:
        """The fields that this trigger alone has."""
        return [self[name] for name in self.detail]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if said.get("often") == AGAIN and not said.get("again_days"):
            self.add_error("again_days", gettext("Say after how many days."))
        if (said.get("quiet_from") is None) != (said.get("quiet_until") is None):
            self.add_error("quiet_until", gettext("Say both hours, or none."))
        if self.trigger == Trigger.STEP and bool(said.get("step")) == bool(said.get("path")):
            self.add_error("step", gettext("Choose a step, or a path whose end they reach: one of the two."))
        return said

    @property
    def settings(self) -> Settings:
        said = self.cleaned_data
        return Settings(
            trigger=self.trigger,
            said={name: _stored(said[name]) for name in self.detail if said.get(name) not in (None, "", False)},
            only=self.version.only,
            goal=self.version.goal,
            again_days=said["again_days"] if said["often"] == AGAIN else None,
            quiet_from=said["quiet_from"],
            quiet_until=said["quiet_until"],
        )


def _stored(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return value.pk if hasattr(value, "pk") else value


def _initial(trigger: Trigger, version: Version) -> dict[str, Any]:
    same = dict(version.said) if version.trigger == trigger else {}
    return {
        "hour": 9,
        **same,
        "often": AGAIN if version.again_days else ONCE,
        "again_days": version.again_days,
        "quiet_from": version.quiet_from,
        "quiet_until": version.quiet_until,
    }


def _detail(trigger: Trigger) -> dict[str, forms.Field]:
    found: dict[str, forms.Field] = {}
    if trigger == Trigger.HAPPENED:
        kinds = [(kind.value, kind.label) for kind in Kind if kind not in NO_START]
        found["kinds"] = forms.MultipleChoiceField(
            choices=kinds, label=_("What happens (one of these)"), widget=forms.CheckboxSelectMultiple
        )
    elif trigger == Trigger.ACTION:
        found["action"] = ActionChoice(action_pages().filter(live=True).order_by("title"), label=_("Action"))
    elif trigger == Trigger.STEP:
        steps = Step.objects.filter(path__shelved_at=None).select_related("path").order_by("path__name", "position")
        found["step"] = StepChoice(steps, label=_("Step that they reach"), required=False)
        found["path"] = forms.ModelChoiceField(
            Path.objects.in_use(), label=_("Or path whose end they reach"), required=False
        )
    elif trigger in OF_BECOMING:
        found |= _of_becoming(trigger)
    else:
        found |= _of_a_day(trigger)
    if trigger in OF_BECOMING - {Trigger.SEGMENT_OUT}:
        found["present"] = forms.BooleanField(
            label=_("Also those for whom it is so already, as soon as it is published"), required=False
        )
    return found


def _of_becoming(trigger: Trigger) -> dict[str, forms.Field]:
    if trigger == Trigger.TAG:
        return {"tag": forms.ModelChoiceField(Tag.objects.alphabetical(), label=_("Tag"))}
    if trigger == Trigger.ROLE:
        note = _(
            "It starts when somebody becomes it and was not. A donor becomes one by a first gift: a further gift of "
            "somebody who is a donor already starts nothing."
        )
        role = forms.ChoiceField(choices=RoleKind.choices, label=_("Role"), initial=RoleKind.DONOR, help_text=note)
        return {"role": role}
    if trigger == Trigger.INACTIVE:
        days = forms.IntegerField(label=_("Days without a sign"), min_value=1, max_value=LONGEST, initial=180)
        return {"days": days}
    return {"segment": forms.ModelChoiceField(Segment.objects.order_by("name"), label=_("Segment"))}


def _of_a_day(trigger: Trigger) -> dict[str, forms.Field]:
    found: dict[str, forms.Field] = {}
    if trigger == Trigger.DAY:
        found["on"] = _day(_("Day"))
    if trigger == Trigger.DUES:
        found["days"] = forms.IntegerField(
            label=_("Days after the end; before it, with a minus"), min_value=-366, max_value=366, initial=-30
        )
    found["hour"] = _hour(_("At"))
    return found


class WaitForm(forms.Form):
    """How long a step waits; only what goes with the chosen kind is looked at."""

    wait = forms.ChoiceField(label=_("Wait"), choices=Wait.choices, widget=forms.RadioSelect, initial=Wait.FOR)
    number = forms.IntegerField(label=_("How long"), min_value=1, max_value=LONGEST, required=False, initial=3)
    unit = forms.ChoiceField(label=_("of"), choices=Unit.choices, required=False, initial=Unit.DAYS)
    on = _day(_("Day"), required=False)
    weekday = forms.TypedChoiceField(label=_("Day of the week"), choices=WEEKDAYS, coerce=int, required=False)
    at = _time(_("Hour"), required=False, initial="09:00")

    NEEDED = {
        Wait.FOR: ("number", "unit"),
        Wait.DAY: ("on", "at"),
        Wait.HOUR: ("at",),
        Wait.WEEKDAY: ("weekday", "at"),
    }

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        kind = said.get("wait")
        for name in self.NEEDED[Wait(kind)] if kind else ():
            if said.get(name) in (None, "") and name not in self.errors:
                self.add_error(name, ValidationError(gettext("Say this too.")))
        return said

    @property
    def said(self) -> dict[str, Any]:
        said = self.cleaned_data
        kind = Wait(said["wait"])
        found = {name: said[name] for name in self.NEEDED[kind]}
        if kind != Wait.FOR:
            found["at"] = said["at"].strftime("%H:%M")
        return {"wait": kind.value, **{name: _stored(value) for name, value in found.items()}}


class ActionForm(forms.Form):
    """What one action must be told."""

    def __init__(self, fields: dict[str, forms.Field], data: Any = None, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self.fields.update(fields)


class TextForm(ActionForm):
    """What a step texts: unknown fields are told at once."""

    def clean_words(self) -> str:
        words = str(self.cleaned_data["words"]).replace("\r\n", "\n").strip()
        if fault := texts.counted(words).fault:
            raise ValidationError(explain(fault))
        refuse_compared_names(words)
        return words


class LetterForm(MailingForm):
    """A letter of an automation: words that end up in headers are put on one line, merge fields are checked."""

    def clean_title(self) -> str:
        return ""

    def clean_sender_name(self) -> str:
        return ""


class SearchForm(forms.Form):
    """On whom an automation is tried."""

    q = forms.CharField(
        label=_("Name, e-mail address or number"), max_length=200, required=False, widget=forms.TextInput
    )
    personne = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=1, max_value=2**62)


class AddressForm(forms.Form):
    """An address outside, and what of people goes there."""

    name = forms.CharField(label=_("Name"), max_length=120)
    url = forms.CharField(
        label=pgettext_lazy("automation", "Address"), max_length=500, help_text=_("It begins with https://.")
    )
    processor = forms.TypedChoiceField(
        label=_("Company that receives it"), coerce=int, required=False, empty_value=None
    )
    fields_told = forms.MultipleChoiceField(
        label=_("Fields that go there"),
        choices=list(TOLD.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Without any, a reference alone goes, which says nothing to who does not hold the file."),
    )

    def __init__(self, processors: dict[int, str], data: Any = None) -> None:
        super().__init__(data)
        self.fields["processor"].choices = [("", _("none")), *processors.items()]  # type: ignore[attr-defined]
