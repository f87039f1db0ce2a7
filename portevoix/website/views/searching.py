"""The search of the public site: what is asked is neither kept nor counted."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portevoix.kernel.security import public
from portevoix.website.selectors.searching import pages_about

MOST_CHARACTERS = 120
PER_PAGE = 15


@public
def search(request: HttpRequest) -> HttpResponse:
    """Find the published pages that speak of something, in the language of the address."""
    asked = request.GET.get("q", "").replace("\x00", "").strip()[:MOST_CHARACTERS]
    listing = Paginator(pages_about(asked), PER_PAGE).get_page(request.GET.get("page"))
    context = {"asked": asked, "listing": listing}
    response = render(request, "website/search.html", context)
    response.headers["Cache-Control"] = "private, no-store"
    return response
