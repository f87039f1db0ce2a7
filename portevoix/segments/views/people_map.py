"""Where people live: a map, and the same figures in a table for those who do not see it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from portevoix.accounts.office import actor_of, seen_by
from portevoix.kernel.ordering import Unaccented
from portevoix.segments import selectors
from portevoix.segments.exceptions import InvalidTree
from portevoix.segments.models import Segment
from portevoix.segments.selectors import geography
from portevoix.segments.selectors.geography import Area
from portevoix.segments.types import Group
from portevoix.segments.views.segments import shown_reach
from portevoix.territory import selectors as territory

#: The orders of the table, by the name that the address gives them.
ORDERS: dict[str, Callable[[Area], Any]] = {
    "nom": lambda area: 0,
    "nombre": lambda area: (area.is_few, -area.people),
    "taux": lambda area: (area.is_few, -(area.rate or 0)),
}


@require_GET
@seen_by()
def show(request: HttpRequest) -> HttpResponse:
    """Show the map and its table."""
    segment = _segment(request)
    question = _question(request, segment)
    found = geography.spread(question, actor_of(request))
    order = request.GET.get("tri", "nombre")
    order = order if order in ORDERS else "nombre"
    context = {
        "segment": segment,
        "segments": Segment.objects.order_by(Unaccented("name")),
        "areas": sorted(found.areas, key=ORDERS[order]),
        "words": json.dumps(_words()),
        "figures": {area.code: _told(area) for area in found.areas},
        "elsewhere": 0 if selectors.is_few(question, found.elsewhere) else found.elsewhere,
        "least": selectors.LEAST,
        "order": order,
        "contours": territory.DEPARTEMENTS,
        "insets": territory.INSETS,
        "header_title": gettext("Map"),
        "header_icon": "map",
        "breadcrumbs_items": [{"url": "", "label": gettext("Map")}],
    }
    return render(request, "segments/map.html", context)


@require_GET
@seen_by()
def reach(request: HttpRequest) -> HttpResponse:
    """Say how many of those on the map may be reached, by which ways, and why not the others."""
    segment = _segment(request)
    way = (f"{reverse('segments:map')}?{request.GET.urlencode()}", gettext("Map"))
    title = gettext("Reach: %(whom)s") % {"whom": segment.name if segment else gettext("Everybody")}
    return shown_reach(request, _question(request, segment), title, way, is_total=True)


@require_GET
@seen_by()
def hexagons(request: HttpRequest, resolution: int) -> HttpResponse:
    """Give the hexagons that the map draws when one comes close."""
    if resolution not in geography.RESOLUTIONS:
        raise Http404
    question = _question(request, _segment(request))
    return JsonResponse(geography.hexagons(question, actor_of(request), resolution))


def _segment(request: HttpRequest) -> Segment | None:
    pk = request.GET.get("segment", "")
    return get_object_or_404(Segment, pk=int(pk)) if pk.isdecimal() and len(pk) < 19 else None


def _question(request: HttpRequest, segment: Segment | None) -> Group:
    try:
        question = selectors.resolved(segment.question) if segment else Group()
        selectors.check_reader(question, actor_of(request))
        return question
    except InvalidTree as fault:
        raise Http404(str(fault)) from fault


def _words() -> dict[str, Any]:
    """Return what the map says, its own controls included, in the reader's language."""
    return {
        "title": gettext("Map of France: people by département"),
        "people": gettext("people"),
        "few": gettext("fewer than %(least)s") % {"least": selectors.LEAST},
        "none": gettext("nobody"),
        "rate": gettext("for 10,000 inhabitants"),
        "controls": {
            "Map.Title": gettext("Map of France: people by département"),
            "NavigationControl.ZoomIn": gettext("Come closer"),
            "NavigationControl.ZoomOut": gettext("Step back"),
            "Popup.Close": gettext("Close"),
            "CooperativeGesturesHandler.MobileHelpText": gettext("Use two fingers to move the map"),
            "CooperativeGesturesHandler.WindowsHelpText": gettext("Hold Ctrl to zoom with the wheel"),
            "CooperativeGesturesHandler.MacHelpText": gettext("Hold ⌘ to zoom with the wheel"),
        },
    }


def _told(area: Area) -> dict[str, Any]:
    told: dict[str, Any] = {"name": area.name, "rate": area.rate}
    return told | ({"few": True} if area.is_few else {"people": area.people})
