"""Where a file found outside comes from."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.disclosure.exceptions import Unreadable
from portevoix.disclosure.forms import LeakForm
from portevoix.disclosure.services.leaks import identify_leak
from portevoix.disclosure.views.exports import trail


@seen_by_who_may("disclosure.identify_leak")
def identify(request: HttpRequest) -> HttpResponse:
    """Take a file or addresses, and name the exports they can come from."""
    form = LeakForm(request.POST or None, request.FILES or None)
    traces = None
    if request.method == "POST" and form.is_valid():
        file, text = form.cleaned_data["file"], form.cleaned_data["text"]
        try:
            traces = identify_leak(file=file, text=text, actor=actor_of(request))
        except Unreadable:
            form.add_error("file", gettext("This archive is encrypted, damaged or far too big: unpack it first."))
    context = {
        "form": form,
        "traces": traces,
        "canary_domain": settings.INSTANCE.disclosure.canary_domain,
        "header_title": gettext("Find the source of a leak"),
        "header_icon": "search",
        "breadcrumbs_items": trail(gettext("Find the source of a leak")),
    }
    return render(request, "disclosure/leak.html", context, status=400 if form.errors else 200)
