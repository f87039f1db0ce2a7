"""What the journal may be narrowed to."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.widgets import AdminDateInput

from portevoix.accounts.commands import every
from portevoix.journal.models import Entry
from portevoix.journal.types import Outcome
from portevoix.kernel import normalise


def _acts() -> list[tuple[str, str]]:
    return sorted(
        ((name, str(act.label)) for name, act in every().items()), key=lambda pair: normalise.sort_key(pair[1])
    )


def _actors() -> list[tuple[str, str]]:
    found = Entry.objects.order_by("actor_label").values_list("actor_label", flat=True).distinct()
    return [(label, label) for label in found]


def until(entries: QuerySet[Entry], name: str, day: Any) -> QuerySet[Entry]:
    """Keep what was done on a day or before it."""
    return entries.filter(at__date__lte=day) if day else entries


def since(entries: QuerySet[Entry], name: str, day: Any) -> QuerySet[Entry]:
    """Keep what was done on a day or after it."""
    return entries.filter(at__date__gte=day) if day else entries


class JournalFilters(WagtailFilterSet):
    command = django_filters.ChoiceFilter(choices=_acts, label=_("Act"), widget=forms.Select)
    actor_label = django_filters.ChoiceFilter(choices=_actors, label=_("Who"), widget=forms.Select)
    outcome = django_filters.ChoiceFilter(choices=Outcome.choices, label=_("Outcome"), widget=forms.Select)
    since = django_filters.DateFilter(method=since, label=_("Since"), widget=AdminDateInput)
    until = django_filters.DateFilter(method=until, label=_("Until"), widget=AdminDateInput)

    class Meta:
        model = Entry
        fields: list[str] = []
