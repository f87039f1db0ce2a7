"""Addresses of the site that are not pages: theme, pictures, what robots read. Errors are templates (404.html …)."""

from __future__ import annotations

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.views.static import serve as serve_file
from wagtail.contrib.sitemaps.views import sitemap as wagtail_sitemap

from portevoix.kernel.security import public
from portevoix.website.models import Identity

FOR_EVER = "public, max-age=31536000, immutable"
#: A picture is data: it may carry no script and ask for nothing, even when opened by itself.
INERT = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@public
def theme(request: HttpRequest, digest: str) -> HttpResponse:
    """Give the campaign's colours; the digest in the address changes with them."""
    sheet = Identity.load(request).theme
    return HttpResponse(sheet, content_type="text/css; charset=utf-8", headers={"Cache-Control": FOR_EVER})


@public
def picture(request: HttpRequest, path: str) -> HttpResponseBase:
    """Give a picture at the size a page shows it; originals and other files are never given."""
    response = serve_file(request, path, document_root=str(settings.MEDIA_ROOT / "images"))
    if isinstance(response, FileResponse):
        response.headers["Cache-Control"] = "public, max-age=86400"
    response.headers["Content-Security-Policy"] = INERT
    return response


@public
def robots(request: HttpRequest) -> HttpResponse:
    """Tell search engines what to read."""
    lines = [
        "User-agent: *",
        f"Disallow: {reverse('wagtailadmin_home')}",
        "",
        f"Sitemap: {request.build_absolute_uri(reverse('website:sitemap'))}",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@public
def sitemap(request: HttpRequest) -> HttpResponseBase:
    """List the published pages."""
    response: HttpResponseBase = wagtail_sitemap(request)
    return response
