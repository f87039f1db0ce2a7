"""What readers of a letter follow: counted links, and the way out."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portevoix.accounts.types import System, Visitor
from portevoix.delivery import counter, selectors, services, tasks
from portevoix.delivery.exceptions import LinkUnusable
from portevoix.delivery.models import Message
from portevoix.kernel import clock
from portevoix.kernel.security import public
from portevoix.rights import links

#: One transparent point (GIF89a).
NOTHING = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")


@public
@require_safe
@never_cache
def link(request: HttpRequest, code: str, number: int, word: str = "") -> HttpResponse:
    """Count a click and lead to the letter's own target, nowhere else."""
    target = counter.follow(code, number, word, counted=request.method == "GET")
    if target is None:
        raise Http404
    return HttpResponseRedirect(target, headers={"Referrer-Policy": "no-referrer"})


@public
@require_safe
@never_cache
def picture(request: HttpRequest, code: str, word: str = "") -> HttpResponse:
    """Give the picture by which openings are counted where the campaign chose to; nothing of the reader is kept."""
    if request.method == "GET":
        counter.see(code, word)
    return HttpResponse(NOTHING, content_type="image/gif")


@public
@csrf_exempt  # the signed link is the right to leave; mail services post it without a page (RFC 8058)
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ask on GET, since mail scanners follow every link; leave on POST, at once and without a redirect."""
    try:
        message = selectors.message_named_by(token)
    except LinkUnusable:
        return render(request, "delivery/link_unusable.html", status=404)
    if request.method == "POST":
        one_click = request.POST.get("List-Unsubscribe") == "One-Click"
        services.unsubscribe(message, one_click=one_click, actor=Visitor())
    context = {"message": message, "done": request.method == "POST", "preferences": _preferences(message)}
    return render(request, "delivery/unsubscribe.html", context)


@public
@csrf_exempt  # a provider has no page; its login is checked first
@require_POST
@never_cache
def reports(request: HttpRequest, provider: str) -> HttpResponse:
    """Take in what the instance's provider reports of bounces, complaints and readers who left."""
    from portevoix.delivery.readers import provider as providers  # slow to import, and few need it

    mail = settings.INSTANCE.mail
    if provider != mail.backend or provider not in providers.VIEWS or not mail.webhook_secret:
        raise Http404
    if said := providers.read(provider, request, mail.webhook_secret):
        tasks.take_in_what_can_be(said, actor=System(f"delivery.{provider}"))
    return HttpResponse(status=204)


def _preferences(message: Message) -> str:
    """Return the way to all of the reader's choices, as long as the letter's own link to them works.

    The link to unsubscribe works for ever; a forgotten mailbox must not open a file by it.
    """
    if message.person is None or message.batch.created_at < clock.now() - links.LIFETIME:
        return ""
    return links.preferences_url(message.person.ref)
