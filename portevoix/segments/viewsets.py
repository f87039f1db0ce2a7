"""The list of segments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views.generic.base import BaseListingView
from wagtail.admin.widgets.button import HeaderButton

from portevoix.accounts.commands import may
from portevoix.accounts.office import actor_of
from portevoix.kernel.ordering import Unaccented
from portevoix.segments import selectors
from portevoix.segments.models import Segment


class QuestionColumn(TitleColumn):
    """The name, and under it the question in plain words."""

    cell_template_name = "segments/_question_cell.html"

    def get_cell_context_data(self, instance: Segment, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        context: dict[str, Any] = super().get_cell_context_data(instance, parent_context)
        context["sentence"] = parent_context["table"].sentences.get(instance.pk, "")
        return context


class CountColumn(Column):
    """How many it finds, asked for when the row comes into view: a page of counts would make the list wait."""

    cell_template_name = "segments/_count_cell.html"


class SegmentList(BaseListingView):
    """Every segment; the figures are those of the reader's territory."""

    model = Segment
    results_template_name = "segments/_segment_results.html"
    page_title = _("Segments")
    header_icon = "sliders"
    index_url_name = "segments:list"
    index_results_url_name = "segments:list_results"
    is_searchable = True
    search_fields = ["name"]
    paginate_by = 50
    default_ordering = "name"
    columns = [
        QuestionColumn("name", label=_("Segment"), url_name="segments:segment", sort_key="name"),
        CountColumn("count", label=_("People"), classname="office-number"),
        DateColumn("updated_at", label=_("Last changed"), sort_key="updated_at", classname="office-wide"),
    ]

    def order_queryset(self, queryset: QuerySet[Segment]) -> QuerySet[Segment]:
        if self.ordering.lstrip("-") == "name":
            order = Unaccented("name")
            return queryset.order_by(order.desc() if self.ordering.startswith("-") else order, "pk")
        return queryset.order_by(self.ordering)

    def get_table(self, object_list: Any) -> Any:
        table = super().get_table(object_list)
        table.sentences = selectors.sentences(object_list)
        return table

    def get_header_buttons(self) -> list[HeaderButton]:
        if not may(actor_of(self.request), "segments.save"):
            return []
        return [HeaderButton(gettext("New segment"), reverse("segments:create"), icon_name="plus")]
