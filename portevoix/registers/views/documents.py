"""The record of processing and who can reach the data: pages, prints, versions, differences."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.views.decorators.http import require_POST
from wagtail.admin import messages
from wagtail.admin.widgets.button import HeaderButton

from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.kernel import clock
from portevoix.registers import writers
from portevoix.registers.models import Edition
from portevoix.registers.selectors import editions
from portevoix.registers.selectors.overview import overview
from portevoix.registers.selectors.reach import reach
from portevoix.registers.selectors.record import record
from portevoix.registers.services.editions import keep_edition
from portevoix.registers.types import Document

ACT = "registers.keep_edition"


def trail(last: str = "") -> list[dict[str, str]]:
    """Return the way from the registers to a page below them."""
    way = [{"url": reverse("registers:index"), "label": gettext("Registers")}]
    return [*way, {"url": "", "label": last}] if last else way


def framed(title: str, icon: str = "doc-full", **more: Any) -> dict[str, Any]:
    """Return what the frame of a screen needs."""
    return {"header_title": title, "header_icon": icon, "breadcrumbs_items": trail(title), **more}


def printed(document: Document, name: str, at: Any = None) -> HttpResponse:
    """Return a register as a PDF to open or keep."""
    answer = HttpResponse(writers.pdf(document, at=at or clock.now()), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def print_button(address: str) -> HeaderButton:
    return HeaderButton(gettext("PDF"), address, icon_name="download")


@seen_by_who_may(ACT)
def index(request: HttpRequest) -> HttpResponse:
    """Show the registers, and what is missing in each."""
    context = {"registers": overview(), "header_title": gettext("Registers"), "header_icon": "doc-full"}
    return render(request, "registers/index.html", {**context, "breadcrumbs_items": trail()})


@seen_by_who_may(ACT)
def show_record(request: HttpRequest) -> HttpResponse:
    """Show the record as it is now, or as it stood at the end of a day."""
    day = _day(request.GET.get("le", ""))
    if day is not None:
        edition = editions.as_of(day)
        if edition is None:
            raise Http404
        return redirect("registers:edition", edition.pk)
    context = framed(gettext("Record of processing"), document=record(), latest=editions.latest())
    context["header_buttons"] = [
        print_button(reverse("registers:record_pdf")),
        HeaderButton(gettext("Versions"), reverse("registers:editions"), icon_name="history"),
    ]
    return render(request, "registers/record.html", context)


def _day(said: str) -> date | None:
    try:
        return date.fromisoformat(said) if said else None
    except ValueError:
        return None


@seen_by_who_may(ACT)
def record_pdf(request: HttpRequest) -> HttpResponse:
    return printed(record(), "registre-des-traitements")


@seen_by_who_may(ACT)
def show_editions(request: HttpRequest) -> HttpResponse:
    """List the versions, the latest first."""
    context = framed(gettext("Versions of the record"), editions=Edition.objects.defer("content")[:500])
    return render(request, "registers/editions.html", context)


@require_POST
@seen_by_who_may(ACT)
def keep(request: HttpRequest) -> HttpResponse:
    """Keep a version now."""
    kept = keep_edition(actor=actor_of(request))
    said = gettext("This version is kept.") if kept else gettext("Nothing changed since the last version.")
    messages.success(request, said)
    return redirect("registers:editions")


@seen_by_who_may(ACT)
def show_edition(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a version, and what differs from the one before, or from another."""
    edition = get_object_or_404(Edition, pk=pk)
    since = Edition.objects.filter(pk=_number(request.GET.get("depuis", ""))).first()
    context = framed(capfirst(str(edition)), edition=edition, document=edition.document)
    context |= {
        "former": since or editions.before(edition),
        "changes": editions.changes(edition, since),
        "header_buttons": [print_button(reverse("registers:edition_pdf", args=[pk]))],
    }
    return render(request, "registers/edition.html", context)


def _number(said: str) -> int:
    return int(said) if said.isdecimal() and len(said) < 18 else 0


@seen_by_who_may(ACT)
def edition_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    edition = get_object_or_404(Edition, pk=pk)
    return printed(edition.document, f"registre-des-traitements-{edition.pk}", edition.at)


@seen_by_who_may(ACT)
def show_reach(request: HttpRequest) -> HttpResponse:
    """Show who can reach the data."""
    context = framed(gettext("Who can reach the data"), "view", document=reach())
    context["header_buttons"] = [print_button(reverse("registers:reach_pdf"))]
    return render(request, "registers/document.html", context)


@seen_by_who_may(ACT)
def reach_pdf(request: HttpRequest) -> HttpResponse:
    return printed(reach(), "qui-peut-acceder-aux-donnees")
