"""What everybody may read: the register of political advertisements and their notices, for eyes and for machines."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portevoix.kernel.security import public
from portevoix.mailings.models import Notice
from portevoix.mailings.types import Origin, Place

PAGE = 50
#: A file of more would be slow to read for everybody; the list goes on behind `next`.
FILE = 1000


@public
@require_safe
def register(request: HttpRequest) -> HttpResponse:
    """List the notices, the newest first."""
    page = Paginator(Notice.objects.latest_versions(), PAGE).get_page(request.GET.get("page"))
    return render(request, "mailings/register.html", {"page": page, "count": page.paginator.count})


@public
@require_safe
def register_file(request: HttpRequest) -> HttpResponse:
    """Give the register as JSON."""
    page = Paginator(Notice.objects.latest_versions(), FILE).get_page(request.GET.get("page"))
    told = {
        "notices": [_told(one) for one in page],
        "count": page.paginator.count,
        "next": page.next_page_number() if page.has_next() else None,
    }
    return JsonResponse(told, json_dumps_params={"ensure_ascii": False, "indent": 2})


@public
@require_safe
def notice(request: HttpRequest, code: str) -> HttpResponse:
    """Show one notice, its last version or another one."""
    versions = _versions(code)
    asked = request.GET.get("version", "")
    shown = next((one for one in versions if str(one.version) == asked), versions[0])
    amounts = shown.content["amounts"]
    context = {
        "notice": shown,
        "told": shown.content,
        "versions": versions,
        "origin": dict(Origin.choices).get(amounts["origin"], amounts["origin"]),
        "place": dict(Place.choices).get(amounts["place"], amounts["place"]),
        "euros": Decimal(amounts["euros"]),
        "days": {name: date.fromisoformat(day) for name, day in shown.content["period"].items()},
        "election_days": [date.fromisoformat(day) for day in shown.content["linked_to"]["election_days"]],
    }
    return render(request, "mailings/notice.html", context)


@public
@require_safe
def notice_file(request: HttpRequest, code: str) -> HttpResponse:
    """Give one notice with all its versions as JSON."""
    told = {"code": code, "versions": [_told(one) for one in _versions(code)]}
    return JsonResponse(told, json_dumps_params={"ensure_ascii": False, "indent": 2})


def _versions(code: str) -> list[Notice]:
    versions = list(Notice.objects.filter(code=code).order_by("-version"))
    if not versions:
        raise Http404
    return versions


def _told(one: Notice) -> dict[str, Any]:
    return {
        "code": one.code,
        "version": one.version,
        "published_at": one.first_at.isoformat(),
        "version_at": one.at.isoformat(),
        "correction": one.reason,
        "kept_until": one.kept_until.isoformat(),
        **one.content,
    }
