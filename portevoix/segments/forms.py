"""The editor's tree: written without JSON, one row a condition, and kept whole between two posts.

Each control is named after its place: ``t.0.2-tag`` is the blank “tag” of the third part of the first part. A tree
is never followed by recursion here: what is posted may be as deep as somebody likes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.db.models import Model, QuerySet
from django.utils.translation import gettext
from pydantic import ValidationError

from portevoix.kernel import normalise
from portevoix.people.models import CustomField
from portevoix.segments import rules
from portevoix.segments.types import CRITERIA, Criterion, Family, Group, Match

ROOT = "t"
_CONTROL = re.compile(r"^(t(?:\.\d{1,4})*)-(match|criterion)$")
LONGEST_SEARCH = 60
#: Deeper, the editor offers no further group; trees that are deeper already are shown whole.
DEEPEST_OFFERED = 4


class Blank(forms.BoundField):
    """A blank of a condition, which is not called wrong while one is still writing."""

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        made: dict[str, Any] = super().build_widget_attrs(attrs, widget)
        if isinstance(self.form, RuleForm) and not self.form.tells_errors:
            made.pop("aria-invalid", None)
        return made


class RuleForm(forms.Form):
    """The blanks of one condition."""

    bound_field_class = Blank
    tells_errors = False

    def __init__(self, kind: type[Criterion], place: str, data: Any, values: dict[str, Any] | None = None) -> None:
        asked = kind.fields()
        is_filled = data is not None and any(f"{place}-{name}" in data for name in asked)
        super().__init__(data if is_filled or not asked else None, prefix=place, initial=values)
        self.kind = kind
        self.fields.update(asked)

    def narrow(self, own_fields: QuerySet[CustomField]) -> None:
        """Offer only these of the campaign's own fields."""
        for asked in self.fields.values():
            choices = asked.queryset if isinstance(asked, forms.ModelChoiceField) else None
            if choices is not None and choices.model is CustomField:
                asked.queryset = choices.filter(pk__in=own_fields.values("pk"))  # type: ignore[attr-defined]

    def criterion(self) -> dict[str, Any] | None:
        """Return the condition as it is stored, or None where blanks are left."""
        if not self.fields:
            return {"criterion": self.kind.key}
        if not self.is_bound or not self.is_valid():
            return None
        try:
            made = self.kind.model_validate({name: self._stored(name) for name in self.fields})
        except ValidationError:
            self.add_error(None, gettext("These values do not go together."))
            return None
        return rules.as_json(made)

    def shown(self) -> dict[str, str]:
        """Return what its controls show, under their names, as a browser would send it."""
        sent = {}
        for blank in self:
            value = blank.field.widget.format_value(blank.value())
            value = next(iter(value), "") if isinstance(value, list) else value
            if not value and isinstance(blank.field, forms.ChoiceField) and blank.field.widget.choices:
                value = next(iter(blank.field.widget.choices))[0]  # as a list that was not touched is sent
            sent[blank.html_name] = "" if value is None else str(value)
        return sent

    def _stored(self, name: str) -> Any:
        value = self.cleaned_data[name]
        if value is None and not self.fields[name].required:
            return None
        return getattr(value, self.kind.points_to[name].by) if isinstance(value, Model) else value


@dataclass
class Row:
    """One condition being written; no kind until one is chosen, among those that ``search`` names."""

    place: str
    form: RuleForm | None = None
    is_new: bool = False
    search: str = ""
    unoffered: frozenset[str] = frozenset()

    @property
    def offered(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """The kinds of condition to choose from, by family."""
        return choices(self.search, self.unoffered)

    @property
    def key(self) -> str:
        return self.form.kind.key if self.form else ""

    @property
    def label(self) -> str:
        return str(self.form.kind.label) if self.form else ""


@dataclass
class Box:
    """One group being written."""

    place: str
    match: str = Match.ALL
    parts: list[Row | Box] = field(default_factory=list)

    @property
    def depth(self) -> int:
        return self.place.count(".")

    @property
    def may_hold_groups(self) -> bool:
        return self.depth < DEEPEST_OFFERED


@dataclass(frozen=True)
class Token:
    """A step of the way through the tree, for a template that does not recurse."""

    kind: str
    part: Row | Box


class Draft:
    """A question being written."""

    #: Kinds of condition that the writer may not ask.
    unoffered: frozenset[str] = frozenset()
    #: The campaign's own fields that the writer may ask about; None is every one.
    own_fields: QuerySet[CustomField] | None = None

    def __init__(self, root: Box) -> None:
        self.root = root

    @classmethod
    def of(cls, question: Group) -> Draft:
        """Return the draft of a question, as the editor opens on it."""
        root = Box(ROOT, question.match.value)
        waiting: list[tuple[Box, Group]] = [(root, question)]
        while waiting:
            box, group = waiting.pop()
            for index, part in enumerate(group.parts):
                place = f"{box.place}.{index}"
                if isinstance(part, Group):
                    inner = Box(place, part.match.value)
                    box.parts.append(inner)
                    waiting.append((inner, part))
                else:
                    values = part.initial(part.model_dump(mode="json"))
                    box.parts.append(Row(place, RuleForm(type(part), place, None, values)))
        return cls(root)

    @classmethod
    def posted(cls, data: Mapping[str, Any]) -> Draft:
        """Return the draft that a form sent. Raises InvalidTree when it is beyond all measure."""
        controls = {found[1]: found[2] for name in data if (found := _CONTROL.match(name))}
        root = Box(ROOT, _match(data.get(f"{ROOT}-match")))
        boxes = {ROOT: root}
        for place in sorted(controls, key=_steps):
            parent = boxes.get(place.rpartition(".")[0])
            if parent is None:
                continue
            if controls[place] == "match":
                boxes[place] = Box(place, _match(data.get(f"{place}-match")))
                parent.parts.append(boxes[place])
            else:
                kind = CRITERIA.get(str(data.get(f"{place}-criterion")))
                search = str(data.get(f"{place}-search", ""))[:LONGEST_SEARCH]
                parent.parts.append(Row(place, RuleForm(kind, place, data) if kind else None, search=search))
        rules.measure(_outline(root))
        return cls(root)

    def act(self, order: str) -> bool:
        """Do what a button says and tell whether anything changed.

        « add-rule:t.0 », « add-group:t », « remove:t.0.1 », « choose:t.0:tag », « change:t.0 » (choose again).
        """
        verb, _colon, place = order.partition(":")
        place, _colon, key = place.partition(":")
        boxes = {token.part.place: token.part for token in self.tokens() if token.kind == "open"}
        box, parent = boxes.get(place), boxes.get(place.rpartition(".")[0])
        if verb == "add-rule" and isinstance(box, Box):
            box.parts.append(Row(_next(box), is_new=True))
        elif verb == "add-group" and isinstance(box, Box):
            inner = Box(_next(box), Match.ANY)
            inner.parts.append(Row(f"{inner.place}.0", is_new=True))
            box.parts.append(inner)
        elif verb == "remove" and isinstance(parent, Box):
            parent.parts = [part for part in parent.parts if part.place != place]
        elif verb in {"choose", "change"} and isinstance(parent, Box):
            kind = CRITERIA.get(key)
            for row in parent.parts:
                if isinstance(row, Row) and row.place == place:
                    row.form = RuleForm(kind, place, None) if kind else None
                    row.is_new, row.search = True, ""
        else:
            return False
        return True

    def enter(self) -> str:
        """Return what the key Enter means: to choose the kind that a search names, to search, or to save."""
        for token in self.tokens():
            row = token.part
            if isinstance(row, Row) and row.form is None and row.search:
                kinds = [kind for _family, kinds in row.offered for kind in kinds]
                named = [kind for kind in kinds if normalise.sort_key(kind[1]) == normalise.sort_key(row.search)]
                meant = named or kinds
                return f"choose:{row.place}:{meant[0][0]}" if len(meant) == 1 else "search"
        return "save"

    def tell_errors(self) -> None:
        """Let each blank say what is wrong with it."""
        for token in self.tokens():
            if isinstance(token.part, Row) and token.part.form:
                token.part.form.tells_errors = True

    def shown(self) -> dict[str, str]:
        """Return all that the form shows, flat, as a browser would send it: ``posted`` reads it again."""
        sent: dict[str, str] = {}
        for token in self.tokens():
            part = token.part
            if token.kind == "open" and isinstance(part, Box):
                sent[f"{part.place}-match"] = part.match
            elif isinstance(part, Row):
                sent[f"{part.place}-criterion"] = part.key
                sent |= part.form.shown() if part.form else {f"{part.place}-search": part.search}
        return sent

    def tokens(self) -> Iterator[Token]:
        """Yield the tree in the order in which it is shown: a group opens, holds its parts, closes."""
        waiting: list[Token] = [Token("open", self.root)]
        while waiting:
            token = waiting.pop()
            if isinstance(token.part, Row):
                token.part.unoffered = self.unoffered
                if token.part.form and self.own_fields is not None:
                    token.part.form.narrow(self.own_fields)
            yield token
            if token.kind == "open" and isinstance(token.part, Box):
                waiting.append(Token("close", token.part))
                waiting.extend(
                    Token("open" if isinstance(part, Box) else "rule", part) for part in reversed(token.part.parts)
                )

    def tree(self) -> tuple[dict[str, Any], int]:
        """Return the question as it is stored, without its unfinished conditions, and how many of those there are."""
        root: dict[str, Any] = {"match": self.root.match, "parts": []}
        unfinished = 0
        waiting = [(self.root, root)]
        while waiting:
            box, made = waiting.pop()
            for part in box.parts:
                if isinstance(part, Box):
                    inner: dict[str, Any] = {"match": part.match, "parts": []}
                    made["parts"].append(inner)
                    waiting.append((part, inner))
                elif part.form and (criterion := part.form.criterion()):
                    made["parts"].append(criterion)
                else:
                    unfinished += 1
        return root, unfinished


class NameForm(forms.Form):
    """What the segment is called."""

    name = forms.CharField(max_length=120)
    #: When the segment had last been changed as this form showed it.
    seen = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)


def choices(search: str = "", unoffered: frozenset[str] = frozenset()) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the criteria by family; with a search, those whose name or family holds each of its words."""
    words = normalise.sort_key(search).split()
    found = []
    for family in Family:
        kinds = [
            (key, str(kind.label))
            for key, kind in CRITERIA.items()
            if kind.family == family and key not in unoffered and _holds(words, f"{family.label} {kind.label}")
        ]
        found.append((str(family.label), sorted(kinds, key=lambda pair: normalise.sort_key(pair[1]))))
    return [(label, kinds) for label, kinds in found if kinds]


def _holds(words: list[str], text: str) -> bool:
    key = normalise.sort_key(text)
    return all(word in key for word in words)


def without_empty_groups(tree: dict[str, Any]) -> dict[str, Any]:
    """Return a tree less the groups that hold no condition yet: for counting while one writes."""
    order: list[dict[str, Any]] = [tree]
    for group in order:
        order.extend(part for part in group["parts"] if "parts" in part)
    for group in reversed(order):
        group["parts"] = [part for part in group["parts"] if "parts" not in part or part["parts"]]
    return tree


def _match(value: Any) -> str:
    return value if value in Match.values else Match.ALL.value


def _steps(place: str) -> list[int]:
    return [int(step) for step in place.split(".")[1:]]


def _next(box: Box) -> str:
    last = max((_steps(part.place)[-1] for part in box.parts), default=-1)
    return f"{box.place}.{last + 1}"


def _outline(root: Box) -> dict[str, Any]:
    outline: dict[str, Any] = {"parts": []}
    waiting = [(root, outline)]
    while waiting:
        box, made = waiting.pop()
        for part in box.parts:
            inner: dict[str, Any] = {"parts": []} if isinstance(part, Box) else {}
            made["parts"].append(inner)
            if isinstance(part, Box):
                waiting.append((part, inner))
    return outline
