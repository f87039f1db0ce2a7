"""Public pages around an action: everybody who agreed to be shown, and forms that begin on another site."""

from __future__ import annotations

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from wagtail.models import Page, Site

from portevoix.actions import rules
from portevoix.actions.forms import form_of
from portevoix.actions.models import ActionPage, SharePage, SignedPage
from portevoix.actions.selectors import sharing, signatures
from portevoix.actions.selectors.around import around
from portevoix.actions.selectors.origins import path_of
from portevoix.actions.types import Origin
from portevoix.kernel.security import public

#: What a form on another site may bring along: never an answer, never an agreement.
CARRIED = ("email", "first_name", "last_name", "postcode")
LONGEST = 254


def live_page_or_404(pk: int) -> Page:
    """Return a published page that everybody may read, as what it is."""
    page = Page.objects.live().public().filter(pk=pk).specific().first()
    if page is None:
        raise Http404
    return page


@public
@require_safe
def signatories(request: HttpRequest, pk: int) -> HttpResponse:
    """List everybody who agreed that their name be shown, page by page."""
    page = live_page_or_404(pk)
    if not isinstance(page, SignedPage) or not page.shows_names:
        raise Http404
    with translation.override(page.locale.language_code):
        listing = Paginator(signatures.signatories(page), signatures.A_PAGE).get_page(request.GET.get("page"))
        context = {
            "action": page,
            "listing": listing,
            "signatories": [signatures.as_shown(taken, page) for taken in listing],
            "count": signatures.count_of(page),
        }
        return render(request, "actions/signatories.html", context)


@public
@csrf_exempt
@never_cache
def from_elsewhere(request: HttpRequest, pk: int) -> HttpResponse:
    """Take up a form that was begun on another site: show it here, filled in, nothing ticked and nothing kept.

    Any site may post here, which is the point: nothing is written before our own page is sent.
    """
    page = live_page_or_404(pk)
    if not isinstance(page, ActionPage):
        raise Http404
    origin = {name: request.GET.get(name, "") for name in ("utm_source", "utm_medium", "utm_campaign")}
    query = urlencode({name: said for name, said in origin.items() if rules.origin_word(said)})
    address = f"{page.url}?{query}" if query else page.url
    if request.method != "POST":
        return redirect(address)
    with translation.override(page.locale.language_code):
        brought = {name: request.POST.get(name, "")[:LONGEST] for name in CARRIED}
        came_from = Origin(referrer=rules.host_of(request.headers.get("Referer", "")))
        form = form_of(page)(page=page, initial=brought, origin=came_from)
        # Read by the audience counter.
        request.counted_as, request.begins_a_visit = path_of(page), True  # type: ignore[attr-defined]
        context = {"form": form, "sent": False, "action": address, **around(page, {})}
        return render(request, page.get_template(request), context)


def share_page(request: HttpRequest, page: SharePage) -> HttpResponse:
    """Show the words to pass on and the ways to do it."""
    site = Site.find_for_request(request)
    if site is None:
        raise Http404
    target = page.target.specific if page.target and page.target.live else site.root_page.localized
    context = {"page": page, **sharing.passed_on(target, text=page.share_text)}
    return render(request, page.get_template(request), context)
