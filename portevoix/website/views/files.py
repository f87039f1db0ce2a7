"""Files of the site: theme, pictures, recordings, icons, what robots read. Errors are templates (404.html …)."""

from __future__ import annotations

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.static import serve as serve_file
from wagtail.contrib.sitemaps.views import sitemap as wagtail_sitemap

from portevoix.kernel.security import public
from portevoix.website.models import Identity, Recording
from portevoix.website.rules.files import type_of
from portevoix.website.rules.naming import short_name
from portevoix.website.selectors import Shell
from portevoix.website.selectors.mapping import SiteMap
from portevoix.website.selectors.sharing import ICON_SIZES, icon_of, share_address, share_card_of, shared_page
from portevoix.website.views.ranges import given

FOR_EVER = "public, max-age=31536000, immutable"
#: A picture is data: it may carry no script and ask for nothing, even when opened by itself.
INERT = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@public
def theme(request: HttpRequest, digest: str) -> HttpResponseBase:
    """Give the campaign's colours; an address of an earlier look leads to the one of today, and is not kept."""
    shell = Shell(request)
    if request.path != shell.theme_url:
        leading = redirect(shell.theme_url)
        leading.headers["Cache-Control"] = "no-store"
        return leading
    return HttpResponse(
        shell.identity.theme, content_type="text/css; charset=utf-8", headers={"Cache-Control": FOR_EVER}
    )


@public
def picture(request: HttpRequest, path: str) -> HttpResponseBase:
    """Give a picture at the size a page shows it; originals and other files are never given."""
    response = serve_file(request, path, document_root=str(settings.MEDIA_ROOT / "images"))
    if isinstance(response, FileResponse):
        response.headers["Cache-Control"] = "public, max-age=86400"
    response.headers["Content-Security-Policy"] = INERT
    return response


@public
def recording(request: HttpRequest, path: str) -> HttpResponseBase:
    """Give a video, a sound or captions that a recording of ours names; players ask for parts."""
    name = f"recordings/{path}"
    if not Recording.objects.filter(file=name).exists() and not Recording.objects.filter(captions=name).exists():
        raise Http404
    kind = "text/vtt; charset=utf-8" if path.endswith(".vtt") else type_of(path)
    response = given(request, name, kind)
    response.headers["Content-Security-Policy"] = INERT
    return response


@public
def share(request: HttpRequest, pk: int, digest: str) -> HttpResponseBase:
    """Give the picture of a published page; an address of an earlier look leads to the one of today."""
    page = get_object_or_404(shared_page(pk))
    today = share_address(page, Identity.load(request))
    if request.path != today:
        return redirect(today)
    drawn = share_card_of(page, Identity.load(request))
    return HttpResponse(drawn, content_type="image/png", headers={"Cache-Control": FOR_EVER})


@public
def icon(request: HttpRequest, size: int) -> HttpResponseBase:
    """Give the site's icon at one of the sizes that telephones ask for."""
    if size not in ICON_SIZES:
        raise Http404
    drawn = icon_of(Identity.load(request), size)
    return HttpResponse(drawn, content_type="image/png", headers={"Cache-Control": "public, max-age=86400"})


@public
def manifest(request: HttpRequest) -> HttpResponse:
    """Say what the site is called and looks like on a telephone's first screen."""
    identity = Identity.load(request)
    content = {
        "id": "/",
        "name": identity.public_name,
        "short_name": short_name(identity.public_name),
        "description": identity.slogan,
        "lang": settings.LANGUAGE_CODE,
        "start_url": Shell(request).home_url,
        "scope": "/",
        "display": "minimal-ui",
        "theme_color": identity.brand,
        "background_color": identity.paper,
        "icons": [
            {"src": reverse("website:icon", args=[size]), "sizes": f"{size}x{size}", "type": "image/png"}
            for size in ICON_SIZES
        ],
    }
    return JsonResponse(content, json_dumps_params={"ensure_ascii": False}, content_type="application/manifest+json")


@public
def gpc(request: HttpRequest) -> HttpResponse:
    """Say that Global Privacy Control is honoured, where its specification looks for it."""
    return JsonResponse({"gpc": True, "lastUpdate": "2026-11-30"})


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
    """List the published pages, each with its versions in other languages."""
    response: HttpResponseBase = wagtail_sitemap(request, {"pages": SiteMap})
    return response
