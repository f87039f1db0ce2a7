"""What the list of persons may be narrowed to; the rooms above add theirs by the hook ``construct_people_filters``."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.filters import WagtailFilterSet

from portevoix.accounts.types import Actor
from portevoix.people.exceptions import Impossible
from portevoix.people.models import Person, PersonQuerySet, Tag, Tagging
from portevoix.people.selectors import search
from portevoix.territory.models import Departement


def in_departement(people: PersonQuerySet, name: str, departement: Departement | None) -> PersonQuerySet:
    """Keep those of a département."""
    return people.filter(commune__departement=departement) if departement else people


def tagged(people: PersonQuerySet, name: str, tag: Tag | None) -> PersonQuerySet:
    """Keep those who carry a tag."""
    return people.filter(Exists(Tagging.objects.filter(person=OuterRef("pk"), tag=tag))) if tag else people


class PeopleFilters(WagtailFilterSet):
    """The filters of this room, then those of the rooms above."""

    departement = django_filters.ModelChoiceFilter(
        queryset=Departement.objects.all(), method=in_departement, label=_("Département"), widget=forms.Select
    )
    tag = django_filters.ModelChoiceFilter(
        queryset=Tag.objects.alphabetical(), method=tagged, label=_("Tag"), widget=forms.Select
    )

    class Meta:
        model = Person
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        added: dict[str, django_filters.Filter] = {}
        for add in hooks.get_hooks("construct_people_filters"):
            add(self.request, added)
        for name, one in added.items():
            one.parent, one.model, one.field_name = self, Person, name
            self.filters[name] = one


#: People that one page of the list can name.
MOST_CHOSEN = 500
ORDERINGS = ("sort_key", "-sort_key", "created_at", "-created_at")


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
