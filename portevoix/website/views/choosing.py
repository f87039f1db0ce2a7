"""What a visitor accepts of other sites: asked anywhere, answered anywhere, taken back anywhere."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme

from portevoix.accounts.types import Visitor
from portevoix.kernel.security import public_form
from portevoix.website.forms.choosing import ChoiceForm
from portevoix.website.rules import choices
from portevoix.website.selectors import Shell
from portevoix.website.services import answer


@public_form
def choose(request: HttpRequest) -> HttpResponseBase:
    """Show the other sites that pages use, and take an answer about each."""
    shell = Shell(request)
    accepted = choices.read(request.COOKIES.get(choices.COOKIE, ""), shell.question)
    if request.method == "POST" and shell.sources:
        form = ChoiceForm(request.POST, hosts=[source.host for source in shell.sources])
        if form.is_valid():
            return _kept(request, answer(form.accepted, about=shell.sources, way=form.way, actor=Visitor()))
    context = {
        "accepted": accepted or set(),
        "has_answered": accepted is not None,
    }
    context["refuses_everywhere"] = request.headers.get("Sec-GPC") == "1"
    context["is_saved"] = "fait" in request.GET
    response = render(request, "website/choices.html", context)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _kept(request: HttpRequest, written: str) -> HttpResponse:
    """Give the browser its answer to keep: to a script without a page, to a form with the page it came from."""
    asked = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        asked, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    response = HttpResponse(status=204) if asked == "" else redirect(asked if is_ours else "/")
    response.set_cookie(
        choices.COOKIE, written, max_age=choices.LIFETIME, secure=settings.IS_SECURE, samesite="Lax", path="/"
    )
    return response
