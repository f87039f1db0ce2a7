"""One segment: what it asks, whom it finds; and the page that asks before it is deleted."""

from __future__ import annotations

from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET, require_POST
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.widgets.button import HeaderButton

from portevoix.accounts.commands import acting, may
from portevoix.accounts.office import actor_of, seen_by, seen_by_who_may
from portevoix.accounts.types import Actor
from portevoix.segments import selectors, services
from portevoix.segments.criteria.membership import InSnapshot
from portevoix.segments.exceptions import InUse, InvalidTree
from portevoix.segments.models import Segment, Snapshot
from portevoix.segments.types import Group, UsedIn


def trail(*steps: tuple[str, str]) -> list[dict[str, str]]:
    """Return the way from the list of segments to this page."""
    way = [{"url": reverse("segments:list"), "label": gettext("Segments")}]
    return way + [{"url": address, "label": label} for address, label in steps]


@seen_by()
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what a segment asks, how many it finds and may be reached, and where it is used."""
    segment = get_object_or_404(Segment, pk=pk)
    context = {
        "segment": segment,
        "sentence": selectors.sentences([segment])[segment.pk],
        **_asked(request, segment),
        "uses": uses(request, segment),
        "snapshots": selectors.snapshots(segment, actor_of(request)),
        "sees_all": actor_of(request).departements is None,
        "is_about_opinions": _is_about_opinions(segment),
        "may_freeze": may(actor_of(request), "segments.freeze") and not _is_about_opinions(segment),
        "header_title": segment.name,
        "header_icon": "sliders",
        "breadcrumbs_items": trail(("", segment.name)),
        "header_buttons": _buttons(request, segment),
    }
    return render(request, "segments/segment.html", context)


@require_GET
@seen_by()
def snapshot_reach(request: HttpRequest, pk: int) -> HttpResponse:
    """Say how many of a snapshot may be reached today, by which ways, and why not the others."""
    snapshot = get_object_or_404(Snapshot.objects.select_related("segment"), pk=pk)
    question = Group(parts=(InSnapshot(snapshot=snapshot.pk),))
    address = reverse("segments:segment", args=[snapshot.segment_id])
    return shown_reach(request, question, str(snapshot), (address, snapshot.segment.name))


def shown_reach(
    request: HttpRequest, question: Group, title: str, way: tuple[str, str], *, is_total: bool = False
) -> HttpResponse:
    """Answer with the reach of a question: a part for the screen that asks for it, else a page of its own."""
    context = figures(request, question) | {"is_total": is_total}
    return answered(request, context, title, trail(way, ("", title)), "sliders")


def answered(
    request: HttpRequest, context: dict[str, object], title: str, way: list[dict[str, str]], icon: str
) -> HttpResponse:
    """Answer with figures: a part for the screen that asks for it, else a page of its own."""
    if request.headers.get("HX-Request") == "true":
        return render(request, "segments/_reach_of.html", context)
    context |= {"header_title": title, "header_icon": icon, "breadcrumbs_items": way}
    return render(request, "segments/reach.html", context)


@require_GET
@seen_by()
def count(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a segment's count alone, for the list that asks for each as it comes into view."""
    segment = get_object_or_404(Segment, pk=pk)
    return render(request, "segments/_count.html", _figures(request, segment))


@seen_by_who_may("segments.delete")
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a segment, after asking; not while other segments ask about it."""
    segment = get_object_or_404(Segment, pk=pk)
    address = reverse("segments:segment", args=[pk])
    if request.method == "POST":
        try:
            services.delete(segment, actor=actor_of(request))
        except InUse:
            return redirect("segments:delete", pk)
        messages.success(request, gettext("The segment “%(name)s” is deleted.") % {"name": segment.name})
        return redirect("segments:list")
    context = {
        "segment": segment,
        "used_by": selectors.used_by(segment),
        "asking": selectors.asking_about({segment.pk}, set(segment.snapshots.values_list("pk", flat=True))),
        "snapshots": segment.snapshots.count(),
        "header_title": gettext("Delete %(name)s") % {"name": segment.name},
        "header_icon": "bin",
        "breadcrumbs_items": trail((address, segment.name), ("", gettext("Delete"))),
    }
    return render(request, "segments/delete.html", context)


@require_POST
@seen_by_who_may("segments.freeze")
def freeze(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep whom a segment finds today."""
    segment = get_object_or_404(Segment, pk=pk)
    try:
        snapshot = services.freeze(segment, actor=actor_of(request))
    except InvalidTree as fault:
        messages.error(request, str(fault))
    else:
        kept = ngettext("%(number)s person is kept.", "%(number)s people are kept.", snapshot.count)
        messages.success(request, kept % {"number": intcomma(snapshot.count)})
    return redirect("segments:segment", pk)


@require_POST
@seen_by_who_may("segments.delete_snapshot")
def delete_snapshot(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget whom a segment found one day."""
    snapshot = get_object_or_404(Snapshot, pk=pk)
    try:
        services.delete_snapshot(snapshot, actor=actor_of(request))
    except InUse as fault:
        messages.error(request, gettext("This snapshot is still asked about: %(names)s.") % {"names": str(fault)})
    else:
        messages.success(request, gettext("The snapshot is deleted."))
    return redirect("segments:segment", snapshot.segment_id)


def uses(request: HttpRequest, segment: Segment) -> list[UsedIn]:
    """Return where a segment is used: other segments, then what the rooms above add."""
    found = [
        UsedIn(gettext("Segment"), other.name, reverse("segments:segment", args=[other.pk]))
        for other in selectors.used_by(segment)
    ]
    for add in hooks.get_hooks("construct_segment_uses"):
        add(request, segment, found)
    return found


def figures(request: HttpRequest, question: Group, *, with_sample: bool = False) -> dict[str, object]:
    """Return what a question comes to, for the reader, as the templates show it."""
    actor = actor_of(request)
    try:
        whole = selectors.resolved(question)
        reach = selectors.reach_in_time(whole, actor)
        tells = bool(reach and reach.people) and not selectors.is_about_opinions(whole)
        sample = selectors.sample_in_time(whole, actor) if with_sample and tells else []
    except InvalidTree as fault:
        return {"fault": str(fault)}
    if reach and selectors.is_few(whole, reach.people):
        return {"is_few": True, "least": selectors.LEAST}
    return {"reach": reach, "rows": selectors.reach_rows(reach), "is_late": reach is None, "sample": sample}


def _asked(request: HttpRequest, segment: Segment) -> dict[str, object]:
    try:
        lines = selectors.said(segment)
    except InvalidTree as fault:
        return {"fault": str(fault)}
    return {"lines": lines, **_figures(request, segment, with_sample=True)}


def _figures(request: HttpRequest, segment: Segment, *, with_sample: bool = False) -> dict[str, object]:
    try:
        question = segment.question
    except InvalidTree as fault:
        return {"fault": str(fault)}
    return {"segment": segment, **figures(request, question, with_sample=with_sample)}


def _is_about_opinions(segment: Segment) -> bool:
    try:
        return selectors.is_about_opinions(selectors.resolved(segment.question, of=segment))
    except InvalidTree:
        return False


def _may_edit(segment: Segment, actor: Actor) -> bool:
    try:
        selectors.check_editor(segment, acting(actor, "segments.save"))
    except InvalidTree:
        return False
    return may(actor, "segments.save")


def _buttons(request: HttpRequest, segment: Segment) -> list[HeaderButton]:
    actor = actor_of(request)
    buttons: list[HeaderButton] = []
    if _may_edit(segment, actor):
        address = reverse("segments:edit", args=[segment.pk])
        buttons.append(HeaderButton(gettext("Edit"), address, icon_name="edit", priority=10))
        copy = f"{reverse('segments:create')}?copie={segment.pk}"
        buttons.append(HeaderButton(gettext("Duplicate"), copy, icon_name="copy", priority=20))
    if may(actor, "segments.delete"):
        address = reverse("segments:delete", args=[segment.pk])
        buttons.append(HeaderButton(gettext("Delete"), address, icon_name="bin", priority=90))
    for add in hooks.get_hooks("construct_segment_buttons"):
        add(request, segment, buttons)
    return sorted(buttons)
