"""Pages of the site: Wagtail's own serving, told apart from finding the page, and what stands there before any."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from wagtail.models import Page, Site
from wagtail.views import serve as serve_found

from portevoix.kernel.questions import looking_at
from portevoix.kernel.security import public_form
from portevoix.website.selectors.shell import ADDRESSES

A_DAY = 24 * 3600


@public_form
def serve(request: HttpRequest, path: str = "") -> HttpResponseBase:
    """Answer with the page of an address, or say that the site is not open yet.

    Wagtail reads the home page and each page on the way whole, to know their addresses alone: a kept page does not
    depend on the rest of them (docs/decisions/0024-what-a-publication-makes-stale.md).
    """
    with looking_at(ADDRESSES) as is_noted:
        is_open = bool(path) or has_opened(request)
        found = Page.route_for_request(request, path) if is_open else None
    if not is_open:
        return not_open_yet(request)
    if is_noted and found is not None:
        _forget_the_way(request, found[0])
    response: HttpResponseBase = serve_found(request, path)
    return response


def has_opened(request: HttpRequest) -> bool:
    """Tell whether there is a published home page of ours: the page that Wagtail makes for itself shows nothing."""
    site = Site.find_for_request(request)
    return site is not None and site.root_page.live and site.root_page.specific_class is not Page


def not_open_yet(request: HttpRequest) -> HttpResponse:
    """Say at the door that the site opens soon, and tell machines to come back."""
    response = render(request, "website/not_open.html", status=HTTPStatus.SERVICE_UNAVAILABLE)
    response.headers["Retry-After"] = str(A_DAY)
    return response


def _forget_the_way(request: HttpRequest, page: Page) -> None:
    """Read again, as a whole, whatever of the way is to be shown."""
    page.refresh_from_db()
    page.__dict__.pop("_cached_parent_obj", None)  # treebeard's
    Site._meta.get_field("root_page").delete_cached_value(Site.find_for_request(request))
