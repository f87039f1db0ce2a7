"""Who read whose record, for who answers for it."""

from __future__ import annotations

import django_filters
from django import forms
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic.base import BaseListingView

from portevoix.accounts.office import actor_of
from portevoix.accounts.types import Role
from portevoix.people.models import Consultation, Person
from portevoix.people.types import Why


class ConsultationFilters(WagtailFilterSet):
    """What the log may be narrowed to."""

    reader = django_filters.CharFilter(lookup_expr="iexact", label=_("Who"))
    why = django_filters.ChoiceFilter(choices=Why.choices, label=_("What for"), widget=forms.Select)
    person = django_filters.NumberFilter(field_name="person_id", label=_("Number of the person"))

    class Meta:
        model = Consultation
        fields: list[str] = []


def _whom(consultation: Consultation) -> str:
    address = reverse("people:person", args=[consultation.person_id])
    return format_html('<a href="{}">{}</a>', address, consultation.person)


def _roles(consultation: Consultation) -> str:
    return ", ".join(str(Role(role).label) for role in consultation.roles if role in Role.values)


class Consultations(BaseListingView):
    """Every reading of a record, the latest first."""

    model = Consultation
    page_title = _("Who read whose record")
    header_icon = "view"
    index_url_name = "disclosure:consultations"
    index_results_url_name = "disclosure:consultations_results"
    verbose_name_plural = _("consultations")
    filterset_class = ConsultationFilters
    paginate_by = 50
    default_ordering = "-id"
    columns = [
        Column("at", label=_("When"), accessor=lambda one: date_format(localtime(one.at), "SHORT_DATETIME_FORMAT")),
        Column("reader", label=_("Who"), accessor="reader"),
        Column("roles", label=_("Roles"), accessor=_roles, classname="office-wide"),
        Column("person", label=_("Which record"), accessor=_whom),
        Column("why", label=_("What for"), accessor="get_why_display", classname="office-wide"),
    ]

    def get_base_queryset(self):  # type: ignore[no-untyped-def]
        actor = actor_of(self.request)
        found = Consultation.objects.select_related("person")
        if actor.departements is None:
            return found
        return found.filter(person__in=Person.objects.visible_to(actor))

    def get_valid_orderings(self) -> list[str]:
        return [self.default_ordering]
