"""Suggestions of communes, as one types."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from portevoix.accounts.office import seen_by
from portevoix.territory import selectors
from portevoix.territory.forms import written

MOST = 8


@require_GET
@seen_by()
def communes(request: HttpRequest) -> HttpResponse:
    """Offer what the only value sent may become; the field that asks has a name of its own."""
    text = str(next(iter(request.GET.values()), ""))
    names = [written(commune) for commune in selectors.communes_beginning(text[:100], MOST)]
    return render(request, "territory/_commune_options.html", {"names": names})
