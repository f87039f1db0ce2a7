"""Audits in the back office: the campaign's own site, the sites that are watched, one audit with its evidence."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin import messages
from wagtail.admin.widgets.button import HeaderButton

from portevoix.accounts.office import actor_of, seen_by
from portevoix.auditor import connectors, selectors, services
from portevoix.auditor.exceptions import NotPossible
from portevoix.auditor.forms import WatchForm
from portevoix.auditor.models import Audit, AuditedSite, AuditPicture
from portevoix.auditor.types import REMEDIES, VIEWERS, Fault, Rhythm

ICON = "clipboard-list"


def framed(title: str, *way: tuple[str, str], **more: Any) -> dict[str, Any]:
    """Return what the frame of a screen needs."""
    trail = [(reverse("auditor:sites"), gettext("Audits")), *way, ("", title)]
    items = [{"url": url, "label": label} for url, label in trail]
    return {"header_title": title, "header_icon": ICON, "breadcrumbs_items": items, **more}


def hindrance() -> str:
    """Return why no audit can be made on this server, and what to install."""
    why = connectors.fault()
    return f"{Fault(why).label} {REMEDIES[Fault(why)]}" if why else ""


def shortfall() -> str:
    """Return which lists are missing, where an audit can be made all the same: much would be unknown."""
    missing = [] if connectors.fault() else connectors.missing_lists()
    said = gettext("Lists of the auditor are missing: %(names)s. Run “portevoix audit --update-lists”.")
    return said % {"names": ", ".join(missing)} if missing else ""


@require_safe
@seen_by(VIEWERS)
def sites(request: HttpRequest) -> HttpResponse:
    """Show how the campaign's own site stands, and those that are watched."""
    lines = selectors.lines()
    context = {
        "header_title": gettext("Audits"),
        "header_icon": ICON,
        "header_buttons": [HeaderButton(gettext("Watch a site"), reverse("auditor:watch"), icon_name="plus")],
        "breadcrumbs_items": [{"url": "", "label": gettext("Audits")}],
        "own": next((line for line in lines if line.site.is_own), None),
        "watched": [line for line in lines if not line.site.is_own],
        "hindrance": hindrance(),
        "shortfall": shortfall(),
    }
    return render(request, "auditor/sites.html", context)


@require_safe
@seen_by(VIEWERS)
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the last audit of a site, with its history."""
    site = get_object_or_404(AuditedSite.objects.select_related("asked_by"), pk=pk)
    return _shown(request, site, selectors.last_with_report(site))


@require_safe
@seen_by(VIEWERS)
def past(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one audit of the history."""
    audit = _with_report(pk)
    return _shown(request, audit.site, audit)


def _with_report(pk: int) -> Audit:
    return get_object_or_404(Audit.objects.exclude(report=None).select_related("site"), pk=pk)


def _shown(request: HttpRequest, site: AuditedSite, audit: Audit | None) -> HttpResponse:
    title = gettext("The campaign’s own site") if site.is_own else site.name
    buttons = []
    if not site.is_own:
        buttons.append(HeaderButton(gettext("Change"), reverse("auditor:change", args=[site.pk]), icon_name="edit"))
    if audit:
        buttons.append(HeaderButton(gettext("As data"), reverse("auditor:json", args=[audit.pk]), icon_name="download"))
    context = framed(
        title,
        site=site,
        shown=selectors.shown(audit) if audit else None,
        marks=selectors.marks(audit) if audit else [],
        history=selectors.history(site, audit.pk if audit else None),
        clock=selectors.clock_of(site),
        last_fault=selectors.last_fault(site),
        hindrance=hindrance(),
        shortfall=shortfall(),
        header_buttons=buttons,
    )
    return render(request, "auditor/site.html", context)


@require_safe
@seen_by(VIEWERS)
def clock_own(request: HttpRequest) -> HttpResponse:
    """Tell how far the audit of the campaign's own site is."""
    return _clock(request, AuditedSite.objects.own().first())


@require_safe
@seen_by(VIEWERS)
def clock(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell how far the audit of a site is."""
    return _clock(request, get_object_or_404(AuditedSite, pk=pk))


def _clock(request: HttpRequest, site: AuditedSite | None) -> HttpResponse:
    """Show the time that went by; once the audit is over, have the page loaded again with what it found."""
    going = selectors.clock_of(site) if site else None
    answer = render(request, "auditor/_clock.html", {"clock": going, "action": request.path})
    if going is None:
        answer["HX-Refresh"] = "true"
    return answer


@require_POST
@seen_by(VIEWERS)
def ask_own(request: HttpRequest) -> HttpResponse:
    """Have the campaign's own site audited now."""
    return _asked(request, None)


@require_POST
@seen_by(VIEWERS)
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a site audited now."""
    return _asked(request, get_object_or_404(AuditedSite, pk=pk))


def _asked(request: HttpRequest, site: AuditedSite | None) -> HttpResponse:
    try:
        services.ask(site, actor=actor_of(request))
    except NotPossible as reason:
        messages.error(request, str(reason))
    else:
        messages.success(request, gettext("The audit begins as soon as the worker is free; it takes a minute or two."))
    return redirect("auditor:site", site.pk) if site and not site.is_own else redirect("auditor:sites")


@seen_by(VIEWERS)
def watch(request: HttpRequest) -> HttpResponse:
    """Watch another site."""
    form = WatchForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        site = services.watch(
            name=said["name"], url=said["url"], rhythm=Rhythm(said["rhythm"]), actor=actor_of(request)
        )
        messages.success(request, gettext("“%(name)s” is watched; a first audit is asked for.") % {"name": site.name})
        return redirect("auditor:site", site.pk)
    context = framed(gettext("Watch a site"), form=form, hindrance=hindrance())
    return render(request, "auditor/watch.html", context, status=400 if form.errors else 200)


@seen_by(VIEWERS)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Call a watched site otherwise, audit it more or less often, or watch it no more."""
    site = get_object_or_404(AuditedSite, pk=pk, is_own=False)
    form = WatchForm(request.POST or None, site=site)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        services.change_watch(site, name=said["name"], rhythm=Rhythm(said["rhythm"]), actor=actor_of(request))
        return redirect("auditor:site", pk)
    way = (reverse("auditor:site", args=[pk]), site.name)
    context = framed(gettext("Change"), way, form=form, site=site)
    return render(request, "auditor/watch.html", context, status=400 if form.errors else 200)


@require_POST
@seen_by(VIEWERS)
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Watch a site no more."""
    site = get_object_or_404(AuditedSite, pk=pk, is_own=False)
    services.stop_watching(site, actor=actor_of(request))
    messages.success(request, gettext("“%(name)s” is watched no more.") % {"name": site.name})
    return redirect("auditor:sites")


@require_safe
@seen_by(VIEWERS)
def as_json(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a report as the command line writes it."""
    audit = _with_report(pk)
    answer = JsonResponse(audit.report, json_dumps_params={"ensure_ascii": False, "indent": 1})
    answer["Content-Disposition"] = f'attachment; filename="audit-{audit.began_at:%Y-%m-%d}-{pk}.json"'
    return answer


@require_safe
@seen_by(VIEWERS)
def picture(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Give a picture of an audit."""
    found = get_object_or_404(AuditPicture, audit=pk, name=name)
    answer = HttpResponse(bytes(found.jpeg), content_type="image/jpeg")
    answer["Cache-Control"] = "private, max-age=3600"
    return answer
