"""What an editor composes a form of: parts of the record, the campaign's own fields, questions of this form alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from portevoix.actions.types import OWN_FIELD, AnswerKind, PersonField, Question, Serves, Step
from portevoix.people.models import CustomField
from portevoix.people.types import CustomKind

SHORT_FEATURES = ["bold", "italic", "link", "ol", "ul"]
#: Why each part of the record is asked, unless the editor says otherwise.
USUAL = {
    PersonField.FIRST_NAME: Serves.NAME,
    PersonField.LAST_NAME: Serves.NAME,
    PersonField.POSTCODE: Serves.PLACE,
    PersonField.PHONE: Serves.REACH,
    PersonField.BORN_ON: Serves.AGE,
    PersonField.OCCUPATION: Serves.ACTION,
}
#: How a field of the campaign's own is answered.
KINDS = {
    CustomKind.TEXT: AnswerKind.LINE,
    CustomKind.LONG_TEXT: AnswerKind.TEXT,
    CustomKind.NUMBER: AnswerKind.NUMBER,
    CustomKind.DAY: AnswerKind.DAY,
    CustomKind.YES_NO: AnswerKind.YES_NO,
    CustomKind.CHOICE: AnswerKind.CHOICE,
    CustomKind.CHOICES: AnswerKind.CHOICES,
}
YES, NO = "yes", "no"
STEP = "step"


def person_question(name: PersonField, *, is_required: bool = False, serves: Serves | None = None) -> Question:
    """Return the question that asks a part of the record."""
    kind = AnswerKind.DAY if name == PersonField.BORN_ON else AnswerKind.LINE
    label = gettext("Postcode") if name == PersonField.POSTCODE else str(name.label)
    return Question(name.value, label[:1].upper() + label[1:], serves or USUAL[name], is_required, kind)


class PersonFieldBlock(blocks.StructBlock):
    """A part of the record: it fills in what is not known yet, and changes nothing that is."""

    field = blocks.ChoiceBlock(PersonField.choices, label=_("what is asked"))
    is_required = blocks.BooleanBlock(label=_("must be answered"), required=False)
    serves = blocks.ChoiceBlock(
        Serves.choices, label=_("what it is for"), required=False, help_text=_("Left empty: the usual reason.")
    )

    class Meta:
        icon = "user"
        label = _("Part of the record")

    def question_of(self, value: Any, _key: str) -> Question | None:
        serves = Serves(value["serves"]) if value["serves"] else None
        return person_question(PersonField(value["field"]), is_required=bool(value["is_required"]), serves=serves)


def own_fields() -> list[tuple[str, str]]:
    """Return the campaign's own fields that are in use, as choices."""
    fields = CustomField.objects.in_use().order_by("label")
    return [(field.key, field.shown_label) for field in fields if field.protection is None]


class OwnFieldBlock(blocks.StructBlock):
    """A field that the campaign added to records."""

    field = blocks.ChoiceBlock(choices=own_fields, label=_("own field"))
    is_required = blocks.BooleanBlock(label=_("must be answered"), required=False)
    serves = blocks.ChoiceBlock(Serves.choices, label=_("what it is for"), default=Serves.ACTION)

    class Meta:
        icon = "tag"
        label = _("Own field")

    def question_of(self, value: Any, _key: str) -> Question | None:
        field = CustomField.objects.in_use().filter(key=value["field"]).first()
        if field is None or field.protection:  # of former times: nothing more is written under such a name
            return None
        kind, choices = KINDS[CustomKind(field.kind)], tuple(field.choices)
        key = f"{OWN_FIELD}{field.key}"
        return Question(key, field.shown_label, Serves(value["serves"]), bool(value["is_required"]), kind, choices)


class OwnQuestionBlock(blocks.StructBlock):
    """A question whose answer stays with this form."""

    label = blocks.CharBlock(label=_("question"), max_length=300)
    kind = blocks.ChoiceBlock(AnswerKind.choices, label=_("how it is answered"), default=AnswerKind.LINE)
    choices = blocks.TextBlock(label=_("answers to choose from"), required=False, help_text=_("One a line."))
    is_required = blocks.BooleanBlock(label=_("must be answered"), required=False)
    serves = blocks.ChoiceBlock(Serves.choices, label=_("what it is for"), default=Serves.ACTION)
    help = blocks.CharBlock(label=_("help"), required=False, max_length=300)
    after = blocks.IntegerBlock(
        label=_("only after question no."),
        required=False,
        min_value=1,
        help_text=_("The place of an earlier question in this list. Left empty: always asked."),
    )
    after_answer = blocks.CharBlock(
        label=pgettext_lazy("form", "answered"),
        required=False,
        max_length=200,
        help_text=_("One of its answers, as written there; yes or no for a question of that kind."),
    )

    class Meta:
        icon = "help"
        label = _("Question of this form")

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        needs = AnswerKind(cleaned["kind"]) in {AnswerKind.CHOICE, AnswerKind.CHOICES}
        answers = lines_of(cleaned["choices"])
        if needs and len(answers) < 2:
            raise _refused("choices", _("Give at least two answers, one a line."))
        if len(set(answers)) < len(answers):
            raise _refused("choices", _("An answer stands there twice."))
        return cleaned

    def question_of(self, value: Any, key: str) -> Question | None:
        return Question(
            f"q_{key}",
            value["label"],
            Serves(value["serves"]),
            bool(value["is_required"]),
            AnswerKind(value["kind"]),
            tuple(lines_of(value["choices"])),
            value["help"] or "",
        )


class QuestionsBlock(blocks.StreamBlock):
    """What a form asks, in order; the address is always asked first."""

    person = PersonFieldBlock()
    own_field = OwnFieldBlock()
    question = OwnQuestionBlock()

    class Meta:
        required = False
        max_num = 60

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        asked = [(place, child) for place, child in enumerate(cleaned) if child.block_type != STEP]
        children = [child for _place, child in asked]
        faults = {}
        for number, (place, child) in enumerate(asked):
            if child.block_type == "question" and (fault := _fault_of(children, number)):
                faults[place] = fault
        faults |= _twice(asked) | _empty_steps(cleaned)
        if faults:
            raise blocks.StreamBlockValidationError(block_errors=faults)
        return cleaned


class StepBlock(blocks.StructBlock):
    """Where a new page of the form begins."""

    title = blocks.CharBlock(label=_("title of the page"), max_length=100)
    text = blocks.CharBlock(label=_("sentence under it"), required=False, max_length=300)

    class Meta:
        icon = "doc-empty-inverse"
        label = _("New page")
        label_format = "{title}"


class SurveyQuestionsBlock(QuestionsBlock):
    """What a survey asks, on one page or on several; the address is asked on the last."""

    step = StepBlock()


class FirstSignatoryBlock(blocks.StructBlock):
    """Somebody who signed before the letter was published."""

    name = blocks.CharBlock(label=_("name"), max_length=120)
    quality = blocks.CharBlock(label=_("profession or mandate"), max_length=160, required=False)

    class Meta:
        icon = "user"
        label = _("First signatory")


class FirstSignatoriesBlock(blocks.StreamBlock):
    """Those who signed first, in the order in which they stand."""

    signatory = FirstSignatoryBlock()

    class Meta:
        required = False
        max_num = 200


def questions_of(stream: Any) -> list[Question]:
    """Return what a stream of these blocks asks, in order; what leans on a field no longer in use is left out."""
    found: list[Question | None] = []
    step = 0
    for child in stream:
        if child.block_type == STEP:
            step += bool(found)
            continue
        question = child.block.question_of(child.value, str(child.id or len(found))[:8])
        if question is not None and child.block_type == "question" and child.value["after"]:
            question = _after(question, found, child.value)
        found.append(replace(question, step=step) if question is not None and step else question)
    return [question for question in found if question is not None]


def steps_of(stream: Any) -> list[Step]:
    """Return the pages of a form; one whose first has no title of its own begins with its questions."""
    found: list[Step] = []
    for child in stream:
        if child.block_type == STEP:
            found.append(Step(child.value["title"], child.value["text"] or ""))
        elif not found:
            found.append(Step())
    return found


def lines_of(text: str | None) -> list[str]:
    """Return the answers that an editor wrote one a line."""
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


def _twice(asked: list[tuple[int, Any]]) -> dict[int, Any]:
    """Refuse what is asked of the record twice, where it stands last."""
    fields = [(place, child.value["field"]) for place, child in asked if child.block_type != "question"]
    names = [name for _place, name in fields]
    places = [place for place, name in fields if names.count(name) > 1]
    return {places[-1]: _refused("field", _("This is asked already, higher up."))} if places else {}


def _empty_steps(stream: Any) -> dict[int, Any]:
    """Refuse a page without questions; the last may be for the address alone."""
    is_step = [child.block_type == STEP for child in stream]
    empty = [place for place in range(len(is_step) - 1) if is_step[place] and is_step[place + 1]]
    return {place: _refused("title", _("A page needs questions, but for the last.")) for place in empty}


def _after(question: Question, earlier: list[Question | None], value: Any) -> Question | None:
    """Return the question with its condition; None where nobody can meet it: it is not asked of everybody instead."""
    place = value["after"] - 1
    asked = earlier[place] if place < len(earlier) else None
    if asked is None:
        return None
    answer = value["after_answer"].strip()
    return replace(question, only_if=(asked.key, _as_kept(asked, answer)))


def _as_kept(asked: Question, answer: str) -> str:
    """Yes and no are written in the editor's language."""
    words = {gettext("yes").lower(): YES, gettext("no").lower(): NO, "oui": YES, "non": NO}
    return words.get(answer.lower(), answer) if asked.kind == AnswerKind.YES_NO else answer


def _fault_of(stream: Any, place: int) -> Any:
    value = stream[place].value
    after, answer = value["after"], (value["after_answer"] or "").strip()
    if not after:
        return _refused("after", _("Say after which question.")) if answer else None
    if after > place:
        return _refused("after", _("It must be a question that stands higher up."))
    asked = stream[after - 1].block.question_of(stream[after - 1].value, "0")
    if asked is None or not asked.kind.is_counted:
        return _refused("after", _("That question has no answers to choose from."))
    possible = {
        AnswerKind.YES_NO: [YES, NO],
        AnswerKind.SCALE: ["1", "2", "3", "4", "5"],
    }.get(asked.kind, list(asked.choices))
    if _as_kept(asked, answer) not in possible:
        return _refused("after_answer", _("That question has no such answer."))
    return None


def _refused(field: str, said: Any) -> Any:
    return blocks.StructBlockValidationError(block_errors={field: ValidationError(said)})
