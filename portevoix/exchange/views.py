"""Imports in the back office: send a file, see what it would bring, decide, watch, read the report."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST
from wagtail.admin import messages

from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.disclosure.services.answering import export_rows
from portevoix.exchange import selectors, services
from portevoix.exchange.forms import DecisionForm, FileForm
from portevoix.exchange.models import ImportRun
from portevoix.exchange.types import State
from portevoix.intake.exceptions import FileRefused

ACT = "exchange.receive_file"
PAGE_LENGTH = 30


def _trail(last: str = "") -> list[dict[str, str]]:
    way = [{"url": reverse("exchange:imports"), "label": gettext("Imports")}]
    return [*way, {"url": "", "label": last}] if last else way


def _run_or_404(pk: int) -> ImportRun:
    return get_object_or_404(ImportRun.objects.select_related("arrival"), pk=pk)


@seen_by_who_may(ACT)
def imports(request: HttpRequest) -> HttpResponse:
    """List the imports, and take a new file."""
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            run = services.receive_file(file.name, file.chunks(), by_worker=True, actor=actor_of(request))
        except FileRefused as refusal:
            form.add_error("file", str(refusal))
        else:
            return redirect("exchange:import", run.pk)
    context = {
        "form": form,
        "page": Paginator(ImportRun.objects.select_related("arrival"), PAGE_LENGTH).get_page(request.GET.get("p")),
        "header_title": gettext("Imports"),
        "header_icon": "upload",
        "breadcrumbs_items": _trail(),
    }
    return render(request, "exchange/imports.html", context, status=400 if form.errors else 200)


@seen_by_who_may(ACT)
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one import, whatever its state; htmx asks for its moving part alone."""
    run = _run_or_404(pk)
    context = {
        **_told(run),
        "header_title": str(run),
        "header_icon": "upload",
        "breadcrumbs_items": _trail(str(run)),
    }
    return render(
        request, "exchange/_import.html" if "HX-Request" in request.headers else "exchange/import.html", context
    )


def _told(run: ImportRun) -> dict[str, Any]:
    return {
        "run": run,
        "figures": selectors.figures(run),
        "consents": selectors.consents(run),
        "reasons": selectors.reasons(run),
        "tags_refused": selectors.tags_refused(run),
        "columns": selectors.columns(run),
        "has_opinions": any(column.get("field") == "support_level" for column in run.columns),
        "left_aside": run.arrival.left_aside.count(),
        "form": DecisionForm() if run.state in {State.READY, State.STOPPED} else None,
    }


@require_POST
@seen_by_who_may("exchange.start_import")
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the decision to import."""
    form = DecisionForm(request.POST)
    if form.is_valid():
        said = {"declares_grounds": form.declares_grounds, "declares_opinions": form.declares_opinions}
        services.start_import(pk, **said, by_worker=True, actor=actor_of(request))
    return redirect("exchange:import", _run_or_404(pk).pk)


@require_POST
@seen_by_who_may("exchange.give_up_import")
def give_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the decision not to."""
    run = services.give_up_import(_run_or_404(pk).pk, actor=actor_of(request))
    messages.success(request, gettext("%(file)s was given up, and its file erased.") % {"file": run})
    return redirect("exchange:imports")


@require_POST
@seen_by_who_may("disclosure.export_rows")
def left_aside(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Give back the rows left aside, with the reason for each."""
    run = _run_or_404(pk)
    header, rows = selectors.left_aside_table(run)
    purpose = gettext("rows left aside")
    file = export_rows(header, rows, purpose=purpose, about=run, actor=actor_of(request))
    name = f"{purpose} - {PurePath(str(run)).stem}.csv"
    return FileResponse(file, as_attachment=True, filename=name, content_type="text/csv")
