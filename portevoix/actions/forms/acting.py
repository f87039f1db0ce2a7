"""The form of an action page: the address, what the page asks, and what whoever sends it agrees to, each on its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from portevoix.actions import rules
from portevoix.actions.blocks import NO, YES
from portevoix.actions.forms.public import EmailForm
from portevoix.actions.models import ActionPage
from portevoix.actions.types import OWN_FIELD, AnswerKind, Filled, Origin, PersonField, Question, Serves, Step
from portevoix.intake.types import SignUp
from portevoix.kernel import clock, normalise
from portevoix.people.forms.identity import question_of as own_question
from portevoix.people.models import CustomField
from portevoix.people.rules import storable
from portevoix.people.types import CustomKind
from portevoix.rights.purposes import Purpose
from portevoix.rights.selectors import words_in_use
from portevoix.territory.models import Commune

LONGEST_TEXT = 5_000
#: Answers that stand side by side.
SHORT = {AnswerKind.YES_NO, AnswerKind.SCALE}
#: Nobody alive was born before.
OLDEST = 125
AUTOCOMPLETE = {
    PersonField.FIRST_NAME: "given-name",
    PersonField.LAST_NAME: "family-name",
    PersonField.POSTCODE: "postal-code",
    PersonField.PHONE: "tel",
    PersonField.BORN_ON: "bday",
    PersonField.OCCUPATION: "organization-title",
}
PERSON_LENGTHS = {PersonField.FIRST_NAME: 100, PersonField.LAST_NAME: 100, PersonField.OCCUPATION: 150}


class ActionForm(EmailForm):
    """What an action page asks. ``origin`` is what the link that was followed says of where it stood."""

    agreements: Sequence[str] = ("agreement", "is_public", "handed")
    #: The pages of a form that has several.
    steps: Sequence[Step] = ()
    #: What sets its addresses within a page apart from those of another form there.
    mark = ""
    commune = forms.ChoiceField(label=_("Commune"), required=False, choices=[], widget=forms.HiddenInput)

    def __init__(self, *args: Any, page: ActionPage, origin: Origin | None = None, **kwargs: Any) -> None:
        self.page, self.origin = page, origin or Origin()
        #: What each purpose is agreed to by: it may change with the software, while the form is open.
        self.words = {purpose: words_in_use(purpose, self._language) for purpose in self._purposes}
        self.agreements = (*self.agreements, *(purpose.value for purpose in page.offered))
        read = {**page.content_asked(), "agreed": {str(purpose): words for purpose, words in self.words.items()}}
        super().__init__(*args, version=rules.digest(read), **kwargs)
        self.questions = page.asked
        self.fields["email"].help_text = _("To send you the link by which you confirm.")
        self.own_keys = {question.key for question in self.questions if question.own_field}
        for question in self.questions:
            self.fields[question.key] = _field_of(question, self.questions)
        self._add_agreements()
        self._offer_communes(str(self.data.get("postcode", "")).strip())

    @property
    def question_fields(self) -> list[forms.BoundField]:
        """The questions, in order; the commune stands after the postcode where several share it."""
        keys = [key for question in self.questions for key in keys_of(question)]
        return [self[key] for key in keys if key in self.fields]

    @property
    def typed(self) -> list[tuple[str, str]]:
        """What was written, as it is read: where the form takes nothing any more, it can still be copied."""
        names = ["email", *(key for question in self.questions for key in keys_of(question))]
        said = [(str(self[name].label), _as_read(self.fields[name], self[name].value())) for name in names]
        return [(label, words) for label, words in said if words]

    @property
    def is_last(self) -> bool:
        """Whether this page asks the address and the agreements: the only one of a form does."""
        return True

    @property
    def is_under_way(self) -> bool:
        """Whether there are pages before this one."""
        return False

    @property
    def asks_for_the_action(self) -> bool:
        """Whether some questions serve the action and nothing else, which is said once."""
        return any(question.serves == Serves.ACTION for question in self.questions)

    @property
    def has_conditions(self) -> bool:
        """Whether what one answers decides what else is asked."""
        return any(question.only_if for question in self.questions)

    @property
    def purpose_fields(self) -> list[forms.BoundField]:
        """The boxes of consent, in the order in which they are asked."""
        return [self[purpose.value] for purpose in self.page.offered]

    @property
    def needs_agreement(self) -> bool:
        """Whether the act itself reveals an opinion, and so is agreed to in words (RGPD art. 9(2)(a))."""
        return self.page.purpose != Purpose.SERVICE

    def clean_postcode(self) -> str:
        given = self.cleaned_data["postcode"].strip()
        if given and not (len(given) == 5 and given.isascii() and given.isdigit()):
            raise forms.ValidationError(_("A French postcode has five digits, for example 35000."), code="invalid")
        return str(given)

    def clean_phone(self) -> str:
        raw = self.cleaned_data["phone"]
        number = normalise.phone(raw) if raw else ""
        if number is None:
            raise forms.ValidationError(
                _("This does not look like a telephone number. Example: 06 39 98 12 34"), code="phone"
            )
        return number

    def clean_born_on(self) -> str:
        day = self.cleaned_data["born_on"]
        if day is None:
            return ""
        today = clock.today()
        if day > today or today.year - day.year > OLDEST:
            raise forms.ValidationError(_("This is not a possible birth date."), code="day")
        return str(day.isoformat())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.page.needs_a_channel and not any(cleaned.get(purpose.value) for purpose in self.page.offered):
            self.add_error(
                self.page.offered[0].value,
                _("Tick at least one box: without your agreement, we may not write to you."),
            )
        if cleaned.get("postcode") and self._is_ambiguous and not cleaned.get("commune"):
            self.fields["commune"].required = True
            self.fields["commune"].widget = forms.Select(choices=self.fields["commune"].choices)  # type: ignore[attr-defined]
            self.add_error("commune", _("Several communes share this postcode: choose yours."))
        self._require_what_was_asked(cleaned)
        self._ask_the_age(cleaned)
        return cleaned

    def filled(self) -> Filled:
        """Return the valid form as what comes in."""
        given = self.cleaned_data
        answers = rules.kept(self.questions, {question.key: given.get(question.key) for question in self.questions})
        own = _own_values(
            {key.removeprefix(OWN_FIELD): answers.pop(key) for key in list(answers) if key in self.own_keys}
        )
        agreed = {purpose for purpose in self.page.offered if given.get(purpose.value)}
        if self.needs_agreement:
            agreed.add(self.page.purpose)
        told = {name.value: answers.pop(name.value, "") for name in PersonField}
        return Filled(
            sign_up=SignUp(
                email=given["email"],
                source=self.page.url or "",
                **{name: said.strip() if isinstance(said, str) else said for name, said in told.items()},
                commune=given["commune"] or (self._communes[0].pk if len(self._communes) == 1 else ""),
                language=self._language,
                purposes=frozenset(agreed),
                custom=own,
            ),
            answers={key: storable(CustomKind.TEXT, answer) for key, answer in answers.items()},
            is_public=bool(given.get("is_public")),
            may_be_handed_over=bool(given.get("handed")),
            origin=self.origin,
        )

    @property
    def _purposes(self) -> list[Purpose]:
        """What may be agreed to by sending the form."""
        return [*([self.page.purpose] if self.needs_agreement else []), *self.page.offered]

    def _add_agreements(self) -> None:
        if self.needs_agreement:
            refusal = {"required": _("Without your agreement, nothing that you write here may be kept.")}
            self.fields["agreement"] = forms.BooleanField(label=self.words[self.page.purpose], error_messages=refusal)
        if self.page.may_show_names:
            self.fields["is_public"] = forms.BooleanField(required=False, label=self.page.words_of_showing)
        if self.page.words_of_handing:
            self.fields["handed"] = forms.BooleanField(required=False, label=self.page.words_of_handing)
        for purpose in self.page.offered:
            self.fields[purpose.value] = forms.BooleanField(required=False, label=self.words[purpose])

    def _require_what_was_asked(self, cleaned: dict[str, Any]) -> None:
        found: dict[str, Any] = {}
        for question in self.questions:
            answer = cleaned.get(question.key)
            if not rules.is_asked(question, found):
                continue
            if answer in (None, "", []):
                if question.is_required and question.only_if and question.key not in self.errors:
                    self.add_error(question.key, self.fields[question.key].error_messages["required"])
            else:
                found[question.key] = answer

    def _ask_the_age(self, cleaned: dict[str, Any]) -> None:
        """Take nobody's consent before the age of consent, nor a form that its page keeps for older people."""
        if not cleaned.get("born_on"):
            return
        age = rules.age_on(date.fromisoformat(cleaned["born_on"]), clock.today())
        agrees = self.needs_agreement or any(cleaned.get(purpose.value) for purpose in self.page.offered)
        if age < rules.CONSENTS_ALONE_FROM and agrees:
            self.add_error(
                "born_on",
                _(
                    "Before the age of 15, the law wants a parent to agree with you (loi n° 78-17, art. 45). This form "
                    "cannot ask them: nothing is kept. Write to us together, or come back with them."
                ),
            )
        elif age < self.page.least_age:
            self.add_error("born_on", _("One may join from the age of %(age)d.") % {"age": self.page.least_age})

    @property
    def _language(self) -> str:
        return (get_language() or "fr")[:2]

    @property
    def _is_ambiguous(self) -> bool:
        return len(self._communes) > 1

    def _offer_communes(self, postcode: str) -> None:
        self._communes = list(Commune.objects.with_postcode(postcode)[:60]) if len(postcode) == 5 else []
        field = self.fields["commune"]
        field.choices = [("", _("Choose…")), *((commune.pk, commune.name) for commune in self._communes)]  # type: ignore[attr-defined]
        if self.data.get("commune"):
            field.widget = forms.Select(choices=field.choices)  # type: ignore[attr-defined]


def _own_values(said: dict[str, Any]) -> dict[str, Any]:
    kinds = dict(CustomField.objects.filter(key__in=said).values_list("key", "kind"))
    return {key: _as_on_records(CustomKind(kinds[key]), value) for key, value in said.items() if key in kinds}


def _as_on_records(kind: CustomKind, value: Any) -> Any:
    return storable(kind, value == YES if kind == CustomKind.YES_NO else value)


def _as_read(field: forms.Field, value: Any) -> str:
    offered = {str(key): str(words) for key, words in getattr(field, "choices", ())}
    said = value if isinstance(value, list) else [value]
    return ", ".join(offered.get(str(one), str(one)) for one in said if one not in (None, ""))


def keys_of(question: Question) -> list[str]:
    """Return the fields of a question; the commune stands after the postcode where several share it."""
    return ["postcode", "commune"] if question.key == PersonField.POSTCODE else [question.key]


def _field_of(question: Question, questions: list[Question]) -> forms.Field:
    field = _own_field_of(question) if question.own_field else BUILDERS[question.kind](question)
    field.label = question.label
    field.required = question.is_required and question.only_if is None
    field.help_text = notes_of(question, questions)
    field.is_short = question.kind in SHORT  # type: ignore[attr-defined]
    field.widget.is_required = field.required
    field.only_if = question.only_if  # type: ignore[attr-defined]
    if name := question.field:
        field.widget.attrs["autocomplete"] = AUTOCOMPLETE[name]
        if name == PersonField.POSTCODE:
            field.widget.attrs.update({"inputmode": "numeric", "size": 6})
        if name == PersonField.PHONE:
            field.widget.attrs["inputmode"] = "tel"
            field.widget.input_type = "tel"
    return field


def notes_of(question: Question, questions: list[Question], *, is_settled: bool = False) -> str:
    """Return what is said under a question; of one that is asked in any case, not when it is."""
    # Said once above the form for the questions of the action itself: under each, nobody would read it any more.
    why = "" if question.serves == Serves.ACTION else f"{capfirst(question.serves.label)}."
    condition = "" if is_settled else _condition(question, questions)
    return " ".join(part for part in (condition, question.help, why) if part)


def _condition(question: Question, questions: list[Question]) -> str:
    """Say without JavaScript when a question is to be answered."""
    if question.only_if is None:
        return ""
    key, answer = question.only_if
    asked = next((one for one in questions if one.key == key), None)
    words = {YES: gettext("yes"), NO: gettext("no")} if asked and asked.kind == AnswerKind.YES_NO else {}
    return gettext("Only if you answered “%(answer)s” to “%(question)s”.") % {
        "answer": words.get(answer, answer),
        "question": asked.label if asked else "",
    }


def _own_field_of(question: Question) -> forms.Field:
    """Return the field of the record's own form, but for yes and no: a form's conditions name them by its own words."""
    if question.kind == AnswerKind.YES_NO:
        return _yes_no(question)
    return own_question(CustomField.objects.get(key=question.own_field), None)


def _line(question: Question) -> forms.Field:
    longest = PERSON_LENGTHS.get(question.field, 300) if question.field else 300
    if question.field in {PersonField.POSTCODE, PersonField.PHONE}:
        longest = 30
    return forms.CharField(max_length=longest)


def _choices(question: Question) -> list[tuple[str, str]]:
    return [(answer, answer) for answer in question.choices]


def _day(_question: Question) -> forms.Field:
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


def _yes_no(_question: Question) -> forms.Field:
    choices = [(YES, _("yes")), (NO, _("no"))]
    return forms.ChoiceField(choices=choices, widget=forms.RadioSelect)


def _scale(_question: Question) -> forms.Field:
    return forms.ChoiceField(choices=[(str(n), str(n)) for n in range(1, 6)], widget=forms.RadioSelect)


BUILDERS: dict[AnswerKind, Callable[[Question], forms.Field]] = {
    AnswerKind.LINE: _line,
    AnswerKind.TEXT: lambda _question: forms.CharField(
        max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 6})
    ),
    AnswerKind.NUMBER: lambda _question: forms.DecimalField(max_digits=20, decimal_places=6),
    AnswerKind.DAY: _day,
    AnswerKind.YES_NO: _yes_no,
    AnswerKind.CHOICE: lambda question: forms.ChoiceField(choices=_choices(question), widget=forms.RadioSelect),
    AnswerKind.CHOICES: lambda question: forms.MultipleChoiceField(
        choices=_choices(question), widget=forms.CheckboxSelectMultiple
    ),
    AnswerKind.SCALE: _scale,
}
