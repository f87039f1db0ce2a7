"""Which columns the list has, under which name, and what an act on many must be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.types import Actor
from portevoix.people.selectors.columns import MOST_COLUMNS, ListColumn
from portevoix.people.services.acts import BulkAct


class ColumnsForm(forms.Form):
    """Which columns, in which order: the order is that in which the boxes come, which two buttons move."""

    def __init__(self, known: Mapping[str, ListColumn], shown: Sequence[str], data: Any = None, **more: Any) -> None:
        super().__init__(data, **more)
        self.known = known
        asked = self._asked(data) if data is not None else list(shown)
        self.chosen = [key for key in dict.fromkeys(asked) if key in known]

    def _asked(self, data: QueryDict) -> list[str]:
        keys = data.getlist("columns")
        for way, step in (("up", -1), ("down", 1)):
            moved = data.get(way)
            if isinstance(moved, str) and moved in keys:
                place = keys.index(moved)
                other = max(0, min(len(keys) - 1, place + step))
                keys[place], keys[other] = keys[other], keys[place]
        return keys

    @property
    def is_moving(self) -> bool:
        """Whether a column was moved, and nothing is to be kept yet."""
        return bool({"up", "down"} & set(self.data))

    @property
    def choices(self) -> list[tuple[ListColumn, bool]]:
        """Every column that may be chosen, the chosen ones first, in their order."""
        rest = [key for key in self.known if key not in self.chosen]
        return [(self.known[key], True) for key in self.chosen] + [(self.known[key], False) for key in rest]

    def clean(self) -> dict[str, Any]:
        if len(self.chosen) > MOST_COLUMNS:
            raise forms.ValidationError(gettext("Choose %(limit)d columns at most.") % {"limit": MOST_COLUMNS})
        return super().clean() or {}


class ViewForm(ColumnsForm):
    """A saved view: its name, who sees it, its columns; filters and order come along from the list."""

    name = forms.CharField(label=_("Name of the view"), max_length=60)
    is_shared = forms.BooleanField(
        label=_("The whole team sees it"), required=False, help_text=_("Each within their own territory and role.")
    )
    is_first = forms.BooleanField(label=_("My list opens with it"), required=False)

    def __init__(self, *args: Any, may_share: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        if not may_share:
            del self.fields["is_shared"]


class ActForm(forms.Form):
    """What one act must be told; every act has its own on one screen."""

    use_required_attribute = False

    def __init__(self, act: BulkAct, actor: Actor, data: Any = None) -> None:
        super().__init__(data, prefix=act.key)
        self.act = act
        self.fields.update(act.fields(actor))
