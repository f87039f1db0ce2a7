"""Where providers of text messages call, and where the team reads what was answered."""

from __future__ import annotations

import hmac
from contextlib import suppress

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portevoix.accounts.commands import may
from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.accounts.types import System
from portevoix.delivery.dispatch import answers
from portevoix.delivery.exceptions import ServerUnavailable
from portevoix.delivery.readers import texts
from portevoix.delivery.selectors import texting as reads
from portevoix.delivery.services import texting
from portevoix.kernel.security import public

ON_A_PAGE = 50


@public
@csrf_exempt  # a provider has no page; the secret of the address is looked at first
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def told(request: HttpRequest, secret: str, what: str) -> HttpResponse:
    """Take in what the provider calls for: a receipt, an answer, or a wish to get no more."""
    expected = settings.INSTANCE.sms.webhook_secret
    if not expected or not hmac.compare_digest(secret.encode(), expected.encode()) or what not in TOLD:
        raise Http404
    if request.method != "HEAD":
        TOLD[what](request)
    return HttpResponse(status=204)


def _receipt(request: HttpRequest) -> None:
    if said := texts.receipt(texts.asked(request)):
        texting.take_in_receipts([said], actor=System("delivery.sms"))


def _reply(request: HttpRequest, *, is_stop: bool = False) -> None:
    if said := texts.reply(texts.asked(request), is_stop=is_stop):
        texting.take_in_replies([said], actor=System("delivery.sms"))
        return
    # Told only that there is something: it is fetched, and if that fails the next turn fetches it.
    with suppress(ServerUnavailable):
        if held := answers.held_by_the_provider():
            texting.take_in_replies(held, actor=System("delivery.sms"))


def _stop(request: HttpRequest) -> None:
    _reply(request, is_stop=True)


TOLD = {"receipt": _receipt, "reply": _reply, "stop": _stop}


@require_safe
@seen_by_who_may("delivery.read_reply")
def replies(request: HttpRequest) -> HttpResponse:
    """Show what was answered by text message, by people of the reader's territory, the latest first."""
    actor = actor_of(request)
    is_open = request.GET.get("etat") == "a-lire"
    found = reads.replies(actor, unread_only=is_open)
    context = {
        "page": Paginator(found, ON_A_PAGE).get_page(request.GET.get("page")),
        "is_open": is_open,
        "unread": reads.unread(actor),
        "may_read": may(actor, "delivery.read_reply"),
        "header_title": gettext("Answers by text message"),
        "header_icon": "comment",
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": gettext("Home")},
            {"url": "", "label": gettext("Answers by text message")},
        ],
    }
    return render(request, "delivery/replies.html", context)


@require_POST
@seen_by_who_may("delivery.read_reply")
def read(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark an answer as read."""
    actor = actor_of(request)
    texting.read_reply(get_object_or_404(reads.replies(actor), pk=pk), actor=actor)
    return redirect(f"{reverse('delivery_office:replies')}?etat=a-lire")
