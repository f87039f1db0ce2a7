"""How the list is looked at, and what is done to those who are chosen on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.types import Actor
from portevoix.people.exceptions import Impossible
from portevoix.people.filters import PeopleFilters
from portevoix.people.models import Person, PersonQuerySet
from portevoix.people.selectors import search
from portevoix.people.selectors.columns import MOST_COLUMNS, ListColumn
from portevoix.people.services.acts import BulkAct

#: People that one page of the list can name.
MOST_CHOSEN = 500
ORDERINGS = ("sort_key", "-sort_key", "created_at", "-created_at")


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
            if data.get(way) in keys:
                place = keys.index(data[way])
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


def kept_filters(request: HttpRequest, query: QueryDict, actor: Actor) -> tuple[dict[str, Any], str]:
    """Return what a view may keep of the list's address: answers chosen from a list, and the order; never text."""
    filters = PeopleFilters(query, queryset=Person.objects.visible_to(actor), request=request)
    wrong = set(filters.form.errors)
    kept: dict[str, Any] = {}
    for name, field in filters.form.fields.items():
        values = [value for value in query.getlist(name) if value]
        if values and name not in wrong and isinstance(field, forms.ChoiceField | forms.ModelChoiceField):
            kept[name] = values if len(values) > 1 else values[0]
    ordering = query.get("ordering", "")
    return kept, ordering if ordering in ORDERINGS else ""


def meant(request: HttpRequest, query: QueryDict, actor: Actor) -> PersonQuerySet:
    """Return everybody whom the list shows for an address. Raises Impossible when a filter of it means nothing."""
    filters = PeopleFilters(query, queryset=Person.objects.visible_to(actor), request=request)
    if not filters.is_valid():
        labels = ", ".join(str(filters.form.fields[name].label) for name in filters.form.errors)
        raise Impossible(gettext("A filter means nothing any more: %(filters)s. Choose again.") % {"filters": labels})
    people: PersonQuerySet = filters.qs
    words = query.get("q", "").strip()
    return search.found(people, words) if words else people


class Chosen:
    """Who is chosen on the list: the ticked rows, or everybody whom its address finds."""

    def __init__(self, request: HttpRequest, actor: Actor) -> None:
        self.request, self.actor = request, actor
        self.is_all = request.POST.get("scope") == "all"
        self.query = request.POST.get("query", "")[:4000]
        ticked = [one for one in request.POST.getlist("people") if one.isdecimal() and len(one) < 19]
        self.ticked = sorted({int(one) for one in ticked})[:MOST_CHOSEN]

    @property
    def everybody(self) -> PersonQuerySet:
        """Whom the choice means, as far as the actor sees. Raises Impossible."""
        if self.is_all:
            return meant(self.request, QueryDict(self.query), self.actor)
        if not self.ticked:
            raise Impossible(gettext("Nobody is chosen."))
        people: PersonQuerySet = Person.objects.visible_to(self.actor).filter(pk__in=self.ticked)
        return people


class ActForm(forms.Form):
    """What one act must be told; every act has its own on one screen."""

    use_required_attribute = False

    def __init__(self, act: BulkAct, actor: Actor, data: Any = None) -> None:
        super().__init__(data, prefix=act.key)
        self.act = act
        self.fields.update(act.fields(actor))
