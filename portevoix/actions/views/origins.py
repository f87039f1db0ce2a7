"""Where the participants of one action came from: figures and a file, nobody in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import slugify
from django.utils.translation import gettext
from django.views.decorators.http import require_safe
from wagtail.admin.ui.components import Component

from portevoix.accounts.office import actor_of, seen_by
from portevoix.actions.models import ActionPage
from portevoix.actions.selectors import origins
from portevoix.actions.views.furniture import of_one
from portevoix.actions.views.office import READERS, page_or_404
from portevoix.disclosure.services import totals
from portevoix.kernel import clock

SPANS = (7, 30, 90, 365)
USUAL = 30


class OriginsPanel(Component):
    """What came of the visits of thirty days, and the way to the rest."""

    template_name = "actions/office/_origins_panel.html"
    order = 20

    def __init__(self, page: ActionPage) -> None:
        self.page = page

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        return {"page": self.page, "found": origins.conversion(self.page, USUAL)}


@require_safe
@seen_by(READERS)
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what came of the visits, by day, by site and by link."""
    page, span = page_or_404(pk), _span(request)
    frame = of_one(page, gettext("Where participants come from"), "view")
    context = {**frame, "found": origins.conversion(page, span), "span": span, "spans": SPANS}
    context["recruiters"] = origins.recruiters(page, span, actor_of(request)) if page.gives_links else []
    return render(request, "actions/office/origins.html", context)


@require_safe
@seen_by(READERS)
def download(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the same figures as a table."""
    page = page_or_404(pk)
    tables = origins.as_totals(page, origins.conversion(page, _span(request)))
    file = totals.export_totals(tables, "csv", about=f"actions.origins {page.pk}", actor=actor_of(request))
    name = f"{slugify(page.title) or 'action'}-{clock.today():%Y-%m-%d}.csv"
    return HttpResponse(
        file, content_type="text/csv", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _span(request: HttpRequest) -> int:
    wanted = request.GET.get("jours", "")
    return int(wanted) if wanted in map(str, SPANS) else USUAL
