"""A form shown one page at a time: what the other pages were told goes along, hidden; nothing is kept before the end.

It needs neither script, cookie nor session: each page is sent whole, and the server says which comes next.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS

from portevoix.actions.forms.acting import ActionForm, keys_of, notes_of
from portevoix.actions.models import ActionPage
from portevoix.actions.rules.steps import asked_steps, may_be_asked
from portevoix.actions.types import Question, Step

#: The word by which one goes back; anything else goes on, and sends the last page.
BACK = "back"
EMPTY: tuple[Any, ...] = (None, "", [], False)


class SteppedForm(ActionForm):
    """The form of a page that has several steps. ``at`` is the step that is shown."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.steps = self.page.steps
        self.last = len(self.steps) - 1
        said = str(self.data.get("step", ""))
        self.at = min(int(said), self.last) if said.isdecimal() and len(said) < 4 else 0
        self.move = str(self.data.get("go", ""))
        self.is_complete = False

    def full_clean(self) -> None:
        """Judge the step that is left, or all of them when the last is sent; then say which is shown."""
        super().full_clean()
        if not self.is_bound:
            return
        if self.move == BACK:
            self._keep_errors_of(set())
            self.at = max((step for step in self._asked(self.at) if step < self.at), default=0)
        elif self._is_sent:
            self.is_complete = not self.errors
            self.at = next((step for step in range(self.last) if self.names_of(step) & set(self.errors)), self.at)
            self._keep_errors_of({NON_FIELD_ERRORS, *self.names_of(self.at)})
        else:
            self._keep_errors_of({NON_FIELD_ERRORS, *self.names_of(self.at)})
            if not self.errors:
                self.at = min(step for step in self._asked(self.at + 1) if step > self.at)
        self._settle()

    def is_valid(self) -> bool:
        """A page that is right is not yet a form that is sent."""
        return super().is_valid() and self.is_complete

    @property
    def status(self) -> int:
        """Going from page to page is no fault."""
        return super().status if self.errors else 200

    def _post_clean(self) -> None:
        """Ask who sends it once, when it is sent."""
        if self._is_sent:
            super()._post_clean()

    @property
    def _is_sent(self) -> bool:
        return self.at == self.last and self.move != BACK

    # ---- what is shown

    @property
    def step(self) -> Step:
        return self.steps[self.at]

    @property
    def is_last(self) -> bool:
        return self.at == self.last

    @property
    def is_under_way(self) -> bool:
        return self.at > 0

    @property
    def number(self) -> int:
        return self._asked(self.at).index(self.at) + 1

    @property
    def total(self) -> int:
        return len(self._asked(self.at))

    @property
    def question_fields(self) -> list[forms.BoundField]:
        """The questions of this step that are not ruled out by the earlier ones."""
        return [self[key] for key in self._keys_here() if key in self.fields]

    @property
    def carried(self) -> list[forms.BoundField]:
        """What the other steps were told."""
        shown = {"moment", "work", "website", *self._keys_here(), *(self._names_of_the_end if self.is_last else ())}
        return [self[name] for name in self.fields if name not in shown and self[name].value() not in EMPTY]

    def names_of(self, step: int) -> set[str]:
        """Return the fields that stand on a step."""
        asked = [question for question in self.questions if question.step == step]
        ends = self._names_of_the_end if step == self.last else set()
        return {key for question in asked for key in keys_of(question)} | ends

    @property
    def _names_of_the_end(self) -> set[str]:
        return {"email", *self.agreements, *(purpose.value for purpose in self.page.offered)}

    @property
    def _answers(self) -> dict[str, Any]:
        return getattr(self, "cleaned_data", {})

    def _asked(self, at: int) -> list[int]:
        steps = asked_steps(self.questions, self._answers, at=at, last=self.last)
        return steps if self.at in steps else sorted({*steps, self.at})

    def _here(self) -> list[Question]:
        return [one for one in may_be_asked(self.questions, self._answers, at=self.at) if one.step == self.at]

    def _keys_here(self) -> list[str]:
        return [key for question in self._here() for key in keys_of(question)]

    def _keep_errors_of(self, names: set[str]) -> None:
        for name in set(self.errors) - names:
            del self.errors[name]

    def _settle(self) -> None:
        """Ask without an « if » what an earlier step has decided."""
        steps = {question.key: question.step for question in self.questions}
        for question in self._here():
            if question.only_if and steps.get(question.only_if[0], self.at) < self.at:
                field = self.fields[question.key]
                field.only_if = None  # type: ignore[attr-defined]
                field.help_text = notes_of(question, self.questions, is_settled=True)
                field.required = field.widget.is_required = question.is_required
                self._bound_fields_cache.pop(question.key, None)  # type: ignore[attr-defined]  # Django's own


class PreviewedForm(SteppedForm):
    """One page of a form as an editor reads it beside the others: all that it may ask, with the « if » of each."""

    #: What is asked of some only is hidden from nobody here.
    has_conditions = False
    carried: list[forms.BoundField] = []

    def __init__(self, *args: Any, at: int, **kwargs: Any) -> None:
        super().__init__(*args, auto_id=f"page-{at + 1}-%s", **kwargs)
        self.at = at
        self.mark = f"-{at + 1}" if at else ""

    @property
    def number(self) -> int:
        return self.at + 1

    @property
    def total(self) -> int:
        return len(self.steps)

    def _here(self) -> list[Question]:
        return [question for question in self.questions if question.step == self.at]


def previewed(page: ActionPage) -> list[PreviewedForm]:
    """Return the pages of a form that has several, to be shown one after another."""
    return [PreviewedForm(page=page, at=at) for at in range(len(page.steps))]


def form_of(page: ActionPage) -> type[ActionForm]:
    """Return the form of a page: on one step, or on several."""
    return SteppedForm if page.steps else ActionForm
