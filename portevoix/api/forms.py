"""What is asked of whoever makes a key; what programs send, cleaned by the screens’ forms: own fields, contacts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from portevoix.api import rules
from portevoix.api.exceptions import HiddenFact, Unfit, VersionPassed
from portevoix.api.types import SCOPES
from portevoix.people.exceptions import ProtectedName
from portevoix.people.forms.contacts import HIDDEN_BY, LINES, NEEDED
from portevoix.people.forms.identity import question_of
from portevoix.people.models import CustomField, Person
from portevoix.people.rules import storable
from portevoix.people.rules.protected import protection
from portevoix.people.selectors import point_of, point_version
from portevoix.people.types import ContactChange, CustomKind


class KeyForm(forms.Form):
    """A key: nothing is ticked beforehand."""

    name = forms.CharField(
        label=_("Name"), max_length=40, help_text=_("The journal and people’s records name it: “Site”, “Accounting”.")
    )
    purpose = forms.CharField(
        label=_("What for"),
        max_length=200,
        help_text=_("The law wants a reason for each disclosure (GDPR art. 5(1)(b)): it stands beside each."),
    )
    scopes = forms.MultipleChoiceField(label=_("What it may do"), widget=forms.CheckboxSelectMultiple)
    days = forms.TypedChoiceField(
        label=_("For how long"),
        choices=[(days, ngettext_lazy("%(days)d day", "%(days)d days", days) % {"days": days}) for days in rules.TERMS],
        coerce=int,
        initial=rules.USUAL_TERM,
    )

    def __init__(self, scopes: Sequence[str], data: Any = None) -> None:
        super().__init__(data)
        self.fields["scopes"].choices = [(name, SCOPES[name]) for name in scopes]  # type: ignore[attr-defined]


def own_values(person: Person, said: Mapping[str, Any]) -> dict[str, Any]:
    """Return values of the campaign's own fields as they are kept, for whoever ``person`` was read for.

    Raises ProtectedName where a key, or the field's name, says what the law protects; Unfit for a field that is not
    there, or a value that is not of its kind.
    """
    known = {one.key: one for one in CustomField.objects.in_use().seen_by(person.read_by).filter(key__in=list(said))}
    values: dict[str, Any] = {}
    faults: dict[str, list[str]] = {}
    for key, value in said.items():
        field = known.get(key)
        for name in (key, field.label if field else ""):
            if what := protection(name):
                raise ProtectedName(name, what)
        if field is None:
            faults[f"custom.{key}"] = [gettext("There is no such field.")]
            continue
        try:
            values[key] = storable(CustomKind(field.kind), _cleaned(field, value))
        except forms.ValidationError as error:
            faults[f"custom.{key}"] = list(error.messages)
    if faults:
        raise Unfit(faults)
    return values


def _cleaned(field: CustomField, value: Any) -> Any:
    """Return a value of JSON as a form would have it. Raises ValidationError."""
    if value is None:
        return None
    is_of_the_kind = {
        CustomKind.YES_NO: isinstance(value, bool),
        CustomKind.NUMBER: isinstance(value, int | float) and not isinstance(value, bool),
        CustomKind.CHOICES: isinstance(value, list),
    }.get(CustomKind(field.kind), isinstance(value, str))
    if not is_of_the_kind:
        raise forms.ValidationError(gettext("This value does not fit."))
    return question_of(field, None).clean(str(int(value)) if isinstance(value, bool) else value)


#: How a person is reached, as a record tells it and as the screen calls it.
KINDS = {"emails": "email", "phones": "phone", "addresses": "address"}


def contact_changes(
    person: Person, said: Mapping[str, Mapping[str, Sequence[Mapping[str, Any]]]]
) -> list[ContactChange]:
    """Return what a program wants of how a person is reached, as the screen would say it.

    ``person`` was read for whoever asks. Raises HiddenFact for what they may not know, VersionPassed where a row is no
    longer what was read, Unfit for what the screen would not take.
    """
    changes: list[ContactChange] = []
    faults: dict[str, list[str]] = {}
    for name, wanted in said.items():
        kind = KINDS[name]
        if HIDDEN_BY[kind] in person.hidden:
            raise HiddenFact(str(HIDDEN_BY[kind].label))
        known = {row.pk: row for row in getattr(person, name).all()}
        for act in ("add", "correct", "remove"):
            for number, one in enumerate(wanted.get(act, ())):
                try:
                    changes.append(_change(kind, act, dict(one), known))
                except Unfit as unfit:
                    faults |= {f"{name}.{act}.{number}.{field}": told for field, told in unfit.faults.items()}
        if sum(bool(one.get("is_primary")) for act in ("add", "correct") for one in wanted.get(act, ())) > 1:
            faults[name] = [gettext("Only one of them can be the main one.")]
    if faults:
        raise Unfit(faults)
    return changes


def _change(kind: str, act: str, said: dict[str, Any], known: Mapping[int, Any]) -> ContactChange:
    pk, version = said.pop("id", None), said.pop("version", "")
    row = known.get(pk) if pk else None
    if pk and (row is None or point_version(kind, row) != version):
        raise VersionPassed
    seen = point_of(kind, row) if row is not None else {}
    if act == "remove":
        return ContactChange(kind, seen, pk, seen, is_removed=True)
    form = LINES[kind]({**seen, **said})
    if not form.is_valid():
        raise Unfit({field: [str(one) for one in told] for field, told in form.errors.items()})
    values = {name: value for name, value in form.cleaned_data.items() if name != "pk"}
    if not any(values[name] for name in NEEDED[kind]):
        raise Unfit({NEEDED[kind][0]: [gettext("This is needed.")]})
    return ContactChange(kind, values, pk, seen)
