"""“Share this page”, for the team: links that say where they stand, a QR code, a form for another site."""

from __future__ import annotations

import io

import segno
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.text import slugify
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from portevoix.accounts.office import seen_by
from portevoix.actions import rules
from portevoix.actions.models import ActionPage
from portevoix.actions.selectors import sharing
from portevoix.actions.types import PersonField
from portevoix.actions.views.furniture import of_one
from portevoix.actions.views.office import READERS, page_or_404
from portevoix.actions.views.signatures import CARRIED
from portevoix.rights.purposes import Purpose
from portevoix.rights.selectors.imprint import legal_facts

TYPES = {"svg": "image/svg+xml", "png": "image/png"}
#: Where a printed code stands, unless the team says otherwise.
USUAL_PLACE = "affiche"


@require_safe
@seen_by(READERS)
def share(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the ways to pass a page on, ready to be copied."""
    page, place = page_or_404(pk), _place(request)
    context = {
        **of_one(page, gettext("Share this page"), "link"),
        "place": place,
        "address": address_of(page, place),
        "snippet": snippet(request, page),
        "ways": sharing.links_of(page) if page.live else [],
    }
    return render(request, "actions/office/share.html", context)


@require_safe
@seen_by(READERS)
def qr(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Draw the code of a page's address; a download where it is asked for."""
    if kind not in TYPES:
        raise Http404
    page, place = page_or_404(pk), _place(request)
    drawn = io.BytesIO()
    # A quarter of the code may be torn or dirty.
    code = segno.make(address_of(page, place), error="q", micro=False)
    code.save(drawn, kind=kind, scale=24 if kind == "png" else 8, border=4)
    headers = {}
    if "fichier" in request.GET:
        headers["Content-Disposition"] = f'attachment; filename="{page.slug}-{place}.{kind}"'
    return HttpResponse(drawn.getvalue(), content_type=TYPES[kind], headers=headers)


def address_of(page: ActionPage, place: str) -> str:
    """Return the address that a printed code holds: it says where the code stands."""
    return rules.with_origin(page.full_url or settings.BASE_URL, place, medium="qr")


def snippet(request: HttpRequest, page: ActionPage) -> str:
    """Return a form for another site, in the page's language: no frame, no script, nothing kept before our own page is
    sent; with what the law wants said where data is asked for: who answers for it, why, on what ground, where the rest
    is read (RGPD art. 13)."""
    asked = {question.key for question in page.asked}
    fields = [PersonField(name) for name in CARRIED if name in asked]
    address = settings.BASE_URL + reverse("actions:from_elsewhere", args=[page.pk])
    context = {
        "page": page,
        "fields": fields,
        "address": rules.with_origin(address, "integration", medium="site"),
        "publisher": legal_facts().publisher,
        "by_request": page.purpose == Purpose.SERVICE and not page.needs_a_channel,
    }
    with translation.override(page.locale.language_code):
        return render_to_string("actions/office/_snippet.html", context, request).strip()


def _place(request: HttpRequest) -> str:
    return slugify(request.GET.get("lieu", ""))[:40] or USUAL_PLACE
