"""Exports: order one for a stated reason, watch it, take its password and its file, destroy it."""

from __future__ import annotations

from django.conf import settings
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from wagtail.admin import messages

from portevoix.accounts.commands import may
from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.accounts.types import System
from portevoix.disclosure.exceptions import AlreadyShown, Narrowed, NoFile, NotYours
from portevoix.disclosure.forms import ExportForm
from portevoix.disclosure.models import Export
from portevoix.disclosure.selectors import HANDED_LABELS, label_of
from portevoix.disclosure.services import exporting
from portevoix.kernel import clock
from portevoix.people.exceptions import Impossible
from portevoix.people.filters import meant
from portevoix.people.office import reach_of
from portevoix.people.selectors import MOST_COUNTED
from portevoix.rights import gate

ACT = "disclosure.order_export"
PAGE_LENGTH = 30


def trail(last: str = "") -> list[dict[str, str]]:
    """Return the way from the list of exports to a page below it."""
    way = [{"url": reverse("disclosure:exports"), "label": gettext("Exports")}]
    return [*way, {"url": "", "label": last}] if last else way


def _export_or_404(request: HttpRequest, pk: int) -> Export:
    return get_object_or_404(Export.objects.visible_to(actor_of(request)), pk=pk)


@seen_by_who_may(ACT)
def order(request: HttpRequest) -> HttpResponse:
    """Ask why and what, then have the file made; the address is narrowed like that of the list of persons."""
    actor, back = actor_of(request), f"{reverse('people:list')}?{request.GET.urlencode()}"
    try:
        people = meant(request, request.GET, actor)
    except Impossible as reason:
        messages.error(request, str(reason))
        return redirect(back)
    form = ExportForm(request.POST or None, masked=gate.masked_fields(actor))
    if request.method == "POST" and form.is_valid():
        purpose = form.cleaned_data["purpose"]
        disclosure = gate.reveal(people, actor=actor, purpose=purpose, fields=form.wanted)
        return redirect("disclosure:file", exporting.order_export(disclosure, by_worker=True, actor=actor).pk)
    count = people.count()
    context = {
        "form": form,
        "count": count,
        "reach": reach_of(request.GET.urlencode(), is_quick=count <= MOST_COUNTED),
        "days": settings.INSTANCE.disclosure.export_days,
        "canary_domain": settings.INSTANCE.disclosure.canary_domain,
        "back": back,
        "header_title": gettext("Export people"),
        "header_icon": "download",
        "breadcrumbs_items": [
            {"url": reverse("people:list"), "label": gettext("People")},
            {"url": "", "label": pgettext("button", "Export")},
        ],
    }
    return render(request, "disclosure/order.html", context, status=400 if form.errors else 200)


@seen_by_who_may(ACT)
def exports(request: HttpRequest) -> HttpResponse:
    """List the exports: one's own, or all for who answers for them."""
    found = Export.objects.visible_to(actor_of(request))
    context = {
        "page": Paginator(found, PAGE_LENGTH).get_page(request.GET.get("p")),
        "is_overseer": may(actor_of(request), "disclosure.identify_leak"),
        "header_title": gettext("Exports"),
        "header_icon": "download",
        "breadcrumbs_items": trail(),
    }
    return render(request, "disclosure/exports.html", context)


@seen_by_who_may(ACT)
@never_cache
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one export, whatever its state; htmx asks for its moving part alone."""
    return _shown(request, _export_or_404(request, pk))


def _shown(request: HttpRequest, export: Export, password: str = "") -> HttpResponse:
    context = {
        "export": export,
        "fields": [HANDED_LABELS.get(name) or label_of(name) for name in export.fields],
        "is_mine": export.was_asked_by(actor_of(request)),
        "password": password,
        "canaries": export.canaries.count(),
        "heard": export.canaries.filter(times_heard__gt=0).count(),
        "header_title": str(export),
        "header_icon": "download",
        "breadcrumbs_items": trail(str(export)),
    }
    template = "disclosure/_export.html" if "HX-Request" in request.headers else "disclosure/export.html"
    return render(request, template, context)


@require_POST
@seen_by_who_may("disclosure.show_password")
@never_cache
def password(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the password, in this answer and never again."""
    try:
        said = exporting.show_password(_export_or_404(request, pk).pk, actor=actor_of(request))
    except NotYours:
        raise Http404 from None
    except Narrowed:
        return _ended(request, pk)
    except (AlreadyShown, NoFile):
        messages.error(request, gettext("This password was shown already. Destroy this export and order another one."))
        return redirect("disclosure:file", pk)
    return _shown(request, Export.objects.get(pk=pk), said)


@require_POST
@seen_by_who_may("disclosure.download_export")
def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Give the file to who asked for it, and write that down."""
    try:
        export, file = exporting.download_export(_export_or_404(request, pk).pk, actor=actor_of(request))
    except NotYours:
        raise Http404 from None
    except Narrowed:
        return _ended(request, pk)
    except NoFile:
        messages.error(request, gettext("This export has no file any more."))
        return redirect("disclosure:file", pk)
    name = f"export-{export.pk}-{clock.today():%Y-%m-%d}.zip"
    return FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")


def _ended(request: HttpRequest, pk: int) -> HttpResponse:
    """Destroy what its asker may not see any more, and say so."""
    exporting.destroy_narrowed(pk, actor=System("disclosure.destroy_narrowed"))
    messages.error(request, gettext("You may see less than when you asked for this export: its file is destroyed."))
    return redirect("disclosure:file", pk)


@require_POST
@seen_by_who_may("disclosure.destroy_export")
def destroy(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel an export that is being made, destroy one that is ready."""
    exporting.destroy_export(_export_or_404(request, pk).pk, actor=actor_of(request))
    messages.success(request, gettext("The export is ended, and no file of it is left here."))
    return redirect("disclosure:file", pk)


@require_POST
@seen_by_who_may("disclosure.confirm_recall")
def recall(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the word of who downloaded the file that its copies are destroyed."""
    try:
        exporting.confirm_recall(_export_or_404(request, pk).pk, actor=actor_of(request))
    except NotYours:
        raise Http404 from None
    messages.success(request, gettext("Thank you: it is written down."))
    return redirect("disclosure:file", pk)
