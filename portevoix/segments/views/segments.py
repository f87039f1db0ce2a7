"""One segment: what it asks, whom it finds; and the page that asks before it is deleted."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.widgets.button import HeaderButton

from portevoix.accounts.commands import may
from portevoix.accounts.office import actor_of, seen_by, seen_by_who_may
from portevoix.segments import selectors, services
from portevoix.segments.exceptions import InvalidTree
from portevoix.segments.models import Segment


def trail(*steps: tuple[str, str]) -> list[dict[str, str]]:
    """Return the way from the list of segments to this page."""
    way = [{"url": reverse("segments:list"), "label": gettext("Segments")}]
    return way + [{"url": address, "label": label} for address, label in steps]


@seen_by()
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what a segment asks and how many it finds."""
    segment = get_object_or_404(Segment, pk=pk)
    context = {
        "segment": segment,
        "sentence": selectors.sentences([segment])[segment.pk],
        **_figures(request, segment),
        "header_title": segment.name,
        "header_icon": "sliders",
        "breadcrumbs_items": trail(("", segment.name)),
        "header_buttons": _buttons(request, segment),
    }
    return render(request, "segments/segment.html", context)


@require_GET
@seen_by()
def count(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a segment's count alone, for the list that asks for each as it comes into view."""
    segment = get_object_or_404(Segment, pk=pk)
    return render(request, "segments/_count.html", _figures(request, segment))


@seen_by_who_may("segments.delete")
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a segment, after asking."""
    segment = get_object_or_404(Segment, pk=pk)
    if request.method == "POST":
        services.delete(segment, actor=actor_of(request))
        messages.success(request, gettext("The segment “%(name)s” is deleted.") % {"name": segment.name})
        return redirect("segments:list")
    address = reverse("segments:segment", args=[pk])
    context = {
        "segment": segment,
        "header_title": gettext("Delete %(name)s") % {"name": segment.name},
        "header_icon": "bin",
        "breadcrumbs_items": trail((address, segment.name), ("", gettext("Delete"))),
    }
    return render(request, "segments/delete.html", context)


def _figures(request: HttpRequest, segment: Segment) -> dict[str, object]:
    try:
        reach = selectors.reach_in_time(segment.question, actor_of(request))
    except InvalidTree as fault:
        return {"segment": segment, "fault": str(fault)}
    return {"segment": segment, "reach": reach, "is_late": reach is None}


def _buttons(request: HttpRequest, segment: Segment) -> list[HeaderButton]:
    actor = actor_of(request)
    buttons: list[HeaderButton] = []
    if may(actor, "segments.save"):
        address = reverse("segments:edit", args=[segment.pk])
        buttons.append(HeaderButton(gettext("Edit"), address, icon_name="edit", priority=10))
    if may(actor, "segments.delete"):
        address = reverse("segments:delete", args=[segment.pk])
        buttons.append(HeaderButton(gettext("Delete"), address, icon_name="bin", priority=90))
    for add in hooks.get_hooks("construct_segment_buttons"):
        add(request, segment, buttons)
    return sorted(buttons)
