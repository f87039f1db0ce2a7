"""The journal's screen. It stands above the journal, which does not know what acts are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic.base import BaseListingView

from portevoix.accounts.commands import every
from portevoix.accounts.filters import JournalFilters
from portevoix.journal.models import Entry


def _act(entry: Entry) -> str:
    act = every().get(entry.command)
    return format_html(
        '<strong>{}</strong><br><code class="office-meta">{}</code>',
        act.label if act else entry.command,
        entry.command,
    )


def _who(entry: Entry) -> str:
    if entry.actor_kind == "system":
        return gettext("the platform (%(name)s)") % {"name": entry.actor_label}
    return gettext("a visitor") if entry.actor_kind == "visitor" else entry.actor_label


class OutcomeColumn(Column):
    cell_template_name = "accounts/_outcome_cell.html"


class DetailColumn(Column):
    """What the act said of itself: counts, names of fields; never a personal value."""

    cell_template_name = "accounts/_detail_cell.html"

    def get_cell_context_data(self, instance: Entry, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        context: dict[str, Any] = super().get_cell_context_data(instance, parent_context)
        about = f"{instance.about_kind} {instance.about_id}".strip()
        context["about"] = about
        context["pairs"] = [
            (name, ", ".join(map(str, value)) if isinstance(value, list) else value)
            for name, value in instance.detail.items()
        ]
        return context


class Journal(BaseListingView):
    """Who did what, when, to how many; the latest first."""

    model = Entry
    page_title = _("Journal")
    header_icon = "history"
    index_url_name = "accounts:journal"
    index_results_url_name = "accounts:journal_results"
    verbose_name_plural = _("entries")
    filterset_class = JournalFilters
    paginate_by = 50
    default_ordering = "-id"
    columns = [
        Column("at", label=_("When"), accessor=lambda entry: date_format(localtime(entry.at), "SHORT_DATETIME_FORMAT")),
        Column("act", label=_("Act"), accessor=_act),
        Column("who", label=_("Who"), accessor=_who),
        OutcomeColumn("outcome", label=_("Outcome")),
        DetailColumn("detail", label=_("Detail"), classname="office-wide"),
    ]

    def get_valid_orderings(self) -> list[str]:
        return [self.default_ordering]
