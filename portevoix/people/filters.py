"""What the list of persons may be narrowed to; the rooms above add theirs by the hook ``construct_people_filters``."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.filters import WagtailFilterSet

from portevoix.people.models import Person, PersonQuerySet, Tag, Tagging
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
