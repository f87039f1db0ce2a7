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
from django.db.models import Model
from django.utils.translation import gettext
from pydantic import ValidationError

from portevoix.segments import rules
from portevoix.segments.types import CRITERIA, Criterion, Family, Group, Match

ROOT = "t"
_CONTROL = re.compile(r"^(t(?:\.\d{1,4})*)-(match|criterion)$")
#: Deeper, the editor offers no further group; trees that are deeper already are shown whole.
DEEPEST_OFFERED = 4


class RuleForm(forms.Form):
    """The blanks of one condition."""

    def __init__(self, kind: type[Criterion], place: str, data: Any, values: dict[str, Any] | None = None) -> None:
        asked = kind.fields()
        is_filled = data is not None and any(f"{place}-{name}" in data for name in asked)
        super().__init__(data if is_filled or not asked else None, prefix=place, initial=values)
        self.kind = kind
        self.fields.update(asked)

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

    def _stored(self, name: str) -> Any:
        value = self.cleaned_data[name]
        return getattr(value, self.kind.points_to[name].by) if isinstance(value, Model) else value


@dataclass
class Row:
    """One condition being written; no kind until one is chosen."""

    place: str
    form: RuleForm | None = None
    is_new: bool = False

    @property
    def key(self) -> str:
        return self.form.kind.key if self.form else ""


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
                parent.parts.append(Row(place, RuleForm(kind, place, data) if kind else None))
        rules.measure(_outline(root))
        return cls(root)

    def act(self, order: str) -> None:
        """Do what a button says: « add-rule:t.0 », « add-group:t », « remove:t.0.1 »; anything else changes nothing."""
        verb, _colon, place = order.partition(":")
        boxes = {token.part.place: token.part for token in self.tokens() if token.kind == "open"}
        box = boxes.get(place)
        if verb == "add-rule" and isinstance(box, Box):
            box.parts.append(Row(_next(box), is_new=True))
        elif verb == "add-group" and isinstance(box, Box):
            inner = Box(_next(box), Match.ANY)
            inner.parts.append(Row(f"{inner.place}.0", is_new=True))
            box.parts.append(inner)
        elif verb == "remove":
            parent = boxes.get(place.rpartition(".")[0])
            if isinstance(parent, Box):
                parent.parts = [part for part in parent.parts if part.place != place]

    def tokens(self) -> Iterator[Token]:
        """Yield the tree in the order in which it is shown: a group opens, holds its parts, closes."""
        waiting: list[Token] = [Token("open", self.root)]
        while waiting:
            token = waiting.pop()
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


def choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the criteria by family, as the first control of a row offers them."""
    found = [
        (str(family.label), [(key, str(kind.label)) for key, kind in CRITERIA.items() if kind.family == family])
        for family in Family
    ]
    return [(label, sorted(kinds, key=lambda pair: pair[1])) for label, kinds in found if kinds]


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
