"""Pages of the site, and what stands in their place before there are any."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from wagtail.models import Page, Site
from wagtail.views import serve as wagtail_serve

from portevoix.kernel.security import public_form

A_DAY = 24 * 3600


@public_form
def serve(request: HttpRequest, path: str = "") -> HttpResponseBase:
    """Show a page, or that the site is not open yet."""
    response: HttpResponseBase = not_open_yet(request, path) or wagtail_serve(request, path)
    return response


def not_open_yet(request: HttpRequest, path: str) -> HttpResponse | None:
    """Say at the door that the site opens soon, and tell machines to come back; None once it is open.

    It is once there is a published home page of ours: the page that Wagtail makes for itself shows nothing.
    """
    site = Site.find_for_request(request)
    if path or (site is not None and site.root_page.live and site.root_page.specific_class is not Page):
        return None
    response = render(request, "website/not_open.html", status=HTTPStatus.SERVICE_UNAVAILABLE)
    response.headers["Retry-After"] = str(A_DAY)
    return response
